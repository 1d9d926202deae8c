"""DynamoDB's condition and update expressions, read once and carried out on items as the wire has them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any

type Value = Mapping[str, Any]
"""A value with its type, as the wire has it: {"S": "text"}."""
type Path = tuple[str | int, ...]

_TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),.+\-]|\[\d+\]|[#:]?\w+)")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": eq,
    "<>": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What an expression speaks of."""

    item: Mapping[str, Value]
    names: Mapping[str, str]
    values: Mapping[str, Value]

    def path(self, steps: Path) -> Path:
        return tuple(self.names.get(step, step) if isinstance(step, str) else step for step in steps)

    def at(self, steps: Path) -> Value | None:
        first, *rest = self.path(steps)
        found: Value | None = self.item.get(str(first))
        for step in rest:
            if found is None:
                return None
            if isinstance(step, int):
                parts = found.get("L", ())
                found = parts[step] if step < len(parts) else None
            else:
                found = found.get("M", {}).get(step)
        return found


type Operand = Callable[[Scene], Value | None]
type Test = Callable[[Scene], bool]
type Assignment = tuple[Path, Operand]


@dataclass(frozen=True, slots=True)
class Update:
    sets: tuple[Assignment, ...]
    removes: tuple[Path, ...]


class Unreadable(Exception):
    """An expression that is not understood here; DynamoDB itself may."""


@lru_cache(maxsize=256)
def condition(text: str) -> Test:
    """Raises Unreadable."""
    reader = _Reader(text)
    test = reader.either()
    reader.end()
    return test


@lru_cache(maxsize=256)
def update(text: str) -> Update:
    """Raises Unreadable."""
    reader = _Reader(text)
    sets: list[Assignment] = []
    removes: list[Path] = []
    while reader.ahead:
        match reader.next().upper():
            case "SET":
                sets += reader.several(reader.assignment)
            case "REMOVE":
                removes += reader.several(reader.path)
            case clause:
                raise Unreadable(clause)
    return Update(tuple(sets), tuple(removes))


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s", "", text):
            raise Unreadable(text)
        self._place = 0

    @property
    def ahead(self) -> str:
        """Empty at the end."""
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def next(self) -> str:
        self._place += 1
        return str(self._tokens[self._place - 1])

    def end(self) -> None:
        if self.ahead:
            raise Unreadable(self.ahead)

    def several[T](self, read: Callable[[], T]) -> list[T]:
        found = [read()]
        while self._passed(","):
            found.append(read())
        return found

    def either(self) -> Test:
        tests = [self._all()]
        while self._passed("OR"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda scene: any(test(scene) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._passed("AND"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda scene: all(test(scene) for test in tests)

    def _one(self) -> Test:
        if self._passed("NOT"):
            denied = self._one()
            return lambda scene: not denied(scene)
        if self._passed("("):
            inner = self.either()
            self._expect(")")
            return inner
        if (named := self.ahead) in ("attribute_exists", "attribute_not_exists"):
            path = self._argument()
            wanted = named == "attribute_exists"
            return lambda scene: (scene.at(path) is not None) is wanted
        return self._comparison()

    def _comparison(self) -> Test:
        left, sign = self.sum(), self.next()
        if sign not in _COMPARED:
            raise Unreadable(sign)
        right, compare = self.sum(), _COMPARED[sign]

        def test(scene: Scene) -> bool:
            one, other = left(scene), right(scene)
            if one is None or other is None or one.keys() != other.keys():
                return sign == "<>"
            return compare(_comparable(one), _comparable(other))

        return test

    def _argument(self) -> Path:
        self.next()
        self._expect("(")
        path = self.path()
        self._expect(")")
        return path

    def assignment(self) -> Assignment:
        path = self.path()
        self._expect("=")
        return path, self.sum()

    def sum(self) -> Operand:
        left = self._operand()
        if self.ahead not in ("+", "-"):
            return left
        factor, right = (1 if self.next() == "+" else -1), self._operand()
        return lambda scene: {"N": str(_number(left(scene)) + factor * _number(right(scene)))}

    def _operand(self) -> Operand:
        match self.ahead:
            case "if_not_exists":
                path, other = self._pair(self.path)
                return lambda scene: found if (found := scene.at(path)) is not None else other(scene)
            case "list_append":
                one, other = self._pair(self._operand)
                return lambda scene: {"L": [*_list(one(scene)), *_list(other(scene))]}
            case name if name.startswith(":"):
                self.next()
                return lambda scene: scene.values[name]
        path = self.path()
        return lambda scene: scene.at(path)

    def _pair[T](self, first: Callable[[], T]) -> tuple[T, Operand]:
        self.next()
        self._expect("(")
        one = first()
        self._expect(",")
        other = self._operand()
        self._expect(")")
        return one, other

    def path(self) -> Path:
        steps: list[str | int] = [self.next()]
        while True:
            if self._passed("."):
                steps.append(self.next())
            elif self.ahead.startswith("["):
                steps.append(int(self.next()[1:-1]))
            else:
                return tuple(steps)

    def _passed(self, token: str) -> bool:
        if self.ahead.upper() != token:
            return False
        self._place += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._passed(token):
            raise Unreadable(f"{self.ahead!r} in place of {token!r}")


def _comparable(value: Value) -> object:
    return Decimal(value["N"]) if "N" in value else next(iter(value.values()))


def _number(value: Value | None) -> Decimal:
    return Decimal(value["N"]) if value else Decimal(0)


def _list(value: Value | None) -> list[Value]:
    return list(value["L"]) if value else []
