"""One claim on a session, from the look, where there is doubt, to the record."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from cancellations import backoff, objections, restored
from cancellations.answers import CANCELABLE, NOT_LISTED, UNSENDABLE, Answer, Unread
from cancellations.backoff import LOOK_AFTER_S, REVIEW_AFTER_S, SKEW_S
from cancellations.calls import TOO_LITTLE_TIME, Calls
from cancellations.domain import (
    KNOWN,
    NEW,
    Evidence,
    Organization,
    Outcome,
    Progress,
    Request,
)
from cancellations.objections import Refuse, Review, Unasked
from cancellations.pace import MAX_SLEEP_S
from cancellations.permits import KEY_AGAIN_S, spread
from cancellations.protocol import Claim
from cancellations.results import AttemptResult, by_answer, by_state, of_answer, untried
from cancellations.settlement import Postponed, Settlement
from cancellations.waits import Waits, after, no_state

MAX_ATTEMPTS = 60

CALL_S = 10.0
"""What one call to Prevail may take in all; the adapter's total deadline is no longer."""

AFTERWARDS_S = 24.0
"""What recording and settling may take after a call: two writes under their own deadlines."""

MENDED_S = 900
"""How long a request is held where a person must mend something first."""

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
    _progress: Progress = NEW

    def run(self) -> Outcome | Postponed:
        if self._held.was_canceled:
            found = restored.look(self._calls, self._desk, self._request, self._organization, self._held)
            if isinstance(found, Unread):
                return self._look_again(found, untried("state_unread", found))
            if isinstance(found, Outcome):
                return found
            self._held = found
        elif self._look_first:
            if done := self._look():
                return done
            if self._held.in_doubt and self._organization.retry_without_email:
                self._request = replace(self._request, cancel_without_email=True)
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
                self._request,
                self._held,
                ours=False,
                result=untried("state_read", state),
                evidence=by_state(state),
            )
        if isinstance(state, Unread) or state == NOT_LISTED:
            return self._not_seen(state)
        # What was on its way has arrived by now, and had no effect.
        self._held = replace(self._held, in_doubt=False, doubt_by=None)
        if state in CANCELABLE:
            return None
        return self._refused("wrong_state", by_state(state), untried("state_read", state))

    def _not_seen(self, state: str | Unread) -> Outcome | Postponed | None:
        """None: call all the same."""
        if self._held.in_doubt:
            return self._hold(state) if self._organization.on_unknown == "hold" else None
        unsent = untried("state_unread", state)
        if state == NOT_LISTED:
            return self._refused("not_found", by_state(state), untried("state_read", state))
        if not _passes(state) and not self._organization.look_first:
            return None  # Prevail has objected before, and will say again to what
        if not _passes(state) and self._desk.clock() - self._request.accepted_at > REVIEW_AFTER_S:
            outcome = Outcome("needs_review", "state_unreadable", evidence=by_state(state))
            return self._desk.review(self._request, self._held, outcome, unsent)
        return self._look_again(state, unsent)

    def _hold(self, state: str | Unread) -> Outcome | Postponed:
        """Nobody can tell what became of the call: look again later; in the end a person must.

        While Prevail itself does not answer, no person could find out more: that lasts as long as the request does.
        """
        unread = untried("state_unread", state)
        age = self._desk.clock() - self._held.doubt_since
        if age > REVIEW_AFTER_S and not _passes(state):
            outcome = Outcome("needs_review", "outcome_unknown", evidence=by_state(state))
            return self._desk.unknown(self._request, self._held, outcome, unread)
        self._unsent(unread)
        if isinstance(state, Unread) and state.answer.too_many:
            delay = self._delay(state.answer, state.answer.wait or 0.0)
            return self._desk.postpone(self._request, "outcome_unknown", no_state(state), delay, TOLD)
        delay = backoff.delay_by_age(age, self._jitter(), at_least=LOOK_AFTER_S)
        return self._desk.postpone(self._request, "outcome_unknown", no_state(state), delay)

    def _conclude(self, answer: Answer) -> Outcome | Postponed:
        match answer.meaning:
            case "canceled":
                came, evidence = of_answer(answer), by_answer(answer)
                return self._desk.canceled(
                    self._request, self._held, ours=True, result=came, evidence=evidence
                )
            case "ask_the_list" | "our_key" | "misconfigured":
                return self._ask_the_list(answer)
            case "unknown" | "not_sent" | "told_to_wait":
                self._count(answer)
                return self._again(answer)

    def _count(self, answer: Answer) -> None:
        """A call in vain counts against the organization, but no breaker opens while the list can be read."""
        if answer.is_up or answer is TOO_LITTLE_TIME:
            return
        if not self._calls.decides or (self._can_look() and _unanswered(self._calls.state(self._request))):
            self._calls.failed(answer)

    def _ask_the_list(self, answer: Answer) -> Outcome | Postponed:
        """Prevail objects: to the session, or to all that we ask. Where the list can be read, to the session."""
        if answer == UNSENDABLE:
            return self._put_off(of_answer(answer), after(answer, "address_wrong"), MENDED_S)
        if not self._can_look():
            return self._look_again(Unread(TOO_LITTLE_TIME), of_answer(answer))
        state, held = self._calls.state(self._request), self._held
        came, evidence = of_answer(answer), by_answer(answer, state)
        conflicts = max(held.conflicts, self._progress.conflicts)
        match objections.judge(answer, state, in_doubt=held.in_doubt, conflicts=conflicts):
            case Refuse(reason):
                return self._refused(reason, evidence, came)
            case Review(reason, doubt):
                outcome = Outcome("needs_review", reason, evidence=evidence)
                return (self._desk.unknown if doubt else self._desk.review)(
                    self._request, held, outcome, came
                )
            case "canceled_before":
                proof = by_state("canceled", answer)
                return self._desk.canceled(self._request, held, ours=False, result=came, evidence=proof)
            case "again":
                return self._again(answer, conflicts + 1)
            case "look_again":
                return self._look_again(state, came)
            case unasked:
                return self._objected_to_all(unasked, answer, state)

    def _objected_to_all(self, verdict: Unasked, answer: Answer, state: str | Unread) -> Outcome | Postponed:
        """What counts against the organization, and waits until a person has mended it."""
        came = of_answer(answer)
        if verdict == "key_refused":
            self._calls.key_refused()
            return self._put_off(came, Waits("key_refused"), KEY_AGAIN_S)
        if verdict != "address_wrong_for_one":
            self._calls.failed(answer)
        if verdict == "not_permitted_at_all":
            return self._refused("not_permitted", by_answer(answer, state), came)
        wrong = after(answer, "address_wrong", **no_state(state).detail)
        return self._put_off(came, wrong, MENDED_S)

    def _refused(self, reason: str, evidence: Evidence, result: AttemptResult) -> Outcome:
        outcome = Outcome("refused", reason, evidence=evidence)
        return self._desk.refused(self._request, self._held, outcome, result)

    def _put_off(self, result: AttemptResult, waits: Waits, delay: float) -> Postponed:
        self._unsent(result)
        return self._desk.postpone(self._request, "held", waits, spread(delay, self._jitter()), LOOKS)

    def _look_again(self, state: str | Unread, result: AttemptResult) -> Postponed:
        """Prevail objects, and the list would say why. What keeps it from being read will pass: no person is asked."""
        self._unsent(result)
        answer = state.answer if isinstance(state, Unread) else None
        told_s = (answer and answer.wait) or 0.0
        if answer and answer.too_many:
            delay = self._delay(answer, told_s)
        else:  # looks are no tries, so their number says nothing: the longer the wait, the less often
            age = self._desk.clock() - self._request.accepted_at
            delay = max(math.ceil(told_s), backoff.delay_by_age(age, self._jitter(), at_least=1.0))
        told = answer is not None and answer.too_many
        kept = replace(LOOKS, told=told, conflicts=self._progress.conflicts)
        return self._desk.postpone(self._request, "retrying", no_state(state), delay, kept)

    def _again(self, answer: Answer, conflicts: int = 0) -> Outcome | Postponed:
        request, held, came, doubt = self._request, self._held, of_answer(answer), answer.meaning == "unknown"
        if held.tries >= MAX_ATTEMPTS and answer.meaning != "told_to_wait":
            outcome = Outcome("needs_review", "attempts_exhausted", evidence=by_answer(answer))
            settle = self._desk.unknown if doubt else self._desk.review
            return settle(request, held, outcome, came)
        floor = max(LOOK_AFTER_S if doubt else 0.0, answer.wait or 0.0)
        delay = self._delay(answer, floor)
        kept = replace(TOLD if answer.too_many else KNOWN, conflicts=conflicts)
        if doubt:
            now = self._desk.clock()
            self._desk.ledger.record_unknown(request, held, came, now=now, settling_s=LOOK_AFTER_S)
            return self._desk.postpone(request, "outcome_unknown", after(answer, "doubt"), delay, kept)
        self._unsent(came)
        return self._desk.postpone(request, "retrying", after(answer, "answer"), delay, kept)

    def _delay(self, answer: Answer | None, at_least: float) -> float:
        """Whoever is told to wait need not guess for how long; the organization's rate spreads the calls."""
        made = self._held.tries
        if answer and answer.too_many:
            return max(at_least, backoff.in_vain(made - 1, self._jitter(), backoff.CAP_S))
        return backoff.delay(made, self._jitter(), at_least=at_least)

    def _unsent(self, result: AttemptResult) -> None:
        self._desk.ledger.record_unsent(self._request, self._held, result)


def _passes(state: str | Unread) -> bool:
    return isinstance(state, Unread) and state.passing


def _unanswered(state: str | Unread) -> bool:
    return isinstance(state, Unread) and not state.partly
