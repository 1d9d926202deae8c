"""What a mapping must not do although each of its expressions is valid: invent a request, or make two of them one."""

from collections.abc import Iterable

from cancellations.configuration.keys import Keys
from cancellations.domain import Json
from cancellations.errors import Malformed
from cancellations.source import values
from cancellations.source.expressions import DoesNotFit, Expression, absence
from cancellations.source.expressions.shapes import Shape
from cancellations.source.expressions.syntax import nodes
from cancellations.source.mapping import Expressions


def check_flag(request: Keys, expression: Expression | bool) -> None:
    """A flag that is read by the look of its text would be read wrongly in another spelling."""
    if isinstance(expression, bool):
        return
    for node in nodes(expression.tree):
        kind, value = node["type"], node.get("value")
        orders = kind == "comparator" and value not in ("eq", "ne")
        asks_for_null = kind == "comparator" and any(c == _NULL for c in node["children"])
        if orders or asks_for_null or (kind == "function_expression" and value not in _READS_FLAGS):
            fault = "reads a flag by the look of it, which differs from sender to sender"
            request.fault("cancel_without_email", fault, 'let flag() read it: "flag(body.field)"')
            return


_READS_FLAGS = ("flag", "contains", "not_null")
_NULL: Json = {"type": "literal", "value": None, "children": []}


def check_items(request: Keys, expressions: Expressions) -> None:
    """Items that name the same session, or the same event, would be one request."""
    if expressions.items is None:
        return
    if not _names_item([expressions.remote_session_id]):
        request.fault("remote_session_id", "is the same for every item", "read it from item")
    if expressions.event_id and not _names_item(expressions.event_id):
        request.fault(
            "event_id",
            "is the same for every item, so that only the first would be canceled",
            "write a list, with a field of item in it",
        )


def _names_item(expressions: Iterable[Expression]) -> bool:
    return any(node == _ITEM for one in expressions for node in nodes(one.tree))


_ITEM: Json = {"type": "field", "children": [], "value": "item"}


def check_absence(
    keys: Keys, request: Keys, expressions: Expressions, over: Shape, *, filtered: bool
) -> None:
    """A delivery that has none of the fields that an expression names must not look like a cancellation.

    filtered: the sender announces more than cancellations, so that the fields of the request alone mean nothing.
    """
    filters = expressions.filters.values()
    asked = [expressions.remote_session_id, *expressions.event_id] if filtered else []
    for document in _without(filters, over, asked):
        if filters and all(_found(one, document) is True for one in filters):
            keys.fault(
                "filter",
                "is true of a delivery that has none of the fields it names",
                "compare a field with a constant, such as \"body.type == '…'\"",
            )
            break
    flag = expressions.cancel_without_email
    if not isinstance(flag, bool) and any(_found(flag, d) is True for d in _without([flag], over)):
        fault = "spares the e-mail even if its fields are missing"
        request.fault("cancel_without_email", fault, 'write "flag(body.field)", or true for every delivery')
    session = expressions.remote_session_id
    if any(_is_id(_found(session, document)) for document in _without([session], over)):
        request.fault(
            "remote_session_id",
            "names a session even if its fields are missing",
            "name a field of the delivery",
        )
    parts = expressions.event_id
    for document in _without(parts, over):
        document["sha256"] = None  # which differs from event to event
        if parts and all(_is_id(_found(part, document)) for part in parts):
            request.fault(
                "event_id", "is the same for every delivery", "name a field of the delivery, or sha256"
            )
            break


def _without(
    expressions: Iterable[Expression], over: Shape, asked: Iterable[Expression] = ()
) -> list[dict[str, Json]]:
    """Documents that these expressions could be searched in, without the fields that they name.

    asked: expressions whose fields the documents have, the others as well.
    """
    roots: dict[str, Json] = {name: {} for name in over.fields}
    if "sha256" in roots:
        roots["sha256"] = "0" * 64
    there = [one.tree for one in asked]
    return list(absence.documents([one.tree for one in expressions], roots, there))


def _found(expression: Expression, document: object) -> object:
    try:
        return expression.search(document)
    except DoesNotFit:
        return None


def _is_id(found: object) -> bool:
    try:
        return bool(values.sender_id(found))
    except Malformed:
        return False
