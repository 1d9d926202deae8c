"""One claim on a session, from the look, where there is doubt, to the record."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cancellations import backoff
from cancellations.answers import CANCELABLE, NOT_LISTED, UNSENDABLE, Answer, Unread
from cancellations.backoff import LOOK_AFTER_S, SKEW_S
from cancellations.calls import Calls
from cancellations.domain import Guard, Organization, Outcome, Request
from cancellations.pace import MAX_SLEEP_S
from cancellations.protocol import Claim
from cancellations.settlement import Postponed, Settlement

MAX_ATTEMPTS = 60

CALL_S = 10.0
"""What one call to Prevail may take in all; the adapter's total deadline is no longer."""

AFTERWARDS_S = 24.0
"""What recording and settling may take after a call: two writes under their own deadlines."""

REVIEW_AFTER_S = 3600
"""How long a doubt is looked into before a person is asked, where Prevail answers and the list cannot be read."""

MENDED_S = 900
"""How long a request is held where a person must mend something first."""

CONFLICTS = 3
"""How often a conflict that the state does not explain is taken for a passing one."""

HTTP_CONFLICT = 409
type Remaining = Callable[[], float]
"""Seconds until the function is stopped."""


@dataclass(slots=True)
class Attempt:
    _calls: Calls
    _desk: Settlement
    _request: Request
    _organization: Organization
    _held: Claim
    _remaining: Remaining
    _jitter: Callable[[], float]

    def run(self) -> Outcome | Postponed:
        if self._held.in_doubt:
            if done := self._look():
                return done
            if self._held.in_doubt and self._organization.retry_without_email:
                self._request = replace(self._request, cancel_without_email=True)
        if self._held.crowded:
            outcome = Outcome("needs_review", "too_many_requests")
            return self._desk.review(self._request, self._held, outcome, "not sent: too many requests")
        return self._conclude(self._calls.cancel(self._request, self._has_time))

    def _has_time(self) -> bool:
        """Whether a whole call fits before the lease ends, by any worker's clock, and before the function does."""
        in_lease = self._held.lease_until - self._desk.clock() >= CALL_S + SKEW_S
        return in_lease and self._remaining() >= CALL_S + AFTERWARDS_S

    def _can_look(self) -> bool:
        """Whether there is time to read the state after a call; a fence guards what is recorded then."""
        return self._remaining() >= MAX_SLEEP_S + CALL_S + AFTERWARDS_S

    def _look(self) -> Outcome | Postponed | None:
        """Resolve the doubt by reading the state at Prevail. None: the session can be canceled, by us."""
        state = self._calls.state(self._request)
        if state == "canceled":
            return self._desk.canceled(
                self._request, self._held, ours=False, answer="not sent", evidence="state read"
            )
        if isinstance(state, Unread) or state == NOT_LISTED:
            return self._hold(state) if self._organization.on_unknown == "hold" else None
        # What was on its way has arrived by now, and had no effect.
        self._held = replace(self._held, in_doubt=False, doubt_by=None)
        if state in CANCELABLE:
            return None
        outcome = Outcome("refused", "wrong_state", evidence=f"state read: {state}")
        return self._desk.refused(self._request, self._held, outcome, f"not sent: state {state}")

    def _hold(self, state: str | Unread) -> Outcome | Postponed:
        """Nobody can tell what became of the call: look again later; in the end a person must.

        While Prevail itself does not answer, no person could find out more: that lasts as long as the request does.
        """
        why = f"state {state}"
        unread = f"not sent: {why}"
        age = self._desk.clock() - self._held.doubt_since
        passing = isinstance(state, Unread) and state.passing
        if age > REVIEW_AFTER_S and not passing:
            outcome = Outcome("needs_review", "outcome_unknown", evidence=why)
            return self._desk.unknown(self._request, self._held, outcome, unread)
        self._unsent(unread)
        told = (isinstance(state, Unread) and state.answer.wait) or 0.0
        delay = backoff.delay_by_age(age, self._jitter(), at_least=LOOK_AFTER_S)
        return self._desk.postpone(self._request, "outcome_unknown", why, max(delay, told))

    def _conclude(self, answer: Answer) -> Outcome | Postponed:
        request, held, seen = self._request, self._held, answer.evidence
        match answer.meaning:
            case "canceled":
                return self._desk.canceled(request, held, ours=True, answer=seen, evidence=seen)
            case "refused":
                return self._refused(answer.reason, seen, seen)
            case "ask_the_state":
                return self._ask(answer)
            case "ask_the_list":
                return self._ask_the_list(answer)
            case "our_key":
                return self._put_off(seen, "Prevail refuses the API key", "key")
            case "misconfigured":
                why = f"Prevail answers {answer.seen}: check base_url"
                if answer == UNSENDABLE:
                    why = "the address of the call cannot be made: check base_url and remote_session_id"
                return self._put_off(seen, why, "configuration")
            case "unknown" | "not_sent" | "told_to_wait":
                return self._again(answer)

    def _ask(self, answer: Answer) -> Outcome | Postponed:
        """Prevail objects, for a reason that only the session's state can tell."""
        if not self._can_look():
            return self._again(answer)
        seen, state = answer.evidence, self._calls.state(self._request)
        if state == "canceled":
            return self._canceled_before(seen)
        if isinstance(state, Unread) or state == NOT_LISTED:
            outcome = Outcome("needs_review", answer.reason, evidence=f"{seen}; state {state}")
            return self._desk.review(self._request, self._held, outcome, seen)
        if state in CANCELABLE and answer.status == HTTP_CONFLICT and self._held.conflicts + 1 < CONFLICTS:
            return self._again(answer)
        reason = "not_cancelable" if state in CANCELABLE else "wrong_state"
        return self._refused(reason, f"{seen}; state {state}", seen)

    def _ask_the_list(self, answer: Answer) -> Outcome | Postponed:
        """A session that nobody knows, or an address that nobody knows: where the list can be read, the session."""
        if not self._can_look():
            return self._again(answer)
        seen, state = answer.evidence, self._calls.state(self._request)
        if isinstance(state, Unread):
            self._calls.came_to(replace(answer, meaning="misconfigured"))
            why = "Prevail knows neither the session nor the list: check base_url"
            return self._put_off(seen, why, "configuration")
        self._calls.came_to(replace(answer, meaning="refused"))
        if state == "canceled":
            return self._canceled_before(seen)
        return self._refused(answer.reason, f"{seen}; {state}", seen)

    def _canceled_before(self, seen: str) -> Outcome:
        evidence = f"state read after {seen}"
        return self._desk.canceled(self._request, self._held, ours=False, answer=seen, evidence=evidence)

    def _refused(self, reason: str, evidence: str, answer: str) -> Outcome:
        outcome = Outcome("refused", reason, evidence=evidence)
        return self._desk.refused(self._request, self._held, outcome, answer)

    def _put_off(self, seen: str, reason: str, guard: Guard) -> Postponed:
        self._unsent(seen)
        return self._desk.postpone(self._request, "held", reason, MENDED_S, guard=guard)

    def _again(self, answer: Answer) -> Outcome | Postponed:
        request, held, seen, doubt = self._request, self._held, answer.evidence, answer.meaning == "unknown"
        if held.attempts >= MAX_ATTEMPTS:
            outcome = Outcome("needs_review", "attempts_exhausted", evidence=seen)
            settle = self._desk.unknown if doubt else self._desk.review
            return settle(request, held, outcome, seen)
        floor = max(LOOK_AFTER_S if doubt else 0.0, answer.wait or 0.0)
        delay = backoff.delay(held.attempts, self._jitter(), at_least=floor)
        if doubt:
            now = self._desk.clock()
            self._desk.ledger.record_unknown(request, held, seen, now=now, settling_s=LOOK_AFTER_S)
            return self._desk.postpone(request, "outcome_unknown", answer.seen, delay)
        self._unsent(seen)
        return self._desk.postpone(request, "retrying", answer.seen, delay)

    def _unsent(self, answer: str) -> None:
        self._desk.ledger.record_unsent(self._request, self._held, answer)
