"""From a verified document to what it asks for, by the expressions of its source.

Expressions are JMESPath over `{"headers", "body", "sha256", "claims", "item"}`: header names in lower case, the body as
its reader gives it (for a bus event the whole envelope), the hexadecimal SHA-256 of the raw body, the claims of a
token, and the element at hand where a delivery has several items.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import field

from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from cancellations.domain import Delivery, Json, Request
from cancellations.errors import Malformed
from cancellations.source import values
from cancellations.values import dataclass

type Item = dict[str, Json]

MAX_ITEMS = 100
"""What the largest known sender puts into one delivery."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which organization is meant, by what the payload says: one of an allow-list, and no other."""

    by: ParsedResult
    organizations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Expressions:
    """The compiled expressions of one source. `event_id` has several where one field alone is not unique."""

    organization: str | Allowed
    event_id: tuple[ParsedResult, ...]
    remote_session_id: ParsedResult
    cancel_without_email: ParsedResult | bool = False
    reason: ParsedResult | None = None
    requested_by: ParsedResult | None = None
    starts_at: ParsedResult | None = None
    filters: Mapping[str, ParsedResult] = field(default_factory=dict)
    items: ParsedResult | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an item asks for. `session` is the sender's own id where the source looks sessions up."""

    organization: str
    event_id: str
    session: object
    cancel_without_email: bool
    reason: str | None
    requested_by: str | None
    starts_at: float | None


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
    """The name of the first filter that calls this item no cancellation. Raises Malformed."""
    for name, expression in expressions.filters.items():
        verdict = _search(expression, item, f"filter {name}")
        if not isinstance(verdict, bool):
            raise Malformed(f"the source's filter {name} yields {values.kind(verdict)}, not true or false")
        if not verdict:
            return name
    return None


def asked(expressions: Expressions, item: Item) -> Asked:
    """Raises Malformed naming the field that is wrong."""
    flag = expressions.cancel_without_email
    return Asked(
        organization=_organization(expressions.organization, item),
        event_id=_event_id(expressions.event_id, item),
        session=_search(expressions.remote_session_id, item, "remote_session_id"),
        cancel_without_email=(
            flag if isinstance(flag, bool) else values.flag(_search(flag, item, "cancel_without_email"))
        ),
        reason=values.note(_found(expressions.reason, item, "reason"), "reason"),
        requested_by=values.note(_found(expressions.requested_by, item, "requested_by"), "requested_by"),
        starts_at=values.moment(_found(expressions.starts_at, item, "starts_at")),
    )


def request_from(asked: Asked, session: object, *, source: str, now: float) -> Request:
    """Raises Malformed where the session's id could be anything but one."""
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
    )


def _organization(organization: str | Allowed, item: Item) -> str:
    if isinstance(organization, str):
        return organization
    found = _search(organization.by, item, "organization")
    named = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    if not isinstance(named, str) or named not in organization.organizations:
        raise Malformed("organization is none that the source may speak for")
    return organization.organizations[named]


def _event_id(expressions: tuple[ParsedResult, ...], item: Item) -> str:
    found = [_search(expression, item, "event_id") for expression in expressions]
    return values.event_id(found[0]) if len(found) == 1 else values.composed_event_id(found)


def _found(expression: ParsedResult | None, item: Item, field: str) -> object:
    return None if expression is None else _search(expression, item, field)


def _search(expression: ParsedResult, item: Item, field: str) -> object:
    try:
        return expression.search(item)
    except (JMESPathError, TypeError, ValueError, ArithmeticError) as e:  # jmespath lets Python's own out too
        raise Malformed(f"{field} cannot be read: the source's expression does not fit the body") from e
