"""What is said to Prevail for one organization: each call with a fresh token, its end told to the guards."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cancellations import redaction
from cancellations.answers import Answer, Unread
from cancellations.backoff import SKEW_S
from cancellations.domain import Organization, Request
from cancellations.errors import SecretFault, Unavailable
from cancellations.guards import Guards
from cancellations.pace import Pace
from cancellations.ports import ApiKeys, Clock, Heard, Prevail, unheard
from cancellations.token import sign

MAX_SKEW_S = 86_400.0
"""A clock that is further off is not believed."""

TOO_LITTLE_TIME = Answer("not_sent", "not sent: too little time is left")


@dataclass(frozen=True, slots=True)
class Tools:
    """What every attempt works with."""

    keys: ApiKeys
    prevail: Prevail
    guards: Guards
    pace: Pace
    jitter: Callable[[], float]
    """A random number from 0 to 1."""
    heard: Heard = unheard


@dataclass(slots=True)
class Calls:
    """The first call's turn has come already; every other one takes a turn of its own."""

    _tools: Tools
    _clock: Clock
    _organization: Organization
    _api_key: str
    _ahead: float = 0.0
    """By how much Prevail's clock goes before ours, where that matters."""
    _made: int = 0
    _used: set[str] = field(default_factory=set)
    """Keys and tokens that Prevail has seen of us, and could repeat."""

    def cancel(self, request: Request, has_time: Callable[[], bool]) -> Answer:
        """One PATCH; a second only where the first was turned away with its token. Never raises."""
        answer = self._patch(request, has_time)
        if answer.meaning == "our_key" and self._otherwise(answer):
            answer = self._patch(request, has_time)
        if answer is not TOO_LITTLE_TIME and answer.meaning != "ask_the_list":
            self.came_to(answer)
        return answer

    def state(self, request: Request) -> str | Unread:
        """The session's state, as `ports.Prevail` says it. Never raises."""
        state = self._list(request)
        if isinstance(state, Unread) and state.answer.meaning == "our_key" and self._otherwise(state.answer):
            state = self._list(request)
        if isinstance(state, Unread):
            self._tools.guards.looked_in_vain(self._organization, state.answer, self._api_key)
        return state

    def came_to(self, answer: Answer) -> None:
        """Tells the guards what a PATCH came to."""
        self._tools.guards.saw(self._organization, answer, self._api_key)

    def _patch(self, request: Request, has_time: Callable[[], bool]) -> Answer:
        """Nothing stands between the check and the call: whoever slept in between must not send."""
        self._take_turn()
        token, began = self._token(), self._clock()
        if not has_time():
            return TOO_LITTLE_TIME
        answer = self._without_secrets(
            self._tools.prevail.cancel(
                self._organization,
                request.remote_session_id,
                without_email=request.cancel_without_email,
                token=token,
            )
        )
        self._tools.heard(request, "cancel", answer, self._clock() - began)
        return answer

    def _list(self, request: Request) -> str | Unread:
        self._take_turn()
        token, began = self._token(), self._clock()
        state = self._tools.prevail.state(
            self._organization, request.remote_session_id, starts_at=request.starts_at, token=token
        )
        if isinstance(state, Unread):
            state = Unread(self._without_secrets(state.answer))
        else:
            state = redaction.kept(state, self._used)
        self._tools.heard(request, "state", state, self._clock() - began)
        return state

    def _take_turn(self) -> None:
        if self._made:
            self._tools.pace.one_more(self._organization)
        self._made += 1

    def _otherwise(self, refused: Answer) -> bool:
        """Whether a second call would say something else: with a key that was changed, or by Prevail's clock."""
        before = self._api_key
        self._tools.keys.forget(self._organization)
        try:
            self._api_key = self._tools.keys.api_key(self._organization)
        except (SecretFault, Unavailable):
            return False
        ahead = 0.0 if refused.clock is None else refused.clock - self._clock()
        self._ahead = ahead if SKEW_S < abs(ahead) < MAX_SKEW_S else 0.0
        return self._api_key != before or self._ahead != 0.0

    def _without_secrets(self, answer: Answer) -> Answer:
        """Nothing of an answer is kept, logged or counted before this."""
        return replace(answer, words=redaction.kept(answer.words, self._used)) if answer.words else answer

    def _token(self) -> str:
        token = sign(self._api_key, self._organization.slug, self._clock() + self._ahead)
        self._used |= {self._api_key, token}
        return token
