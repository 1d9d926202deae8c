"""Conditional writes as values, so that the protocol is written once and every table obeys the same text.

A condition can be printed as an expression for DynamoDB (adapters) or judged against an item in memory (`holds`).
A path is a tuple of attribute names and list positions; paths in changes speak of the item as it was before.
"""

from typing import cast

from cancellations.domain import Json
from cancellations.values import dataclass

type Path = tuple[str | int, ...]
type Item = dict[str, Json]

KEY = "pk"
"""The table's only key attribute."""


class Condition:
    """What must be true of the item for a write to land."""

    __slots__ = ()

    def __and__(self, other: "Condition") -> "AllOf":
        return AllOf((self, other))

    def __or__(self, other: "Condition") -> "AnyOf":
        return AnyOf((self, other))


@dataclass(frozen=True, slots=True)
class Absent(Condition):
    path: Path


@dataclass(frozen=True, slots=True)
class Equals(Condition):
    path: Path
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Before(Condition):
    """The attribute is there and smaller."""

    path: Path
    value: float


@dataclass(frozen=True, slots=True)
class NotBefore(Condition):
    """The attribute is there and not smaller."""

    path: Path
    value: float


@dataclass(frozen=True, slots=True)
class AllOf(Condition):
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Put:
    path: Path
    value: Json


@dataclass(frozen=True, slots=True)
class Default:
    """Puts the value only where nothing is yet."""

    path: Path
    value: Json


@dataclass(frozen=True, slots=True)
class Append:
    """Adds to the end of a list, which is made where it is missing."""

    path: Path
    value: Json


@dataclass(frozen=True, slots=True)
class Increment:
    """Adds to a number; a missing one counts as 0."""

    path: Path
    by: float


@dataclass(frozen=True, slots=True)
class Remove:
    path: Path


type Change = Put | Default | Append | Increment | Remove


@dataclass(frozen=True, slots=True)
class Write:
    """One conditional update of the item under `key`, which is made where it is missing."""

    key: str
    when: Condition
    changes: tuple[Change, ...]
    told: bool = True
    """Whether the writer hears what the item is afterwards; to be told costs more than to write."""


class ConditionFailed(Exception):
    """The condition did not hold; `item` is the item as it stands, empty where there is none."""

    def __init__(self, item: Item) -> None:
        super().__init__("the write's condition does not hold")
        self.item = item


def at(item: Json, path: Path) -> Json:
    """The value at a path, None where any step of it is missing."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(item, list) or step >= len(item):
                return None
            item = item[step]
        else:
            if not isinstance(item, dict) or step not in item:
                return None
            item = item[step]
    return item


def holds(condition: Condition, item: Item) -> bool:
    """Whether a condition is true of an item."""
    match condition:
        case Absent(path):
            return at(item, path) is None
        case Equals(path, value):
            return at(item, path) == value
        case Before(path, value):
            found = at(item, path)
            return isinstance(found, int | float) and found < value
        case NotBefore(path, value):
            found = at(item, path)
            return isinstance(found, int | float) and found >= value
        case AllOf(conditions):
            return all(holds(part, item) for part in conditions)
        case AnyOf(conditions):
            return any(holds(part, item) for part in conditions)
    raise TypeError(f"not a condition: {condition!r}")


def text(item: Item, name: str) -> str | None:
    """A string attribute, None where it is missing."""
    return cast("str | None", item.get(name))


def number(item: Item, name: str) -> float | None:
    """A numeric attribute, None where it is missing."""
    return cast("float | None", item.get(name))
