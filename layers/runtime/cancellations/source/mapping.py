"""From a verified document to what it asks for, by the expressions of its source.

Expressions are JMESPath over `{"headers", "body", "sha256", "claims", "item"}`: header names in lower case, the body as
its reader gives it (for a bus event the whole envelope), the hexadecimal SHA-256 of the raw body, the claims of a
token, and the element at hand where a delivery has several items.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import field

from cancellations.domain import Delivery, Json, Request
from cancellations.errors import Malformed
from cancellations.source import values
from cancellations.source.expressions import DoesNotFit, Expression, Unclear
from cancellations.source.values import Unreadable
from cancellations.values import dataclass

type Item = dict[str, Json]

MAX_ITEMS = 100
"""What the largest known sender puts into one delivery."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which organization is meant, by what the payload says: one of an allow-list, and no other."""

    by: Expression
    organizations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Expressions:
    """The compiled expressions of one source. `event_id` has several where one field alone is not unique."""

    organization: str | Allowed
    event_id: tuple[Expression, ...]
    remote_session_id: Expression
    cancel_without_email: Expression | bool = False
    reason: Expression | None = None
    requested_by: Expression | None = None
    starts_at: Expression | None = None
    filters: Mapping[str, Expression] = field(default_factory=dict)
    incomplete: Mapping[str, Expression] = field(default_factory=dict)
    """Conditions under which a delivery lacks what it is about, so that nobody can judge it."""
    items: Expression | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an item asks for. `session` is the sender's own id if the source looks sessions up.

    notes: what only describes the request and could not be read, so that it was left out.
    """

    organization: str
    event_id: str
    session: object
    cancel_without_email: bool
    reason: str | None
    requested_by: str | None
    starts_at: float | None
    notes: tuple[str, ...] = ()


def document(delivery: Delivery, body: Json, claims: Json) -> Item:
    digest = hashlib.sha256(delivery.body).hexdigest()
    return {"headers": dict(delivery.headers), "body": body, "sha256": digest, "claims": claims}


def bus_document(event: Json) -> Item:
    return {"headers": {}, "body": event, "sha256": None, "claims": None}


def items(expressions: Expressions, document: Item) -> list[Item] | None:
    """The items of a delivery that carries a list of them; None for one that is its only item. Raises Malformed."""
    if expressions.items is None:
        if not isinstance(document["body"], dict):
            raise Malformed("the body is not a JSON object")
        return None
    found = _search(expressions.items, document, "items")
    if isinstance(found, dict):
        document["item"] = found
        return None
    if not isinstance(found, list):
        raise Malformed(f"the items are {values.kind(found)}, not a list")
    if len(found) > MAX_ITEMS:
        raise Malformed(f"the delivery has more than {MAX_ITEMS} items")
    return [{**document, "item": item} for item in found]


def failed_filter(expressions: Expressions, item: Item) -> str | None:
    """The name of the first filter that calls this item no cancellation.

    Raises Malformed if that cannot be judged: the item is incomplete, or a filter is neither true nor false.
    """
    for name, expression in expressions.incomplete.items():
        if _verdict(expression, item, f"incomplete.{name}"):
            raise Malformed(f"the delivery is incomplete ({name}): it does not carry what it is about")
    for name, expression in expressions.filters.items():
        if not _verdict(expression, item, f"filter {name}"):
            return name
    return None


def _verdict(expression: Expression, item: Item, name: str) -> bool:
    verdict = _search(expression, item, name)
    if not isinstance(verdict, bool):
        raise Malformed(f"the source's {name} yields {values.kind(verdict)}, not true or false")
    return verdict


def asked(expressions: Expressions, item: Item) -> Asked:
    """Raises Malformed naming the field that is wrong, if it is one that decides."""
    flag = expressions.cancel_without_email
    notes: list[str] = []

    def described[T](
        name: str, expression: Expression | None, read: Callable[[object], T | None]
    ) -> T | None:
        if expression is None:
            return None
        return values.described(name, lambda: read(_readable(expression, item)), notes)

    return Asked(
        organization=_organization(expressions.organization, item),
        event_id=_event_id(expressions.event_id, item),
        session=_search(expressions.remote_session_id, item, "remote_session_id"),
        cancel_without_email=(
            flag if isinstance(flag, bool) else values.flag(_search(flag, item, "cancel_without_email"))
        ),
        reason=described("reason", expressions.reason, values.words),
        requested_by=described("requested_by", expressions.requested_by, values.words),
        starts_at=described("starts_at", expressions.starts_at, values.moment),
        notes=tuple(notes),
    )


def request_from(asked: Asked, session: object, *, source: str, now: float) -> Request:
    """Raises Malformed if the session's id could be anything but one."""
    return Request(
        organization=asked.organization,
        source=source,
        event_id=asked.event_id,
        remote_session_id=values.session_id(session),
        cancel_without_email=asked.cancel_without_email,
        accepted_at=now,
        reason=asked.reason,
        requested_by=asked.requested_by,
        starts_at=asked.starts_at,
        notes=asked.notes,
    )


def _organization(organization: str | Allowed, item: Item) -> str:
    if isinstance(organization, str):
        return organization
    found = _search(organization.by, item, "organization")
    named = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    if not isinstance(named, str) or named not in organization.organizations:
        raise Malformed("organization is none that the source may speak for")
    return organization.organizations[named]


def _event_id(expressions: tuple[Expression, ...], item: Item) -> str:
    found = [_search(expression, item, "event_id") for expression in expressions]
    return values.event_id(found[0]) if len(found) == 1 else values.composed_event_id(found)


def _readable(expression: Expression, item: Item) -> object:
    try:
        return expression.search(item)
    except DoesNotFit as e:
        raise Unreadable("its expression does not fit this delivery") from e


def _search(expression: Expression, item: Item, field: str) -> object:
    try:
        return expression.search(item)
    except Unclear as e:
        raise Malformed(f"{field} cannot be judged: {e}") from e
    except DoesNotFit as e:
        raise Malformed(f"{field} cannot be read: the source's expression does not fit the body") from e
