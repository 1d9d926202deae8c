"""Writes that take a session for one request: which one fits is read off the item (`claims`)."""

from cancellations.domain import Request
from cancellations.protocol.conditions import (
    CANCELED,
    FREE,
    abandoned,
    as_seen,
    in_doubt,
    not_forgotten,
    not_refused,
    not_settled_here,
    session_key,
)
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.values import dataclass
from cancellations.versions import SCHEMA, WRITES
from cancellations.writes import Append, Change, Condition, Default, Increment, Item, Put, Write, number, text

RESTORED_AFTER_S = 900.0
"""Whoever asks for a canceled session so long after it was canceled means something new; who asks sooner is a copy of
who had it canceled, or another system that heard of the same."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a worker asks for. known_open: the request has no outcome, as its own record says."""

    owner: str
    now: float
    until: float
    known_open: bool = False


def claim(request: Request, lease: Lease) -> Write:
    """The optimistic path: the session is free."""
    changes = (
        *_taken(request, lease),
        Default((SCHEMA,), WRITES),
        Default(("organization",), request.organization),
        Default(("remote_session_id",), request.remote_session_id),
        Default(("outcomes",), {}),
    )
    return Write(session_key(request), FREE & _may_ask(request, lease), changes)


def take_over(request: Request, seen: Item, lease: Lease) -> Write:
    """Go on where another attempt ended in the dark; whose it was stays on record until the doubt is resolved.

    Where that attempt was to find out whether a canceled session still is, no call has left, and there is no doubt.
    """
    changes = [*_taken(request, lease)]
    doubt_by = whose_doubt(seen)
    if doubt_by and "canceled_at" not in seen:
        changes += [Put(("doubt_by",), doubt_by), Default(("doubt_since",), lease.now)]
    takeable = as_seen(int(number(seen, "fence") or 0)) & (abandoned(lease.now) | in_doubt(lease.now))
    if doubt_by == request.id:
        return Write(session_key(request), takeable & not_settled_here(request), tuple(changes))
    return Write(session_key(request), takeable & _may_ask(request, lease), tuple(changes))


def look_again(request: Request, seen: Item, lease: Lease) -> Write:
    """Take a canceled session, to see whether somebody has put it back since. Who canceled it stays on record."""
    changes = (*_taken(request, lease), Default(("canceled_at",), canceled_since(seen)))
    canceled = CANCELED & as_seen(int(number(seen, "fence") or 0))
    return Write(session_key(request), canceled & _may_ask(request, lease), changes)


def canceled_since(session: Item) -> float:
    """When it was recorded as canceled. Version 0.1.0 did not say; its last claim was then."""
    known = number(session, "canceled_at")
    return (number(session, "expires_at") or 0.0) - KEPT_FOR_S if known is None else known


def whose_doubt(session: Item) -> str | None:
    """Whose attempt ended in the dark."""
    return text(session, "doubt_by") or text(session, "attempt_by")


def _may_ask(request: Request, lease: Lease) -> Condition:
    may = not_settled_here(request) & not_refused(request, lease.now)
    return may if lease.known_open else may & not_forgotten(request)


def _taken(request: Request, lease: Lease) -> tuple[Change, ...]:
    return (
        Put(("state",), "in_flight"),
        Put(("owner",), lease.owner),
        Increment(("fence",), 1),
        Put(("lease_until",), lease.until),
        Put(("attempt_by",), request.id),
        Append(("attempts",), {"request": request.id, "at": lease.now}),
        Put(("expires_at",), int(lease.now) + KEPT_FOR_S),
    )
