"""Whether a condition can be true because a field is missing: a field that is misspelled must not decide anything."""

from collections.abc import Callable

from cancellations.source.expressions.shapes import Shape
from cancellations.source.expressions.syntax import Impossible, Node

type ShapeOf = Callable[[Node, Shape], Shape]
"""What a node can yield over a shape."""

_SAY_WHAT_IS_MISSING = "compare by ==, or say what a missing field means: (field || '') != 'text'"


def check(condition: Node, over: Shape, shape_of: ShapeOf) -> None:
    """Raises Impossible for the first comparison or negation whose truth may come from a missing field."""
    _check(condition, over, shape_of, holds=True)


def _check(node: Node, over: Shape, shape_of: ShapeOf, *, holds: bool) -> None:
    """holds: whether the condition decides by being true; below a negation it decides by being false."""
    children = node["children"]
    match node["type"]:
        case "and_expression" | "or_expression":
            for child in children:
                _check(child, over, shape_of, holds=holds)
        case "not_expression":
            _check(children[0], over, shape_of, holds=not holds)
        case "pipe":
            left, right = children
            _check(right, shape_of(left, over), shape_of, holds=holds)
        case "comparator" if _may_come_from_nothing(node, over, shape_of, holds=holds):
            kind = "a comparison by !=" if holds else "a negated comparison"
            raise Impossible(f"{kind} is true if the field is missing", _SAY_WHAT_IS_MISSING)
        case "comparator":
            return
        case _ if not holds and shape_of(node, over).nullable:
            raise Impossible(
                "a negation is true if the field is missing", "compare instead: field == `false`"
            )


def _may_come_from_nothing(node: Node, over: Shape, shape_of: ShapeOf, *, holds: bool) -> bool:
    if not any(shape_of(child, over).nullable for child in node["children"]):
        return False
    if any(child["type"] == "literal" and child["value"] is None for child in node["children"]):
        return False  # it asks whether the field is missing
    if node["value"] in ("eq", "ne"):
        return (node["value"] == "ne") is holds
    return not holds  # null is neither smaller nor larger
