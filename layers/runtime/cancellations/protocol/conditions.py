"""When a write may land: every condition of the protocol by name, on one screen."""

from cancellations.domain import Request
from cancellations.versions import READABLE
from cancellations.writes import KEY, Absent, Before, Condition, Equals


def request_key(request_id: str) -> str:
    return f"REQUEST#{request_id}"


def session_key(request: Request) -> str:
    return key_of_session(request.organization, request.remote_session_id)


def key_of_session(organization: str, remote_session_id: str) -> str:
    return f"SESSION#{organization}#{remote_session_id}"


# ── Of requests ───────────────────────────────────────────────────────────────────────────────────


def new(now: float) -> Condition:
    """Nobody has asked under this key, or so long ago that the record has expired."""
    return Absent((KEY,)) | (expired(now) & READABLE)


def expired(now: float) -> Condition:
    """Its time is over, and it only waits to be removed: as good as none."""
    return Before(("expires_at",), now)


def known(request: Request) -> Condition:
    """The request has been accepted; no other write makes the item."""
    return Equals((KEY,), request_key(request.id)) & READABLE


def unsettled(request: Request) -> Condition:
    """It has no outcome; one that it has is never changed."""
    return known(request) & Absent(("outcome",))


def still_queued(request: Request, since: float) -> Condition:
    """No message has been put for the request since the time that was read."""
    return unsettled(request) & Equals(("status",), "queued") & Equals(("queued_at",), since)


def still_due(request: Request, due_at: float) -> Condition:
    """Nothing has moved since the sweep saw it: of two sweeps, one gets it."""
    return unsettled(request) & Equals(("due_at",), due_at)


# ── Of sessions ───────────────────────────────────────────────────────────────────────────────────

REFUSAL_STANDS_S = 3.0
"""How long after a refusal nobody asks Prevail for the session again: of many who want to, few make calls."""

FREE = (Absent(("state",)) | Equals(("state",), "idle")) & READABLE


def abandoned(now: float) -> Condition:
    """Somebody took it and did not come back: the lease has run out."""
    return Equals(("state",), "in_flight") & Before(("lease_until",), now)


def in_doubt(now: float) -> Condition:
    """An attempt may have taken effect, and it has had the time to arrive: the state may be read now."""
    return Equals(("state",), "unknown") & Before(("look_after",), now)


def as_seen(fence: int) -> Condition:
    """Nobody has taken the session since it was looked at: of many who saw it, one gets it."""
    return Equals(("fence",), fence)


def not_settled_here(request: Request) -> Condition:
    """The request has no outcome on this session; a message that came twice finds one."""
    return Absent(("outcomes", request.id))


def not_refused(request: Request, now: float) -> Condition:
    """Prevail has refused the session to nobody since the request was accepted, nor within the last seconds."""
    return Absent(("refusal_at",)) | Before(("refusal_at",), min(request.accepted_at, now - REFUSAL_STANDS_S))


def not_forgotten(request: Request) -> Condition:
    """No outcome that the session no longer lists can be this request's."""
    return Absent(("forgotten_at",)) | Before(("forgotten_at",), request.accepted_at)


CANCELED = Equals(("state",), "canceled")


def held_by(owner: str, fence: int) -> Condition:
    """The session is still the claimant's."""
    return Equals(("owner",), owner) & Equals(("fence",), fence)
