"""What a document can look like: its fields and their kinds. A form has other ones than a notification in SOAP."""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Literal

from cancellations.values import dataclass

type Kind = Literal["null", "boolean", "number", "string", "list", "object"]

KINDS: frozenset[Kind] = frozenset(("null", "boolean", "number", "string", "list", "object"))

type Doubt = tuple[str, str]
"""What is wrong, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The kinds that a value can be of, and the parts that it can have.

    fields: those that an object is known to have; the others are `rest`, and there are none if that is None.
    absent: fields that it has under other circumstances only, and what must be done to have them.
    fault_of_name: what keeps a field of `rest` from having this name.
    fault_of_equal: what keeps it from ever being equal to a constant.
    """

    kinds: frozenset[Kind]
    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    rest: "Shape | None" = None
    element: "Shape | None" = None
    name: str = "a value"
    absent: Mapping[str, Doubt] = field(default_factory=dict)
    fault_of_name: Callable[[str], Doubt | None] | None = None
    fault_of_equal: Callable[[object], Doubt | None] | None = None
    only: frozenset[str] | None = None

    @property
    def nullable(self) -> bool:
        return "null" in self.kinds


def of(*kinds: Kind, name: str = "a value") -> Shape:
    """Values of these kinds, whose parts can be anything."""
    return Shape(frozenset(kinds), name=name)


ANYTHING = Shape(KINDS)
"""Its parts are ANYTHING too: see `part_of` and `element_of`."""


def part_of(shape: Shape) -> Shape:
    """What fields beyond the known ones are."""
    return ANYTHING if is_open(shape) else shape.rest or ANYTHING


def is_open(shape: Shape) -> bool:
    """Whether it can have any field."""
    return not shape.fields and shape.rest is None and not shape.absent


def element_of(shape: Shape) -> Shape:
    return shape.element or ANYTHING


def either(*shapes: Shape) -> Shape:
    """One of several. Parts are known only if one alone can have any."""
    first, *others = shapes
    if all(other == first for other in others):
        return first
    kinds = frozenset(kind for shape in shapes for kind in shape.kinds)
    with_parts = [shape for shape in shapes if shape.kinds & {"object", "list"}]
    if len(with_parts) == 1:
        return replace(with_parts[0], kinds=kinds, fault_of_equal=None, only=None)
    return Shape(kinds)


def or_null(shape: Shape) -> Shape:
    """The same, which may be missing."""
    return shape if shape.nullable else replace(shape, kinds=shape.kinds | {"null"})


def not_null(shape: Shape) -> Shape:
    """The same, which is not missing."""
    return replace(shape, kinds=shape.kinds - {"null"})


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────


def named(kinds: frozenset[Kind]) -> str:
    """Kinds in words, such as "a text or a number"."""
    found = sorted(kinds - {"null"}) or ["null"]
    return " or ".join(_WITH_ARTICLE[kind] for kind in found) if kinds != KINDS else "anything"


_WITH_ARTICLE = {
    "boolean": "a boolean",
    "list": "a list",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}


def kind_of(value: object) -> Kind:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
    return "object"
