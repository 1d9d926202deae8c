"""Writes of session items: where everything is decided."""

from cancellations.backoff import SKEW_S
from cancellations.domain import Outcome, Request, SessionState
from cancellations.protocol.conditions import (
    held_by,
    session_key,
)
from cancellations.results import AttemptResult
from cancellations.values import dataclass
from cancellations.writes import (
    Change,
    Default,
    Put,
    Remove,
    Write,
)

KEPT_ATTEMPTS = 60
KEPT_OF_OTHERS = 10
"""How many attempts the session lists: of the request that is at work, and of all others together."""

MAX_OUTCOMES = 10
"""How many outcomes it lists. An outcome is what a message that came twice is known by: for one that is dropped the
request itself is asked, if it is older than what was dropped last."""

FOR_ALL = frozenset(("wrong_state", "not_found", "not_permitted", "session_restored"))
"""Reasons that speak of the session: whoever asked for it before Prevail said so is answered by them too."""


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
    drops: tuple[int, ...]
    """Places of attempts that are no longer kept."""
    began: float
    in_doubt: bool
    doubt_by: str | None
    doubt_since: float
    """Since when somebody has been in doubt about the session."""
    was_canceled: bool
    """The session is recorded as canceled, and this attempt finds out whether it still is."""
    canceled_by: str | None
    canceled_without_email: bool | None
    refusal_at: float
    """Whoever was accepted by then is answered by the refusal that the session holds."""
    forgets: str | None
    """Whose outcome makes room for the next one."""


def record_canceled(
    request: Request, held: Claim, by: str | None, outcome: Outcome, result: AttemptResult
) -> Write:
    """The session is canceled. `by` None: by nobody that this ledger knows."""
    changes = (
        *_attempt_over(request, held, "canceled", result, outcome),
        *((Put(("canceled_by",), by),) if by else ()),
        *((Put(("canceled_without_email",), request.cancel_without_email),) if by == request.id else ()),
        Put(("canceled_at",), held.began),
        *DOUBT_RESOLVED,
    )
    return _record(request, held, changes)


def record_still_canceled(request: Request, held: Claim, result: AttemptResult) -> Write:
    """Nobody has put it back: from now on it is as canceled as before."""
    over = _attempt_over(request, held, "canceled", result)
    return _record(request, held, (*over, Put(("canceled_at",), held.began), *DOUBT_RESOLVED))


def record_restored(request: Request, held: Claim) -> Write:
    """Somebody has put the session back at Prevail, and it is to be canceled anew: what is written before the call."""
    gone = tuple(Remove((name,)) for name in ("canceled_by", "canceled_without_email", "canceled_at"))
    return _record(request, held, (Put(("restored_at",), held.began), *gone))


def record_refused(request: Request, held: Claim, outcome: Outcome, result: AttemptResult) -> Write:
    """Prevail refused this request; a later one may ask again. The doubt of another request stays."""
    if held.doubt_by not in (None, request.id):
        return _record_in_doubt(request, held, result, outcome)
    if outcome.reason not in FOR_ALL:
        return _record(
            request, held, (*_attempt_over(request, held, "idle", result, outcome), *DOUBT_RESOLVED)
        )
    bare = Outcome(outcome.status, outcome.reason)  # its evidence stands in the refusal
    known = (
        Put(("refusal",), outcome.as_json()),
        Put(("refusal_at",), max(held.began, request.accepted_at, held.refusal_at)),
    )
    return _record(
        request, held, (*_attempt_over(request, held, "idle", result, bare), *known, *DOUBT_RESOLVED)
    )


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
    """What was canceled when the attempt began, and was not called for, is canceled as before."""
    return (
        Put(("state",), "canceled" if held.was_canceled else state),
        *(Put(("attempts", held.last, name), value) for name, value in result.as_json().items()),
        *RELEASED,
        *(_remember(request, held, outcome) if outcome else ()),
        *(Remove(("attempts", place)) for place in held.drops),
    )


def _remember(request: Request, held: Claim, outcome: Outcome) -> tuple[Change, ...]:
    known = Put(("outcomes", request.id), {**outcome.as_json(), "at": held.began})
    if held.forgets is None:
        return (known,)
    return (known, Remove(("outcomes", held.forgets)), Put(("forgotten_at",), held.began + SKEW_S))
