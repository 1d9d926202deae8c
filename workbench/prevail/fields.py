"""Reads JSON that a caller sent and names the field that is wrong."""

import re
from collections.abc import Collection, Iterator, Mapping
from math import isfinite

_YEAR_2100 = 4_102_444_800
# Neither control characters nor halves of pairs, which nothing could show or save.
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_ADDRESS = re.compile(r"[!-?A-~]+@[!-?A-~]+", re.ASCII)
_LONGEST_ADDRESS = 254


class BadField(ValueError):
    """The message names the field and what it must be, and never repeats its value (it may be a key)."""

    def __init__(self, field: str, must: str) -> None:
        super().__init__(f"{field}: {must}")
        self.field = field


class Fields:
    """One JSON object; `at` is the path to it in the document. With `known` every other name is refused."""

    def __init__(self, value: object, at: str, known: Collection[str] | None = None) -> None:
        if not isinstance(value, dict):
            raise BadField(at or "body", "must be an object")
        self._values: Mapping[str, object] = value
        self._at = f"{at}." if at else ""
        if known is not None:
            for name in value:
                if name not in known:
                    raise self.wrong(name, f"is not a field; known are {', '.join(sorted(known))}")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def wrong(self, name: str, must: str) -> BadField:
        return BadField(self._at + name, must)

    def raw(self, name: str, default: object = None) -> object:
        return self._values.get(name, default)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if not isinstance(value, str) or not _TEXT.fullmatch(value):
            raise self.wrong(name, "must be a non-empty, printable string")
        return value

    def text_or_none(self, name: str) -> str | None:
        return None if self._values.get(name) is None else self.text(name)

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        value = self._values.get(name, default)
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(name, f"must be one of {', '.join(choices)}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def number(self, name: str, default: float | None, low: float, high: float) -> float:
        value = self._values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(name, f"must be a number from {low:g} to {high:g}")
        if not isfinite(value) or not low <= value <= high:
            raise self.wrong(name, f"must be a number from {low:g} to {high:g}")
        return value

    def share(self, name: str, default: float) -> float:
        try:
            return float(self.number(name, default, 0, 1))
        except BadField as fault:
            raise self.wrong(name, "must be a share from 0 to 1") from fault

    def whole_number(self, name: str, default: int = 0) -> int:
        value = self._values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(name, "must be a whole number")
        return value

    def count(self, name: str, default: int = 0) -> int:
        value = self.whole_number(name, default)
        if value < 0:
            raise self.wrong(name, "must be a whole number, 0 or more")
        return value

    def epoch_seconds(self, name: str, default: int | None = None) -> int:
        value = self._values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _YEAR_2100:
            raise self.wrong(name, "must be epoch seconds, a whole number before the year 2100")
        return value

    def emails(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._values.get(name, list(default))
        if not isinstance(value, list) or not all(map(is_address, value)):
            raise self.wrong(name, "must be a list of e-mail addresses")
        return tuple(value)

    def items(self, name: str) -> list[object]:
        return items(self._values.get(name, []), self._at + name)

    def part(self, name: str, known: Collection[str] | None = None) -> "Fields":
        return Fields(self._values.get(name), self._at + name, known)


def is_address(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_ADDRESS and bool(_ADDRESS.fullmatch(value))


def items(value: object, at: str) -> list[object]:
    if not isinstance(value, list):
        raise BadField(at, "must be a list")
    return value
