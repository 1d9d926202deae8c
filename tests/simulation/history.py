"""What the items of sessions have said so far, and what a write may make of them.

An item forgets: outcomes are dropped, a refusal is replaced, a restored session loses who canceled it. A worker that
was frozen may still act by what it read, so requests are judged by everything that was ever recorded.
"""

from collections import defaultdict

from cancellations.domain import OWN_CALLERS, Json, OnRestored
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.writes import Item, at, number, text
from simulation.scheduler import Violation

RESTORED_AFTER_S = 900.0
"""A request accepted so long after its session was canceled is a new intention."""

REFUSAL_STANDS_S = 3.0
"""How long after a refusal nobody calls Prevail for the session."""

BY_CANCELING = ("canceled_by", "canceled_at", "canceled_without_email")


class History:
    """skew: by how much the clocks of two lives may differ."""

    def __init__(self, on_restored: OnRestored, skew: float) -> None:
        self._on_restored, self._skew = on_restored, skew
        self.canceled_by: defaultdict[str, set[str]] = defaultdict(set)
        """Every request that a session's item has named as the one that canceled it."""
        self.was_canceled: set[str] = set()
        self._outcomes: defaultdict[tuple[str, str], list[Json]] = defaultdict(list)
        self._refusals: defaultdict[str, list[tuple[float, Json]]] = defaultdict(list)

    # ── Writes of a session's item ────────────────────────────────────────────────────────────────

    def claimed(self, old: Item, new: Item, request: Item, now: float) -> None:
        """request: the one that the claim is for."""
        request_id, accepted_at = str(request.get("pk")).removeprefix("REQUEST#"), _accepted_at(request)
        if old.get("state") == "canceled":
            if accepted_at <= canceled_since(old) + RESTORED_AFTER_S:
                raise Violation(
                    "a canceled session was claimed by a request that means the same cancellation"
                )
            if any(old.get(name) != new.get(name) for name in BY_CANCELING if name in old):
                raise Violation("a claim has changed who canceled a session")
        if request_id in (text(old, "doubt_by"), text(old, "attempt_by")):
            return  # it is in doubt itself, and must find out
        refusal_at = number(old, "refusal_at")
        if refusal_at is not None and accepted_at <= refusal_at:
            raise Violation("a session was claimed for a request that a refusal answers")
        if refusal_at is not None and refusal_at + REFUSAL_STANDS_S > now + self._skew:
            raise Violation("a session was claimed right after it was refused")

    def recorded(self, key: str, old: Item, new: Item, request: Item, *, seen_restored: bool) -> None:
        """A write by the owner of the claim. seen_restored: Prevail's list has shown the session as cancelable."""
        if (number(new, "refusal_at") or 0.0) < (number(old, "refusal_at") or 0.0):
            raise Violation("the time of a refusal went back")
        if "canceled_at" in old and "canceled_at" not in new:
            self._restored(request, seen_restored=seen_restored)
        elif "canceled_at" in old and (
            new.get("state") != "canceled" or old.get("canceled_by") != new.get("canceled_by")
        ):
            raise Violation("a canceled session is no longer recorded as canceled, and nobody put it back")
        if new.get("state") == "canceled":
            self.was_canceled.add(key)
            if by := text(new, "canceled_by"):
                self.canceled_by[key].add(by)
        outcomes, refusal = new.get("outcomes"), new.get("refusal")
        for request_id, outcome in (outcomes if isinstance(outcomes, dict) else {}).items():
            self._outcomes[key, request_id].append(outcome)
        if refusal is not None:
            self._refusals[key].append((number(new, "refusal_at") or 0.0, refusal))

    def _restored(self, request: Item, *, seen_restored: bool) -> None:
        if not seen_restored:
            raise Violation("a session was taken for restored, and nobody has seen it so")
        if self._on_restored == "review" and request.get("source") != OWN_CALLERS:
            raise Violation("a restored session is to be canceled, and only a person may say so")

    # ── What a request settles by ─────────────────────────────────────────────────────────────────

    def judge(self, key: str, request: Item, outcome: Json) -> None:
        """Raises Violation where the outcome of a request has no ground on its session's item."""
        request_id, status = str(request["pk"]).removeprefix("REQUEST#"), at(outcome, ("status",))
        own = {at(one, ("status",)) for one in self._outcomes[key, request_id]}
        if status in ("canceled", "already_canceled"):
            if key not in self.was_canceled:
                raise Violation(f"a request has settled as {status} before its session has")
            if (status == "canceled") != (request_id in self.canceled_by[key]):
                raise Violation(f"a request has settled as {status} and its session says otherwise")
        elif status not in own and not self._refused(key, request, outcome):
            raise Violation(f"a request has settled as {status} before it has on its session")

    def _refused(self, key: str, request: Item, outcome: Json) -> bool:
        """Whether a refusal of the session answers the request."""
        return any(
            at(refusal, ("status",)) == at(outcome, ("status",))
            and at(refusal, ("reason",)) == at(outcome, ("reason",))
            and refusal_at >= _accepted_at(request)
            for refusal_at, refusal in self._refusals[key]
        )


def canceled_since(session: Item) -> float:
    """When a canceled session's cancellation was recorded."""
    return number(session, "canceled_at") or (number(session, "expires_at") or 0.0) - KEPT_FOR_S


def _accepted_at(request: Item) -> float:
    return number(request, "accepted_at") or 0.0
