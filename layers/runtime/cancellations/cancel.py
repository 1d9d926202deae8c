"""The use case behind the queue: claim the session, cancel it at Prevail, record, settle. See `protocol`.

Returns what became of the request; raises TryAgain where the message itself must come again.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cancellations import backoff, token
from cancellations.answers import CANCELABLE, Answer
from cancellations.domain import Organization, Outcome, Request, Unsettled, canceled_outcome
from cancellations.errors import OutOfTime, SecretFault, Unavailable
from cancellations.ledger import Busy, CanceledBefore, Ledger, SettledBefore
from cancellations.ports import ApiKeys, Clock, Prevail, Queue
from cancellations.protocol import Claim

MAX_ATTEMPTS = 20
MAX_AGE_S = 24 * 3600
ATTEMPT_S = 35.0
"""What an attempt may take in all: three calls under their total deadlines and the writes around them."""

SETTLING_S = 60.0
"""How long a call whose answer never came may still be on its way: no look before that, or the two cross."""

REVIEW_AFTER_S = 3600
"""How long a doubt is looked into before a person is asked."""

HOLD_S = 900
"""How long a request is held where a person must mend something first."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """The request comes again by a fresh message in `delay` seconds."""

    status: Unsettled
    reason: str
    delay: int


type Remaining = Callable[[], float]
"""Seconds until the function is stopped."""


@dataclass(frozen=True, slots=True)
class Cancel:
    organizations: Mapping[str, Organization]
    ledger: Ledger
    queue: Queue
    keys: ApiKeys
    prevail: Prevail
    clock: Clock
    jitter: Callable[[], float]
    """A random number from 0 to 1."""

    def __call__(self, request: Request, remaining: Remaining) -> Outcome | Postponed:
        if self.clock() - request.accepted_at > MAX_AGE_S:
            return self._settle(request, Outcome("needs_review", "too_old"))
        organization = self.organizations.get(request.organization)
        if organization is None:
            return self._postpone(request, "held", "organization is not in the configuration", HOLD_S)
        try:
            # Fetched before the claim: without a key nothing is begun, so nothing needs to be undone.
            api_key = self.keys.api_key(organization)
        except SecretFault as fault:
            return self._postpone(request, "held", str(fault), HOLD_S)
        if remaining() < ATTEMPT_S:
            raise OutOfTime("too little time is left for a whole attempt")
        claimed = self._claim(request)
        if isinstance(claimed, Claim):
            return self._attempt(request, organization, api_key, claimed)
        return claimed

    def give_up(self, request: Request, reason: str) -> Outcome | Postponed:
        """Settle a request for a person to review, without any call to Prevail."""
        held = self._claim(request)
        if not isinstance(held, Claim):
            return held
        outcome = Outcome("needs_review", reason)
        if held.in_doubt:
            return self._unknown(request, held, f"not sent: {reason}", outcome)
        return self._refused(request, held, outcome)

    def _claim(self, request: Request) -> Claim | Outcome | Postponed:
        """The claim, or what is to be said where there is none."""
        match self.ledger.claim(request, self.clock()):
            case CanceledBefore(by, without_email):
                outcome = canceled_outcome(request, by, "ledger")
                if without_email not in (None, request.cancel_without_email):
                    outcome = replace(outcome, reason="email_differs")
                return self._settle(request, outcome)
            case SettledBefore(outcome):
                return self._settle(request, outcome)
            case Busy(until):
                delay = math.ceil(max(until - self.clock(), 1))
                return self._postpone(request, "retrying", "another attempt holds the session", delay)
            case Claim() as held:
                return held

    def _attempt(
        self, request: Request, organization: Organization, api_key: str, held: Claim
    ) -> Outcome | Postponed:
        if held.crowded:
            self.ledger.record_unsent(request, held, "not sent: too many requests on this session")
            return self._settle(request, Outcome("needs_review", "too_many_requests"))
        if held.in_doubt:
            state = self._state(request, organization, api_key)
            if state == "canceled":
                return self._canceled(request, held, ours=False, answer="not sent", evidence="state read")
            if state is None and organization.on_unknown == "hold":
                return self._hold(request, held)
            if state is not None and state not in CANCELABLE:
                outcome = Outcome("refused", "wrong_state", evidence=f"state read: {state}")
                return self._refused(request, held, outcome)
        answer = self._send(request, organization, api_key)
        if answer.meaning == "our_key" and (fresh := self._fresh_key(organization)):
            api_key = fresh
            answer = self._send(request, organization, api_key)
        return self._conclude(request, organization, api_key, held, answer)

    def _hold(self, request: Request, held: Claim) -> Outcome | Postponed:
        """In doubt, and the state cannot be read: look again later; in the end a person must."""
        seen = "not sent: state not readable"
        if self.clock() - request.accepted_at > REVIEW_AFTER_S:
            return self._unknown(
                request, held, seen, Outcome("needs_review", "outcome_unknown", evidence=seen)
            )
        self.ledger.record_unsent(request, held, seen)
        delay = backoff.delay(held.attempts, self.jitter(), at_least=SETTLING_S)
        return self._postpone(request, "outcome_unknown", seen, delay)

    def _conclude(
        self, request: Request, organization: Organization, api_key: str, held: Claim, answer: Answer
    ) -> Outcome | Postponed:
        seen = answer.evidence
        match answer.meaning:
            case "canceled":
                return self._canceled(request, held, ours=True, answer=seen, evidence=seen)
            case "refused":
                return self._refused(request, held, Outcome("refused", answer.reason, evidence=seen))
            case "ask_the_state":
                state = self._state(request, organization, api_key)
                if state == "canceled":
                    return self._canceled(
                        request, held, ours=False, answer=seen, evidence=f"state read after {seen}"
                    )
                return self._refused(request, held, _refusal_in(state, answer))
            case "our_key":
                self.ledger.record_unsent(request, held, seen)
                return self._postpone(request, "held", "Prevail refuses the API key", HOLD_S)
            case "unknown" | "not_sent" | "told_to_wait":
                return self._again(request, held, answer)

    def _again(self, request: Request, held: Claim, answer: Answer) -> Outcome | Postponed:
        seen, doubt = answer.evidence, answer.meaning == "unknown"
        if held.attempts >= MAX_ATTEMPTS:
            outcome = Outcome("needs_review", "attempts_exhausted", evidence=seen)
            if doubt:
                return self._unknown(request, held, seen, outcome)
            return self._refused(request, held, outcome)
        floor = max(SETTLING_S if doubt else 0.0, answer.wait or 0.0)
        delay = backoff.delay(held.attempts, self.jitter(), at_least=floor)
        if doubt:
            self.ledger.record_unknown(request, held, seen, look_after=self.clock() + SETTLING_S)
            return self._postpone(request, "outcome_unknown", seen, delay)
        self.ledger.record_unsent(request, held, seen)
        return self._postpone(request, "retrying", seen, delay)

    def _send(self, request: Request, organization: Organization, api_key: str) -> Answer:
        return self.prevail.cancel(
            organization,
            request.remote_session_id,
            without_email=request.cancel_without_email,
            token=token.sign(api_key, organization.slug, self.clock()),
        )

    def _fresh_key(self, organization: Organization) -> str | None:
        self.keys.forget(organization)
        try:
            return self.keys.api_key(organization)
        except (SecretFault, Unavailable):
            return None

    def _state(self, request: Request, organization: Organization, api_key: str) -> str | None:
        signed = token.sign(api_key, organization.slug, self.clock())
        return self.prevail.state(
            organization, request.remote_session_id, starts_at=request.starts_at, token=signed
        )

    def _canceled(self, request: Request, held: Claim, *, ours: bool, answer: str, evidence: str) -> Outcome:
        outcome = self.ledger.record_canceled(request, held, ours=ours, answer=answer, evidence=evidence)
        return self._settle(request, outcome)

    def _refused(self, request: Request, held: Claim, outcome: Outcome) -> Outcome:
        self.ledger.record_refused(request, held, outcome, outcome.evidence or "")
        return self._settle(request, outcome)

    def _settle(self, request: Request, outcome: Outcome) -> Outcome:
        self.ledger.settle(request, outcome, self.clock())
        return outcome

    def _unknown(self, request: Request, held: Claim, answer: str, outcome: Outcome) -> Outcome:
        look_after = self.clock() + SETTLING_S
        self.ledger.record_unknown(request, held, answer, look_after=look_after, outcome=outcome)
        return self._settle(request, outcome)

    def _postpone(self, request: Request, status: Unsettled, reason: str, delay: int) -> Postponed:
        """A fresh message first, then the old one may go: in between there are two, never none."""
        delay = min(delay, backoff.CAP_S)
        self.ledger.postpone(request, status, reason=reason, next_at=self.clock() + delay)
        self.queue.send(request, delay)
        return Postponed(status, reason, delay)


def _refusal_in(state: str | None, answer: Answer) -> Outcome:
    if state is None:
        return Outcome("needs_review", answer.reason, evidence=f"{answer.evidence}; state not readable")
    reason = "not_cancelable" if state in CANCELABLE else "wrong_state"
    return Outcome("refused", reason, evidence=f"{answer.evidence}; state {state}")
