"""One claim on a session, from the look, where there is doubt, to the record."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cancellations import backoff
from cancellations.answers import CANCELABLE, NOT_LISTED, Answer
from cancellations.backoff import LOOK_AFTER_S, SKEW_S
from cancellations.domain import Organization, Outcome, Request
from cancellations.errors import SecretFault, Unavailable
from cancellations.guards import Guards
from cancellations.pace import Pace
from cancellations.ports import ApiKeys, Prevail
from cancellations.protocol import Claim
from cancellations.settlement import Postponed, Settlement
from cancellations.token import sign

MAX_ATTEMPTS = 60

CALL_S = 10.0
"""What one call to Prevail may take in all; the adapter's total deadline is no longer."""

AFTERWARDS_S = 24.0
"""What recording and settling may take after a call: two writes under their own deadlines."""

REVIEW_AFTER_S = 3600
"""How long a doubt is looked into before a person is asked."""

MENDED_S = 900
"""How long a request is held where a person must mend something first."""

CONFLICTS = 3
"""How often a conflict that the state does not explain is taken for a passing one."""

MAX_SKEW_S = 86_400.0
"""A clock that is further off is not believed."""

HTTP_CONFLICT = 409
TOO_LITTLE_TIME = "not sent: too little time is left"

type Remaining = Callable[[], float]
"""Seconds until the function is stopped."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every attempt works with."""

    keys: ApiKeys
    prevail: Prevail
    guards: Guards
    pace: Pace
    jitter: Callable[[], float]
    """A random number from 0 to 1."""


@dataclass(slots=True)
class Attempt:
    _tools: Tools
    _desk: Settlement
    _request: Request
    _organization: Organization
    _api_key: str
    _held: Claim
    _remaining: Remaining
    _ahead: float = 0.0
    """By how much Prevail's clock goes before ours, where that matters."""

    def run(self) -> Outcome | Postponed:
        if self._held.in_doubt:
            if done := self._look():
                return done
            if self._held.in_doubt and self._organization.retry_without_email:
                self._request = replace(self._request, cancel_without_email=True)
        if self._held.crowded:
            outcome = Outcome("needs_review", "too_many_requests")
            return self._desk.review(self._request, self._held, outcome, "not sent: too many requests")
        answer = self._send()
        if answer.meaning == "our_key" and self._otherwise(answer):
            self._tools.pace.one_more(self._organization)
            answer = self._send()
        if answer.reason != TOO_LITTLE_TIME:
            self._tools.guards.saw(self._organization, answer, self._api_key)
        return self._conclude(answer)

    def _otherwise(self, refused: Answer) -> bool:
        """Whether a second call would say something else: with a key that was changed, or by Prevail's clock."""
        before = self._api_key
        self._tools.keys.forget(self._organization)
        try:
            self._api_key = self._tools.keys.api_key(self._organization)
        except (SecretFault, Unavailable):
            return False
        ahead = 0.0 if refused.clock is None else refused.clock - self._desk.clock()
        self._ahead = ahead if SKEW_S < abs(ahead) < MAX_SKEW_S else 0.0
        return self._api_key != before or self._ahead != 0.0

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
        if state in (None, NOT_LISTED):
            return self._hold(state) if self._organization.on_unknown == "hold" else None
        # What was on its way has arrived by now, and had no effect.
        self._held = replace(self._held, in_doubt=False, doubt_by=None)
        if state in CANCELABLE:
            return None
        outcome = Outcome("refused", "wrong_state", evidence=f"state read: {state}")
        return self._desk.refused(self._request, self._held, outcome, f"not sent: state {state}")

    def _hold(self, state: str | None) -> Outcome | Postponed:
        """The state cannot be read: look again later; in the end a person must."""
        why = f"state {state or 'not readable'}"
        unread = f"not sent: {why}"
        age = self._desk.clock() - self._held.doubt_since
        if age > REVIEW_AFTER_S:
            outcome = Outcome("needs_review", "outcome_unknown", evidence=why)
            return self._desk.unknown(self._request, self._held, outcome, unread)
        self._unsent(unread)
        delay = backoff.delay_by_age(age, self._tools.jitter(), at_least=LOOK_AFTER_S)
        return self._desk.postpone(self._request, "outcome_unknown", why, delay)

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
                return self._put_off(seen, "Prevail refuses the API key")
            case "misconfigured":
                return self._put_off(seen, f"Prevail answers {answer.seen}: check base_url")
            case "unknown" | "not_sent" | "told_to_wait":
                return self._again(answer)

    def _ask(self, answer: Answer) -> Outcome | Postponed:
        """Prevail objects, for a reason that only the session's state can tell."""
        seen, state = answer.evidence, self._state()
        if state == "canceled":
            evidence = f"state read after {seen}"
            return self._desk.canceled(self._request, self._held, ours=False, answer=seen, evidence=evidence)
        if state in (None, NOT_LISTED):
            outcome = Outcome(
                "needs_review", answer.reason, evidence=f"{seen}; state {state or 'not readable'}"
            )
            return self._desk.review(self._request, self._held, outcome, seen)
        if state in CANCELABLE and answer.status == HTTP_CONFLICT and self._held.attempts < CONFLICTS:
            return self._again(answer)
        reason = "not_cancelable" if state in CANCELABLE else "wrong_state"
        return self._refused(reason, f"{seen}; state {state}", seen)

    def _ask_the_list(self, answer: Answer) -> Outcome | Postponed:
        """A session that nobody knows, or an address that nobody knows: where the list can be read, the session."""
        seen, state = answer.evidence, self._state()
        if state is None:
            return self._put_off(seen, "Prevail knows neither the session nor the list: check base_url")
        if state == "canceled":
            evidence = f"state read after {seen}"
            return self._desk.canceled(self._request, self._held, ours=False, answer=seen, evidence=evidence)
        return self._refused(answer.reason, f"{seen}; {state}", seen)

    def _refused(self, reason: str, evidence: str, answer: str) -> Outcome:
        outcome = Outcome("refused", reason, evidence=evidence)
        return self._desk.refused(self._request, self._held, outcome, answer)

    def _put_off(self, seen: str, reason: str) -> Postponed:
        self._unsent(seen)
        return self._desk.postpone(self._request, "held", reason, MENDED_S)

    def _again(self, answer: Answer) -> Outcome | Postponed:
        request, held, seen, doubt = self._request, self._held, answer.evidence, answer.meaning == "unknown"
        if held.attempts >= MAX_ATTEMPTS:
            outcome = Outcome("needs_review", "attempts_exhausted", evidence=seen)
            settle = self._desk.unknown if doubt else self._desk.review
            return settle(request, held, outcome, seen)
        floor = max(LOOK_AFTER_S if doubt else 0.0, answer.wait or 0.0)
        delay = backoff.delay(held.attempts, self._tools.jitter(), at_least=floor)
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
            return Answer("not_sent", TOO_LITTLE_TIME)
        return self._tools.prevail.cancel(
            self._organization,
            self._request.remote_session_id,
            without_email=self._request.cancel_without_email,
            token=token,
        )

    def _state(self) -> str | None:
        self._tools.pace.one_more(self._organization)
        return self._tools.prevail.state(
            self._organization,
            self._request.remote_session_id,
            starts_at=self._request.starts_at,
            token=self._token(),
        )

    def _token(self) -> str:
        return sign(self._api_key, self._organization.slug, self._desk.clock() + self._ahead)
