"""One claim on a session, from the look, where there is doubt, to the record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cancellations import backoff
from cancellations.answers import ACCEPTED, CANCELABLE, NOT_LISTED, UNSENDABLE, Answer, Unread
from cancellations.backoff import LOOK_AFTER_S, SKEW_S
from cancellations.calls import TOO_LITTLE_TIME, Calls
from cancellations.domain import KNOWN, Guard, Organization, Outcome, Progress, Request
from cancellations.pace import MAX_SLEEP_S
from cancellations.permits import KEY_AGAIN_S, spread
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

HTTP_CONFLICT = 409
CONFLICTS = 3
"""How often a conflict that the state does not explain is taken for a passing one."""

WHERE_CANCELABLE: Mapping[str, str] = {
    "unauthorized": "not_permitted",
    "not_permitted": "not_permitted",
    "not_found": "not_found",
    "redirected": "redirected",
}
"""Why a session is refused that the list calls cancelable, by what Prevail answers; else in Prevail's own words."""

ASKED_WRONGLY = frozenset((400, 409, 422))
"""Answers that speak of what was asked, not of who asks or where: without the list only a person can tell why."""

LOOKS = Progress(counted=True, look=True)
TOLD = Progress(counted=True, told=True)

type Remaining = Callable[[], float]
"""Seconds until the function is stopped."""


@dataclass(slots=True)
class Attempt:
    """look: whether the state is read before the call, where there is doubt or Prevail has objected before."""

    _calls: Calls
    _desk: Settlement
    _request: Request
    _organization: Organization
    _held: Claim
    _remaining: Remaining
    _jitter: Callable[[], float]
    _look_first: bool

    def run(self) -> Outcome | Postponed:
        if self._look_first:
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
        """Read the state before any call. None: the session can be canceled, by us."""
        state = self._calls.state(self._request)
        if state == "canceled":
            return self._desk.canceled(
                self._request, self._held, ours=False, answer="not sent", evidence="state read"
            )
        if isinstance(state, Unread) or state == NOT_LISTED:
            return self._not_seen(state)
        # What was on its way has arrived by now, and had no effect.
        self._held = replace(self._held, in_doubt=False, doubt_by=None)
        if state in CANCELABLE:
            return None
        outcome = Outcome("refused", "wrong_state", evidence=f"state read: {state}")
        return self._desk.refused(self._request, self._held, outcome, f"not sent: state {state}")

    def _not_seen(self, state: str | Unread) -> Outcome | Postponed | None:
        """None: call all the same."""
        if self._held.in_doubt:
            return self._hold(state) if self._organization.on_unknown == "hold" else None
        unsent = f"not sent: state {state}"
        if state == NOT_LISTED:
            return self._refused("not_found", f"state read: {state}", unsent)
        if not _passes(state) and not self._organization.look_first:
            return None  # Prevail has objected before, and will say again to what
        if not _passes(state) and self._desk.clock() - self._request.accepted_at > REVIEW_AFTER_S:
            outcome = Outcome("needs_review", "state_unreadable", evidence=f"state {state}")
            return self._desk.review(self._request, self._held, outcome, unsent)
        return self._look_again(state, unsent)

    def _hold(self, state: str | Unread) -> Outcome | Postponed:
        """Nobody can tell what became of the call: look again later; in the end a person must.

        While Prevail itself does not answer, no person could find out more: that lasts as long as the request does.
        """
        why = f"state {state}"
        unread = f"not sent: {why}"
        age = self._desk.clock() - self._held.doubt_since
        if age > REVIEW_AFTER_S and not _passes(state):
            outcome = Outcome("needs_review", "outcome_unknown", evidence=why)
            return self._desk.unknown(self._request, self._held, outcome, unread)
        self._unsent(unread)
        if isinstance(state, Unread) and state.answer.too_many:
            delay = self._delay(state.answer, state.answer.wait or 0.0)
            return self._desk.postpone(self._request, "outcome_unknown", why, delay, TOLD)
        delay = backoff.delay_by_age(age, self._jitter(), at_least=LOOK_AFTER_S)
        return self._desk.postpone(self._request, "outcome_unknown", why, delay)

    def _conclude(self, answer: Answer) -> Outcome | Postponed:
        match answer.meaning:
            case "canceled":
                seen = answer.evidence
                return self._desk.canceled(self._request, self._held, ours=True, answer=seen, evidence=seen)
            case "ask_the_list" | "our_key" | "misconfigured":
                return self._ask_the_list(answer)
            case "unknown" | "not_sent" | "told_to_wait":
                self._count(answer)
                return self._again(answer)

    def _count(self, answer: Answer) -> None:
        """A call in vain counts against the organization, but no breaker opens while the list can be read."""
        if answer.meaning == "told_to_wait" or answer.status == ACCEPTED or answer is TOO_LITTLE_TIME:
            return
        if not self._calls.decides or (self._can_look() and _unanswered(self._calls.state(self._request))):
            self._calls.failed(answer)

    def _ask_the_list(self, answer: Answer) -> Outcome | Postponed:
        """Prevail objects: to the session, or to all that we ask. Where the list can be read, to the session."""
        if answer == UNSENDABLE:
            why = "the address of the call cannot be made: check base_url and remote_session_id"
            return self._put_off(answer.evidence, why, "configuration", MENDED_S)
        if not self._can_look():
            return self._look_again(Unread(TOO_LITTLE_TIME), answer.evidence)
        state = self._calls.state(self._request)
        if isinstance(state, Unread):
            return (self._objected_unseen if state.partly else self._objected_to_all)(answer, state)
        return self._objected_to_one(answer, state)

    def _objected_unseen(self, answer: Answer, state: Unread) -> Outcome | Postponed:
        """The list says that key and address are right, and could not be read as far as the session."""
        if state.passing:
            return self._look_again(state, answer.evidence)
        evidence = f"{answer.evidence}; state {state}"
        if reason := WHERE_CANCELABLE.get(answer.reason):
            return self._refused(reason, evidence, answer.evidence)
        outcome = Outcome("needs_review", answer.reason, evidence=evidence)
        return self._desk.review(self._request, self._held, outcome, answer.evidence)

    def _objected_to_all(self, answer: Answer, state: Unread) -> Outcome | Postponed:
        """Neither the call nor the list went through."""
        seen = answer.evidence
        if state.answer.meaning != "our_key" and state.passing:
            return self._look_again(state, seen)
        not_permitted = answer.reason == "not_permitted" == state.answer.reason
        if not_permitted or "our_key" in (answer.meaning, state.answer.meaning):
            self._calls.key_refused()
            return self._put_off(seen, "Prevail refuses the API key", "key", KEY_AGAIN_S)
        if answer.status in ASKED_WRONGLY:
            outcome = Outcome("needs_review", answer.reason, evidence=f"{seen}; state {state}")
            return self._desk.review(self._request, self._held, outcome, seen)
        self._calls.failed(answer)
        if answer.reason == "not_permitted":
            return self._refused(answer.reason, f"{seen}; state {state}", seen)
        why = f"Prevail answers {answer.seen}, and the list cannot be read either: check base_url"
        return self._put_off(seen, why, "configuration", MENDED_S)

    def _objected_to_one(self, answer: Answer, state: str) -> Outcome | Postponed:
        seen = answer.evidence
        evidence = f"{seen}; state {state}"
        if state == "canceled":
            return self._canceled_before(seen)
        if state == NOT_LISTED:
            if self._held.in_doubt:  # the call that may have taken effect is why it may be missing
                outcome = Outcome("needs_review", "outcome_unknown", evidence=evidence)
                return self._desk.unknown(self._request, self._held, outcome, seen)
            return self._refused("not_found", evidence, seen)
        if state not in CANCELABLE:
            return self._refused("wrong_state", evidence, seen)
        if answer.meaning == "misconfigured":
            why = f"Prevail answers {answer.seen} for this session alone"
            return self._put_off(seen, why, "configuration", MENDED_S)
        if answer.status == HTTP_CONFLICT and self._held.conflicts + 1 < CONFLICTS:
            return self._again(answer)
        return self._refused(WHERE_CANCELABLE.get(answer.reason, "not_cancelable"), evidence, seen)

    def _canceled_before(self, seen: str) -> Outcome:
        evidence = f"state read after {seen}"
        return self._desk.canceled(self._request, self._held, ours=False, answer=seen, evidence=evidence)

    def _refused(self, reason: str, evidence: str, answer: str) -> Outcome:
        outcome = Outcome("refused", reason, evidence=evidence)
        return self._desk.refused(self._request, self._held, outcome, answer)

    def _put_off(self, seen: str, reason: str, guard: Guard, delay: float) -> Postponed:
        self._unsent(seen)
        delay = spread(delay, self._jitter())
        return self._desk.postpone(self._request, "held", reason, delay, LOOKS, guard=guard)

    def _look_again(self, state: str | Unread, seen: str) -> Postponed:
        """Prevail objects, and the list would say why. What keeps it from being read will pass: no person is asked."""
        self._unsent(seen)
        answer = state.answer if isinstance(state, Unread) else None
        delay = self._delay(answer, (answer and answer.wait) or 0.0)
        kept = replace(LOOKS, told=answer is not None and answer.too_many)
        return self._desk.postpone(self._request, "retrying", f"state {state}", delay, kept)

    def _again(self, answer: Answer) -> Outcome | Postponed:
        request, held, seen, doubt = self._request, self._held, answer.evidence, answer.meaning == "unknown"
        if held.attempts >= MAX_ATTEMPTS and answer.meaning != "told_to_wait":
            outcome = Outcome("needs_review", "attempts_exhausted", evidence=seen)
            settle = self._desk.unknown if doubt else self._desk.review
            return settle(request, held, outcome, seen)
        floor = max(LOOK_AFTER_S if doubt else 0.0, answer.wait or 0.0)
        delay = self._delay(answer, floor)
        kept = TOLD if answer.too_many else KNOWN
        if doubt:
            now = self._desk.clock()
            self._desk.ledger.record_unknown(request, held, seen, now=now, settling_s=LOOK_AFTER_S)
            return self._desk.postpone(request, "outcome_unknown", answer.seen, delay, kept)
        self._unsent(seen)
        return self._desk.postpone(request, "retrying", answer.seen, delay, kept)

    def _delay(self, answer: Answer | None, at_least: float) -> float:
        """Whoever is told to wait need not guess for how long; the organization's rate spreads the calls."""
        made = self._held.attempts
        if answer and answer.too_many:
            return max(at_least, backoff.in_vain(made - 1, self._jitter(), backoff.CAP_S))
        return backoff.delay(made, self._jitter(), at_least=at_least)

    def _unsent(self, answer: str) -> None:
        self._desk.ledger.record_unsent(self._request, self._held, answer)


def _passes(state: str | Unread) -> bool:
    return isinstance(state, Unread) and state.passing


def _unanswered(state: str | Unread) -> bool:
    return isinstance(state, Unread) and not state.partly
