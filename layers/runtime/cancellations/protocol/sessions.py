"""Writes of session items: where everything is decided."""

from cancellations.domain import Outcome, Request, SessionState
from cancellations.protocol.conditions import (
    FREE,
    abandoned,
    as_seen,
    held_by,
    in_doubt,
    not_settled_here,
    session_key,
)
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.results import AttemptResult
from cancellations.values import dataclass
from cancellations.versions import SCHEMA, WRITES
from cancellations.writes import Append, Change, Default, Increment, Item, Put, Remove, Write, number, text

KEPT_ATTEMPTS = 60
MAX_OUTCOMES = 100
"""An outcome is what a message that came twice is known by: none is ever dropped, so their number is bounded."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A session that is ours until the lease ends. `doubt_by`: whose earlier attempt may have taken effect."""

    owner: str
    fence: int
    lease_until: float
    tries: int
    """Attempts of this request on the session that made a call or tried to connect, this one included."""
    conflicts: int
    """How many of them Prevail answered with a conflict."""
    last: int
    """This attempt's place in the list of attempts."""
    in_doubt: bool
    doubt_by: str | None
    doubt_since: float
    """Since when somebody has been in doubt about the session."""
    crowded: bool
    """More requests have settled on this session than any honest sender makes."""


def claim(request: Request, *, owner: str, now: float, lease_until: float) -> Write:
    """The optimistic path: the session is free."""
    changes = (
        *_taken(request, owner, now, lease_until),
        Default((SCHEMA,), WRITES),
        Default(("organization",), request.organization),
        Default(("remote_session_id",), request.remote_session_id),
        Default(("outcomes",), {}),
    )
    return Write(session_key(request), FREE & not_settled_here(request), changes)


def take_over(request: Request, seen: Item, *, owner: str, now: float, lease_until: float) -> Write:
    """Go on where another attempt ended in the dark; whose it was stays on record until the doubt is resolved."""
    changes = [*_taken(request, owner, now, lease_until)]
    if doubt_by := text(seen, "doubt_by") or text(seen, "attempt_by"):
        changes += [Put(("doubt_by",), doubt_by), Default(("doubt_since",), now)]
    takeable = as_seen(int(number(seen, "fence") or 0)) & (abandoned(now) | in_doubt(now))
    return Write(session_key(request), takeable & not_settled_here(request), tuple(changes))


def _taken(request: Request, owner: str, now: float, lease_until: float) -> tuple[Change, ...]:
    return (
        Put(("state",), "in_flight"),
        Put(("owner",), owner),
        Increment(("fence",), 1),
        Put(("lease_until",), lease_until),
        Put(("attempt_by",), request.id),
        Append(("attempts",), {"request": request.id, "at": now}),
        Put(("expires_at",), int(now) + KEPT_FOR_S),
    )


def record_canceled(
    request: Request, held: Claim, by: str | None, outcome: Outcome, result: AttemptResult
) -> Write:
    """The session is canceled, for good. `by` None: by nobody that this ledger knows."""
    changes = (
        *_attempt_over(request, held, "canceled", result, outcome),
        *((Put(("canceled_by",), by),) if by else ()),
        *((Put(("canceled_without_email",), request.cancel_without_email),) if by == request.id else ()),
        *DOUBT_RESOLVED,
    )
    return _record(request, held, changes)


def record_refused(request: Request, held: Claim, outcome: Outcome, result: AttemptResult) -> Write:
    """Prevail refused this request; a later one may ask again. The doubt of another request stays."""
    if held.doubt_by not in (None, request.id):
        return _record_in_doubt(request, held, result, outcome)
    return _record(request, held, (*_attempt_over(request, held, "idle", result, outcome), *DOUBT_RESOLVED))


def record_unsent(request: Request, held: Claim, result: AttemptResult) -> Write:
    """Nothing took effect and the request will come again; an older doubt stays."""
    if held.in_doubt:
        return _record_in_doubt(request, held, result)
    return _record(request, held, (*_attempt_over(request, held, "idle", result), *DOUBT_RESOLVED))


def record_unknown(
    request: Request,
    held: Claim,
    result: AttemptResult,
    *,
    now: float,
    settling_s: float,
    outcome: Outcome | None = None,
) -> Write:
    """The attempt may have taken effect; the first in doubt is remembered until the doubt is resolved.

    settling_s: after which a call that is still on its way has arrived; no sooner is the state worth reading.
    """
    look = (Put(("look_after",), now + settling_s), Default(("doubt_since",), now))
    return _record_in_doubt(request, held, result, outcome, look)


RELEASED = (Remove(("owner",)), Remove(("lease_until",)))
DOUBT_RESOLVED = tuple(Remove((name,)) for name in ("doubt_by", "doubt_since", "look_after", "attempt_by"))
LOOK_AT_ONCE = (Default(("look_after",), 0),)
"""Whoever left the doubt is long gone: only a settling time that was noted before still counts."""


def _record_in_doubt(
    request: Request,
    held: Claim,
    result: AttemptResult,
    outcome: Outcome | None = None,
    look: tuple[Change, ...] = LOOK_AT_ONCE,
) -> Write:
    over = _attempt_over(request, held, "unknown", result, outcome)
    doubt_by = Put(("doubt_by",), held.doubt_by or request.id)
    return _record(request, held, (*over, doubt_by, *look))


def _record(request: Request, held: Claim, changes: tuple[Change, ...]) -> Write:
    """What an attempt leaves behind lands only while the session is still the claimant's."""
    return Write(session_key(request), held_by(held.owner, held.fence), changes, told=False)


def _attempt_over(
    request: Request, held: Claim, state: SessionState, result: AttemptResult, outcome: Outcome | None = None
) -> tuple[Change, ...]:
    return (
        Put(("state",), state),
        *(Put(("attempts", held.last, name), value) for name, value in result.as_json().items()),
        *RELEASED,
        *((Put(("outcomes", request.id), outcome.as_json()),) if outcome else ()),
        *((Remove(("attempts", 0)),) if held.last >= KEPT_ATTEMPTS else ()),
    )
