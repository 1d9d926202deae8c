"""Prints conditional writes in DynamoDB's language, and items in its types."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cancellations.domain import Json
from cancellations.writes import (
    Absent,
    AllOf,
    AnyOf,
    Append,
    Before,
    Change,
    Condition,
    Default,
    Equals,
    Increment,
    Item,
    NotBefore,
    Path,
    Put,
    Remove,
    Write,
)

type Typed = Mapping[str, Any]
"""A value with its type, as the wire has it: {"S": "text"}."""


def update_of(write: Write) -> dict[str, Any]:
    """The expressions of an UpdateItem call: condition, update, names and values."""
    printer = _Printer()
    condition = printer.condition(write.when)
    update = printer.changes(write.changes)
    parts: dict[str, Any] = {
        "ConditionExpression": condition,
        "UpdateExpression": update,
        "ExpressionAttributeNames": printer.names,
    }
    if printer.values:
        parts["ExpressionAttributeValues"] = printer.values
    return parts


def item_from(wire: Mapping[str, Typed]) -> Item:
    return {name: _untyped(value) for name, value in wire.items()}


class _Printer:
    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Typed] = {}
        self._aliases: dict[str, str] = {}

    def condition(self, condition: Condition) -> str:
        match condition:
            case Absent(path):
                return f"attribute_not_exists({self._path(path)})"
            case Equals(path, value):
                return f"{self._path(path)} = {self._value(value)}"
            case Before(path, value):
                return f"{self._path(path)} < {self._value(value)}"
            case NotBefore(path, value):
                return f"{self._path(path)} >= {self._value(value)}"
            case AllOf(parts):
                return "(" + " AND ".join(self.condition(part) for part in parts) + ")"
            case AnyOf(parts):
                return "(" + " OR ".join(self.condition(part) for part in parts) + ")"
        raise TypeError(f"not a condition: {condition!r}")

    def changes(self, changes: tuple[Change, ...]) -> str:
        sets, removes = [], []
        for change in changes:
            path = self._path(change.path)
            match change:
                case Put(_, value):
                    sets.append(f"{path} = {self._value(value)}")
                case Default(_, value):
                    sets.append(f"{path} = if_not_exists({path}, {self._value(value)})")
                case Append(_, value):
                    nothing, one = self._value([]), self._value([value])
                    sets.append(f"{path} = list_append(if_not_exists({path}, {nothing}), {one})")
                case Increment(_, by):
                    sets.append(f"{path} = if_not_exists({path}, {self._value(0)}) + {self._value(by)}")
                case Remove():
                    removes.append(path)
        clauses = ["SET " + ", ".join(sets)] if sets else []
        if removes:
            clauses.append("REMOVE " + ", ".join(removes))
        return " ".join(clauses)

    def _path(self, path: Path) -> str:
        printed = ""
        for step in path:
            if isinstance(step, int):
                printed += f"[{step}]"
            else:
                printed += ("." if printed else "") + self._name(step)
        return printed

    def _name(self, name: str) -> str:
        if name not in self._aliases:
            self._aliases[name] = f"#{len(self._aliases)}"
            self.names[self._aliases[name]] = name
        return self._aliases[name]

    def _value(self, value: Json) -> str:
        alias = f":{len(self.values)}"
        self.values[alias] = typed(value)
        return alias


def typed(value: Json) -> Typed:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": repr(value)}
        case str():
            return {"S": value}
        case list():
            return {"L": [typed(part) for part in value]}
        case dict():
            return {"M": {name: typed(part) for name, part in value.items()}}


def _untyped(wire: Typed) -> Json:
    ((kind, value),) = wire.items()
    match kind:
        case "S" | "BOOL":
            return value  # type: ignore[no-any-return]  # the wire's type tag says what it is
        case "N":
            number = Decimal(value)
            return int(number) if number == number.to_integral_value() else float(number)
        case "NULL":
            return None
        case "L":
            return [_untyped(part) for part in value]
        case "M":
            return {name: _untyped(part) for name, part in value.items()}
    raise TypeError(f"the ledger never writes values of type {kind}")
