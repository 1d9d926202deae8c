"""How the table of a source says what its deliveries ask for: expressions, checked against what a delivery can hold."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from cancellations.configuration.keys import Keys, Wanted
from cancellations.domain import BusMatch, Json
from cancellations.errors import Malformed
from cancellations.source import values
from cancellations.source.expressions import DoesNotFit, Expression, absence, documents
from cancellations.source.expressions.comparing import REFUSING, UNDERSTANDING
from cancellations.source.expressions.shapes import ANYTHING, Shape, element_of, not_null
from cancellations.source.mapping import Allowed, Expressions
from cancellations.source.presets import EVENT_ID_OF_BODY, ITEMS_OF_BODY, BodyKind, Preset

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)

_CHANGES_BY_APPFLOW = ("aws.partner/appflow/", "ChangeEvent")
_WITHOUT_THE_RECORD = {
    "summary": "type(body.detail.ChangeEventHeader) != 'object'",
    "gap": "starts_with(body.detail.ChangeEventHeader.changeType || '', 'GAP_')",
}
"""Of an event over 256 KB AppFlow sends a summary that points to S3 (docs.aws.amazon.com/appflow: quotas); of changes
that Salesforce could not put into one, an event says that there were some."""


def mapping_in(
    keys: Keys, organizations: Sequence[str], preset: Preset | None, body: BodyKind, bus: BusMatch | None
) -> Expressions:
    request = keys.table("request", "the expressions that find what is asked in a delivery")
    over_all = _document(keys, preset, body)
    items = _items(keys, preset, body, over_all)
    over = _document(keys, preset, body, items)
    filters = _filters(keys, preset, over)
    described = Wanted(("string", "number", "boolean", "list"), over)
    expressions = Expressions(
        organization=_organization(keys, organizations, over),
        event_id=request.expressions("event_id", Wanted(("string",), over), default=_event_id(preset, body)),
        remote_session_id=request.expression("remote_session_id", Wanted(("string", "number"), over)),
        cancel_without_email=request.expression_or_constant(
            "cancel_without_email",
            Wanted(("boolean",), over, decides=True, comparing=UNDERSTANDING),
        ),
        reason=request.optional_expression("reason", described),
        requested_by=request.optional_expression("requested_by", described),
        starts_at=request.optional_expression("starts_at", Wanted(("string", "number"), over)),
        filters=MappingProxyType(filters),
        incomplete=MappingProxyType(_incomplete(keys, bus, over)),
        items=items,
    )
    request.no_others()
    _check_absence(keys, request, expressions, over)
    return expressions


_SHAPES: Mapping[BodyKind, Shape] = {
    "json": documents.OBJECT,
    "form": documents.FORM,
    "cloudevents": documents.CLOUD_EVENTS,
    "salesforce-outbound": documents.OUTBOUND_MESSAGE,
    "claims": documents.OBJECT,
}


def _document(keys: Keys, preset: Preset | None, body: BodyKind, items: Expression | None = None) -> Shape:
    """What the expressions of this source are searched in; the one for its items, in a document without an item."""
    on_the_bus = preset is None
    if on_the_bus and "bus" not in keys:
        return ANYTHING  # which sender it is has been noted as unknown
    whole = documents.BUS_EVENT if on_the_bus else _SHAPES[body]
    if body == "json" and preset and ("items" in keys or preset.items):
        whole = documents.OBJECT_OR_LIST
    found = None if items is None else items.yields
    item = found and not_null(element_of(found) if "list" in found.kinds else found)
    claims = preset is not None and preset.tokens
    return documents.document(whole, item=item, claims=claims, on_the_bus=on_the_bus)


def _event_id(preset: Preset | None, body: BodyKind) -> str | tuple[str, ...] | None:
    return EVENT_ID_OF_BODY.get(body, preset.event_id if preset else "body.id")


def _items(keys: Keys, preset: Preset | None, body: BodyKind, over: Shape) -> Expression | None:
    wanted = Wanted(("list", "object"), over)
    default = ITEMS_OF_BODY.get(body, preset.items if preset else None)
    return keys.expression("items", wanted, default) if default else keys.optional_expression("items", wanted)


def _filters(keys: Keys, preset: Preset | None, over: Shape) -> dict[str, Expression]:
    """The preset's, then the source's own; one of the same name takes its place."""
    wanted = Wanted(("boolean",), over, decides=True, comparing=REFUSING)
    own = keys.named_expressions("filter", wanted, _NAME)
    found = {**_defaults(keys, "filter", preset.filters if preset else {}, wanted, own), **own}
    if preset and preset.filtered and not found:
        keys.fault(
            "filter", "is missing", "say which deliveries are cancellations, such as \"body.type == '…'\""
        )
    return found


def _incomplete(keys: Keys, bus: BusMatch | None, over: Shape) -> dict[str, Expression]:
    """What a delivery is that lacks what it is about: refused by this name, before a filter could ignore it."""
    wanted = Wanted(("boolean",), over)
    own = keys.named_expressions("incomplete", wanted, _NAME)
    start, end = _CHANGES_BY_APPFLOW
    by_appflow = bus is not None and bus.source.startswith(start) and bus.detail_type.endswith(end)
    return {**_defaults(keys, "incomplete", _WITHOUT_THE_RECORD if by_appflow else {}, wanted, own), **own}


def _defaults(
    keys: Keys, key: str, written: Mapping[str, str], wanted: Wanted, own: Mapping[str, Expression]
) -> dict[str, Expression]:
    """In their own order; the place of one that is written anew is kept for it."""
    return {
        name: own[name] if name in own else keys.compiled(key, one, wanted) for name, one in written.items()
    }


def _organization(keys: Keys, organizations: Sequence[str], over: Shape) -> str | Allowed:
    if keys.kind("organization") is not dict:
        return _slug(keys, "organization", organizations)
    table = keys.table("organization", "")
    by = table.expression("from", Wanted(("string", "number"), over))
    allowed = table.table("map", "which value means which organization")
    found = {value: _slug(allowed, value, organizations) for value in allowed.names()}
    table.no_others()
    return Allowed(by, MappingProxyType(found))


def _slug(keys: Keys, key: str, organizations: Sequence[str]) -> str:
    return keys.one_of(key, organizations) if organizations else keys.text(key, "the slug of an organization")


# ── Without the fields that are named ─────────────────────────────────────────────────────────────


def _check_absence(keys: Keys, request: Keys, expressions: Expressions, over: Shape) -> None:
    """A delivery that has none of the fields that an expression names must not look like a cancellation."""
    filters = expressions.filters.values()
    for document in _without(filters, over):
        if filters and all(_found(one, document) is True for one in filters):
            keys.fault(
                "filter",
                "is true of a delivery that has none of the fields it names",
                "compare a field with a constant, such as \"body.type == '…'\"",
            )
            break
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


def _without(expressions: Iterable[Expression], over: Shape) -> list[dict[str, Json]]:
    """Documents that these expressions could be searched in, without the fields that they name."""
    roots: dict[str, Json] = {name: {} for name in over.fields}
    if "sha256" in roots:
        roots["sha256"] = "0" * 64
    return list(absence.documents([one.tree for one in expressions], roots))


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
