"""What Prevail has said of each session and when, as its callers heard it: outcomes are held against this."""

from cancellations.answers import CANCELABLE, NOT_LISTED
from cancellations.domain import Json
from cancellations.writes import Item, at, number
from simulation.history import RESTORED_AFTER_S
from simulation.scheduler import Violation

BY_PREVAIL = ("wrong_state", "not_found", "not_permitted", "session_restored")
"""Reasons that Prevail gives for a session, and that answer everybody who asked before."""


class Testimony:
    """Times are the world's. skew: by how much the clocks of two lives may differ."""

    def __init__(self, skew: float) -> None:
        self._skew = skew
        self._heard: dict[str, float] = {}
        self._heard_canceled: dict[str, float] = {}
        self._seen_cancelable: set[str] = set()

    def answered(self, session: str, status: int, now: float) -> None:
        self._heard[session] = now
        if status // 100 == 2:
            self._heard_canceled[session] = now

    def listed(self, session: str, state: str, now: float) -> None:
        self._heard[session] = now
        if state in ("canceled", NOT_LISTED):
            self._heard_canceled[session] = now
        if state in CANCELABLE:
            self._seen_cancelable.add(session)

    def unread(self, session: str, now: float) -> None:
        """The list cannot be read, and the organization said to go on without it."""
        self._heard_canceled[session] = now

    def recorded_as_canceled(self, session: str) -> None:
        """From here on only another look can show that the session was put back."""
        self._seen_cancelable.discard(session)

    def shows_restored(self, session: str) -> bool:
        return session in self._seen_cancelable

    def judge(self, request: Item, outcome: Json) -> None:
        """Raises Violation where Prevail has said nothing, since the request came, that would bear out its outcome."""
        session, accepted_at = str(request["remote_session_id"]), number(request, "accepted_at") or 0.0
        if at(outcome, ("status",)) in ("canceled", "already_canceled"):
            since = self._heard_canceled.get(session, 0.0) + RESTORED_AFTER_S
            if accepted_at > since + self._skew:
                raise Violation(
                    "a request has settled as canceled by what was known before it meant something new"
                )
        elif (
            at(outcome, ("reason",)) in BY_PREVAIL
            and accepted_at > self._heard.get(session, 0.0) + self._skew
        ):
            raise Violation("a request was refused by what Prevail said before it asked")
