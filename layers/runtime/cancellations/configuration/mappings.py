"""How the table of a source says what its deliveries ask for: expressions, checked against what a delivery can hold."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cancellations.configuration import mapping_checks
from cancellations.configuration.keys import Keys, Wanted
from cancellations.domain import BusMatch
from cancellations.source.expressions import Expression, documents
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
    keys: Keys,
    organizations: Sequence[str],
    preset: Preset | None,
    body: BodyKind,
    *,
    bus: BusMatch | None,
    credential: str | None,
) -> Expressions:
    """credential: the header that carries the secret or the token; no expression may read it."""
    request = keys.table("request", "the expressions that find what is asked in a delivery")
    items = _items(keys, preset, body, _document(keys, preset, body, credential))
    over = _document(keys, preset, body, credential, items)
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
    mapping_checks.check_flag(request, expressions.cancel_without_email)
    mapping_checks.check_items(request, expressions)
    filtered = preset is not None and preset.filtered
    mapping_checks.check_absence(keys, request, expressions, over, filtered=filtered)
    return expressions


_SHAPES: Mapping[BodyKind, Shape] = {
    "json": documents.OBJECT,
    "form": documents.FORM,
    "cloudevents": documents.CLOUD_EVENTS,
    "salesforce-outbound": documents.OUTBOUND_MESSAGE,
    "claims": documents.OBJECT,
}


def _document(
    keys: Keys, preset: Preset | None, body: BodyKind, credential: str | None, items: Expression | None = None
) -> Shape:
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
    return documents.document(whole, item=item, claims=claims, on_the_bus=on_the_bus, credential=credential)


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
    elif "filter" in keys and not own:
        keys.fault("filter", "is an empty table", "write a filter, or leave the key out")
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
    """In their own order; a source's own one takes the place of its namesake."""
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
