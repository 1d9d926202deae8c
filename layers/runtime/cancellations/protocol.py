"""The ledger protocol: every write that the ledger knows, its condition by name. Read top to bottom.

    request   accept ──► (postpone)* ──► settle
    session   idle ──claim──► in_flight ──record──► canceled | idle | unknown ──take_over──► in_flight ──► …

1. accept     the request is stored; nothing else may happen before.
2. claim      takes the session and marks the intent in one write, before any byte leaves for Prevail.
   take_over  the same where an earlier attempt may have taken effect: an expired lease, or `unknown`.
3. record     what came of the attempt: the session's state and the request's outcome in one write.
4. settle     the request says so too. Only then may its message go.

Nothing deletes. Nothing with an old fence lands. `canceled` is final. Times are epoch seconds.
"""

from dataclasses import dataclass

from cancellations.domain import Outcome, Request, SessionState, Status
from cancellations.writes import (
    KEY,
    Absent,
    Append,
    Before,
    Change,
    Condition,
    Default,
    Equals,
    Increment,
    Item,
    Put,
    Remove,
    Write,
    number,
    text,
)

SCHEMA = 1
KEPT_ATTEMPTS = 30
KEPT_FOR_S = 400 * 24 * 3600
"""Longer than every way a delivery can come again (senders' retries, queue, dead letters, a year's archive)."""


def request_key(request_id: str) -> str:
    return f"REQUEST#{request_id}"


def session_key(request: Request) -> str:
    return f"SESSION#{request.organization}#{request.remote_session_id}"


# ── Conditions ────────────────────────────────────────────────────────────────────────────────────

NEW = Absent((KEY,))
NOT_SETTLED = Absent(("outcome",))
FREE = Absent(("state",)) | Equals(("state",), "idle")


def in_doubt(now: float) -> Condition:
    """An attempt may have taken effect, and it has had the time to arrive: the state may be read now."""
    return Equals(("state",), "unknown") & Before(("look_after",), now)


def abandoned(now: float) -> Condition:
    """Somebody took it and did not come back: the lease has run out."""
    return Equals(("state",), "in_flight") & Before(("lease_until",), now)


def not_settled_here(request: Request) -> Condition:
    """The request has no outcome on this session; a message that came twice finds one."""
    return Absent(("outcomes", request.id))


def as_seen(fence: int) -> Condition:
    """Nobody has taken the session since it was looked at: of many who saw it, one gets it."""
    return Equals(("fence",), fence)


def held_by(claim: "Claim") -> Condition:
    """The session is still the claimant's."""
    return Equals(("owner",), claim.owner) & Equals(("fence",), claim.fence)


def still_queued(since: float) -> Condition:
    """No message has been put for the request since the time that was read."""
    return NOT_SETTLED & Equals(("status",), "queued") & Equals(("queued_at",), since)


# ── Requests ──────────────────────────────────────────────────────────────────────────────────────


def accept(request: Request, *, token: str, now: float) -> Write:
    """Store a request once. `token` lets whoever wrote it know its own write when the reply is lost."""
    stored = {
        "schema": SCHEMA,
        **request.as_json(),
        "fingerprint": request.fingerprint,
        "status": "queued",
        "queued_at": now,
        "accepted_by": token,
        "expires_at": int(now) + KEPT_FOR_S,
    }
    return Write(request_key(request.id), NEW, tuple(Put((name,), v) for name, v in stored.items()))


def note_conflict(request: Request, *, now: float) -> Write:
    """Another payload came under the same key: the first one wins, and the record says that there was another."""
    changes = (Increment(("conflicts",), 1), Put(("last_conflict_at",), now))
    return Write(request_key(request.id), Equals((KEY,), request_key(request.id)), changes)


def queue_again(request: Request, *, since: float, now: float) -> Write:
    """Take the right to put one more message for a request whose first may never have been sent."""
    return Write(request_key(request.id), still_queued(since), (Put(("queued_at",), now),))


def postpone(request: Request, status: Status, *, reason: str, next_at: float) -> Write:
    changes = (Put(("status",), status), Put(("waiting_for",), reason), Put(("next_at",), next_at))
    return Write(request_key(request.id), NOT_SETTLED, changes)


def settle(request: Request, outcome: Outcome, *, now: float) -> Write:
    changes: tuple[Change, ...] = (
        Put(("status",), outcome.status),
        Put(("outcome",), outcome.as_json()),
        Put(("settled_at",), now),
        Remove(("waiting_for",)),
        Remove(("next_at",)),
    )
    return Write(request_key(request.id), NOT_SETTLED, changes)


# ── Sessions ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Claim:
    """A session that is ours until the lease ends. `doubt_by`: whose earlier attempt may have taken effect."""

    owner: str
    fence: int
    lease_until: float
    attempts: int
    """Attempts of this request on the session, this one included."""
    last: int
    """This attempt's place in the list of attempts."""
    in_doubt: bool
    doubt_by: str | None


def claim(request: Request, *, owner: str, now: float, lease_until: float) -> Write:
    """The optimistic path: the session is free."""
    changes = (
        *_taken(request, owner, now, lease_until),
        Default(("schema",), SCHEMA),
        Default(("organization",), request.organization),
        Default(("remote_session_id",), request.remote_session_id),
        Default(("outcomes",), {}),
    )
    return Write(session_key(request), FREE & not_settled_here(request), changes)


def take_over(request: Request, seen: Item, *, owner: str, now: float, lease_until: float) -> Write:
    """Go on where another attempt ended in the dark; whose it was stays on record until the doubt is resolved."""
    changes = [*_taken(request, owner, now, lease_until)]
    if doubt_by := text(seen, "doubt_by") or text(seen, "attempt_by"):
        changes.append(Put(("doubt_by",), doubt_by))
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


def record_canceled(request: Request, held: Claim, by: str | None, outcome: Outcome, answer: str) -> Write:
    """The session is canceled, for good. `by` None: by nobody that this ledger knows."""
    changes = (
        *_attempt_over(request, held, "canceled", answer, outcome),
        *((Put(("canceled_by",), by),) if by else ()),
        *DOUBT_RESOLVED,
    )
    return Write(session_key(request), held_by(held), changes)


def record_refused(request: Request, held: Claim, outcome: Outcome, answer: str) -> Write:
    """Prevail refused this request; a later one may ask again. The doubt of another request stays."""
    if held.doubt_by not in (None, request.id):
        return _record_in_doubt(request, held, answer, outcome)
    changes = (
        *_attempt_over(request, held, "idle", answer, outcome),
        *DOUBT_RESOLVED,
    )
    return Write(session_key(request), held_by(held), changes)


def record_unsent(request: Request, held: Claim, answer: str) -> Write:
    """Nothing took effect and the request will come again; an older doubt stays."""
    if held.in_doubt:
        return _record_in_doubt(request, held, answer)
    changes = (*_attempt_over(request, held, "idle", answer), Remove(("attempt_by",)))
    return Write(session_key(request), held_by(held), changes)


def record_unknown(
    request: Request, held: Claim, answer: str, *, look_after: float, outcome: Outcome | None = None
) -> Write:
    """The attempt may have taken effect; the first in doubt is remembered until the doubt is resolved.

    look_after: when a call that is still on its way has surely arrived; no sooner is the state worth reading.
    """
    return _record_in_doubt(request, held, answer, outcome, Put(("look_after",), look_after))


RELEASED = (Remove(("owner",)), Remove(("lease_until",)))
DOUBT_RESOLVED = (Remove(("doubt_by",)), Remove(("attempt_by",)))
LOOK_AT_ONCE = Default(("look_after",), 0)
"""Whoever left the doubt is long gone: only a settling time that was noted before still counts."""


def _record_in_doubt(
    request: Request,
    held: Claim,
    answer: str,
    outcome: Outcome | None = None,
    look: Change = LOOK_AT_ONCE,
) -> Write:
    over = _attempt_over(request, held, "unknown", answer, outcome)
    doubt_by = Put(("doubt_by",), held.doubt_by or request.id)
    return Write(session_key(request), held_by(held), (*over, doubt_by, look))


def _attempt_over(
    request: Request, held: Claim, state: SessionState, answer: str, outcome: Outcome | None = None
) -> tuple[Change, ...]:
    return (
        Put(("state",), state),
        Put(("attempts", held.last, "answer"), answer),
        *RELEASED,
        *((Put(("outcomes", request.id), outcome.as_json()),) if outcome else ()),
        *((Remove(("attempts", 0)),) if held.last >= KEPT_ATTEMPTS else ()),
    )
