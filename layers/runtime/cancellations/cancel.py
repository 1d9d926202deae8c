"""The use case behind the queue: claim the session, cancel it at Prevail, record, settle. See `protocol`.

Returns what became of the request; raises TryAgain where the message itself must come again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cancellations import backoff
from cancellations.answers import CANCELABLE, Answer
from cancellations.backoff import LOOK_AFTER_S, SKEW_S
from cancellations.domain import Organization, Outcome, Request
from cancellations.errors import OutOfTime, SecretFault, Unavailable
from cancellations.ports import ApiKeys, Prevail
from cancellations.protocol import Claim
from cancellations.settlement import Postponed, Settlement
from cancellations.token import sign

MAX_ATTEMPTS = 60
MAX_AGE_S = 24 * 3600

CALL_S = 10.0
"""What one call to Prevail may take in all; the adapter's total deadline is no longer."""

AFTERWARDS_S = 24.0
"""What recording and settling may take after a call: two writes under their own deadlines."""

HOLD_S = 900
"""How long a request is held where a person must mend something first."""

REVIEW_AFTER_S = 3600
"""How long a doubt is looked into before a person is asked."""

type Remaining = Callable[[], float]
"""Seconds until the function is stopped."""


@dataclass(frozen=True, slots=True)
class Cancel:
    organizations: Mapping[str, Organization]
    settlement: Settlement
    keys: ApiKeys
    prevail: Prevail
    jitter: Callable[[], float]
    """A random number from 0 to 1."""

    def __call__(self, request: Request, remaining: Remaining) -> Outcome | Postponed:
        desk = self.settlement
        if desk.clock() - request.accepted_at > MAX_AGE_S:
            return desk.give_up(request, "too_old")
        organization = self.organizations.get(request.organization)
        if organization is None:
            return desk.postpone(request, "held", "organization is not in the configuration", HOLD_S)
        try:
            # Fetched before the claim: without a key nothing is begun, so nothing needs to be undone.
            api_key = self.keys.api_key(organization)
        except SecretFault as fault:
            return desk.postpone(request, "held", str(fault), HOLD_S)
        if remaining() < CALL_S + AFTERWARDS_S:
            raise OutOfTime("too little time is left for a whole call")
        held = desk.claim(request)
        if not isinstance(held, Claim):
            return held
        return Attempt(self, request, organization, api_key, held, remaining).run()


@dataclass(slots=True)
class Attempt:
    """One claim on a session, from the look, where there is doubt, to the record."""

    _cancel: Cancel
    _request: Request
    _organization: Organization
    _api_key: str
    _held: Claim
    _remaining: Remaining

    def run(self) -> Outcome | Postponed:
        if self._held.in_doubt and (done := self._look()):
            return done
        if self._held.crowded:
            outcome = Outcome("needs_review", "too_many_requests")
            return self._desk.review(self._request, self._held, outcome, "not sent: too many requests")
        answer = self._send()
        if answer.meaning == "our_key" and (fresh := self._fresh_key()):
            self._api_key = fresh
            answer = self._send()
        return self._conclude(answer)

    @property
    def _desk(self) -> Settlement:
        return self._cancel.settlement

    def _has_time(self) -> bool:
        """Whether a whole call fits before the lease ends, by any worker's clock, and before the function does."""
        in_lease = self._held.lease_until - self._desk.clock() >= CALL_S + SKEW_S
        return in_lease and self._remaining() >= CALL_S + AFTERWARDS_S

    def _look(self) -> Outcome | Postponed | None:
        """Resolve the doubt by reading the state at Prevail. None: the session can be canceled, by us."""
        state = self._state()
        if state == "canceled":
            return self._desk.canceled(
                self._request, self._held, ours=False, answer="not sent", evidence="state read"
            )
        if state is None:
            return self._hold() if self._organization.on_unknown == "hold" else None
        # What was on its way has arrived by now, and had no effect.
        self._held = replace(self._held, in_doubt=False, doubt_by=None)
        if state in CANCELABLE:
            return None
        outcome = Outcome("refused", "wrong_state", evidence=f"state read: {state}")
        return self._desk.refused(self._request, self._held, outcome, f"not sent: state {state}")

    def _hold(self) -> Outcome | Postponed:
        """The state cannot be read: look again later; in the end a person must."""
        unread = "not sent: state not readable"
        age = self._desk.clock() - self._held.doubt_since
        if age > REVIEW_AFTER_S:
            outcome = Outcome("needs_review", "outcome_unknown", evidence="state not readable")
            return self._desk.unknown(self._request, self._held, outcome, unread)
        self._unsent(unread)
        delay = backoff.delay_by_age(age, self._cancel.jitter(), at_least=LOOK_AFTER_S)
        return self._desk.postpone(self._request, "outcome_unknown", "state not readable", delay)

    def _conclude(self, answer: Answer) -> Outcome | Postponed:
        request, held, seen = self._request, self._held, answer.evidence
        match answer.meaning:
            case "canceled":
                return self._desk.canceled(request, held, ours=True, answer=seen, evidence=seen)
            case "refused":
                return self._desk.refused(
                    request, held, Outcome("refused", answer.reason, evidence=seen), seen
                )
            case "ask_the_state":
                return self._ask(answer)
            case "our_key":
                self._unsent(seen)
                return self._desk.postpone(request, "held", "Prevail refuses the API key", HOLD_S)
            case "unknown" | "not_sent" | "told_to_wait":
                return self._again(answer)

    def _ask(self, answer: Answer) -> Outcome | Postponed:
        """Prevail objects, for a reason that only the session's state can tell."""
        seen, state = answer.evidence, self._state()
        if state == "canceled":
            evidence = f"state read after {seen}"
            return self._desk.canceled(self._request, self._held, ours=False, answer=seen, evidence=evidence)
        if state is None:
            outcome = Outcome("needs_review", answer.reason, evidence=f"{seen}; state not readable")
            return self._desk.review(self._request, self._held, outcome, seen)
        reason = "not_cancelable" if state in CANCELABLE else "wrong_state"
        outcome = Outcome("refused", reason, evidence=f"{seen}; state {state}")
        return self._desk.refused(self._request, self._held, outcome, seen)

    def _again(self, answer: Answer) -> Outcome | Postponed:
        request, held, seen, doubt = self._request, self._held, answer.evidence, answer.meaning == "unknown"
        if held.attempts >= MAX_ATTEMPTS:
            outcome = Outcome("needs_review", "attempts_exhausted", evidence=seen)
            settle = self._desk.unknown if doubt else self._desk.review
            return settle(request, held, outcome, seen)
        floor = max(LOOK_AFTER_S if doubt else 0.0, answer.wait or 0.0)
        delay = backoff.delay(held.attempts, self._cancel.jitter(), at_least=floor)
        if doubt:
            now = self._desk.clock()
            self._desk.ledger.record_unknown(request, held, seen, now=now, settling_s=LOOK_AFTER_S)
            return self._desk.postpone(request, "outcome_unknown", answer.seen, delay)
        self._unsent(seen)
        return self._desk.postpone(request, "retrying", answer.seen, delay)

    def _unsent(self, answer: str) -> None:
        self._desk.ledger.record_unsent(self._request, self._held, answer)

    def _send(self) -> Answer:
        """The PATCH. Nothing stands between the check and the call: whoever slept in between must not send."""
        token = self._token()
        if not self._has_time():
            return Answer("not_sent", "not sent: too little time is left")
        return self._cancel.prevail.cancel(
            self._organization,
            self._request.remote_session_id,
            without_email=self._request.cancel_without_email,
            token=token,
        )

    def _state(self) -> str | None:
        return self._cancel.prevail.state(
            self._organization,
            self._request.remote_session_id,
            starts_at=self._request.starts_at,
            token=self._token(),
        )

    def _token(self) -> str:
        return sign(self._api_key, self._organization.slug, self._desk.clock())

    def _fresh_key(self) -> str | None:
        self._cancel.keys.forget(self._organization)
        try:
            return self._cancel.keys.api_key(self._organization)
        except (SecretFault, Unavailable):
            return None
