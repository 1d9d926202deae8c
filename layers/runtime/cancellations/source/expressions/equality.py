"""Comparisons by == and !=: those that can have one result only are refused, and those that null would make true."""

from cancellations.source.expressions.shapes import Shape, kind_of, named
from cancellations.source.expressions.syntax import Impossible, Node, as_text

type Side = tuple[Node, Shape]
"""One operand: its node, and the shape of what it finds."""

_BOTH = 2


def check(left: Side, right: Side, *, same: bool) -> None:
    """same: whether they are compared by ==. Raises Impossible."""
    (_, one), (_, other) = left, right
    constants = [node["value"] for node, _ in (left, right) if node["type"] == "literal"]
    if len(constants) == _BOTH:
        raise Impossible("it compares two constants", "compare a field with a constant")
    for (node, _), (_, shape) in ((left, right), (right, left)):
        if (
            node["type"] == "literal"
            and shape.fault_of_equal
            and (doubt := shape.fault_of_equal(node["value"]))
        ):
            raise Impossible(*doubt)
    kinds = one.kinds & other.kinds
    if not kinds or (one.only and other.only and not one.only & other.only):
        always = "are never equal" if same else "always differ"
        raise Impossible(f"{_value(*left)} and {_value(*right)} {always}", _fix(left, right))
    if kinds == {"null"} and not constants:
        raise Impossible(
            "it compares values that are equal only if both are missing", "compare with a constant"
        )
    if one.nullable and other.nullable and not constants:
        raise Impossible(
            "it compares two fields, which are equal if both are missing",
            "write a text in single quotes ('text'), or say what a missing field is: (field || '')",
        )


def _fix(left: Side, right: Side) -> str:
    for (node, _), (_, shape) in ((left, right), (right, left)):
        if node["type"] != "literal":
            continue
        if shape.only:
            return f"it is one of: {', '.join(map(as_text, sorted(shape.only)))}"
        if "string" in shape.kinds and isinstance(node["value"], bool | int | float):
            return f"compare with a text: {as_text(str(node['value']).lower())}"
    return "correct one of the two"


def _value(node: Node, shape: Shape) -> str:
    if node["type"] != "literal":
        return named(shape.kinds)
    value = node["value"]
    return "null" if value is None else f"the {kind_of(value).replace('string', 'text')} {str(value)[:40]!r}"
