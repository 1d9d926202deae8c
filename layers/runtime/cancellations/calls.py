"""What is said to Prevail for one organization: each call with a fresh token, its end told to the guards."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cancellations import redaction
from cancellations.answers import PASSING, Answer, Unread
from cancellations.backoff import SKEW_S
from cancellations.domain import Organization, Request
from cancellations.errors import SecretFault, Unavailable
from cancellations.guard_items import GuardItems
from cancellations.lanes import Lanes
from cancellations.pace import Pace, Seen, Turn
from cancellations.permits import Permit, Permits
from cancellations.ports import ApiKeys, Clock, Heard, Jitter, Prevail, Table, unheard
from cancellations.quota import Quota
from cancellations.token import sign

MAX_SKEW_S = 86_400.0
"""A clock that is further off is not believed."""

TOO_LITTLE_TIME = Answer("not_sent", "out_of_time")

NO_TURN = Answer("told_to_wait", "no_turn")
"""The list was not asked for: the organization's calls are limited, and none is free now."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every attempt of a process works with."""

    keys: ApiKeys
    prevail: Prevail
    permits: Permits
    quota: Quota
    pace: Pace
    lanes: Lanes
    jitter: Jitter
    heard: Heard = unheard


def tools(
    table: Table,
    clock: Clock,
    sleep: Callable[[float], None],
    jitter: Jitter,
    *,
    keys: ApiKeys,
    prevail: Prevail,
    heard: Heard = unheard,
) -> Tools:
    """As a process has them: what it has read of the guards is its own."""
    items = GuardItems(table, clock)
    permits, quota = Permits(table, clock, jitter, items), Quota(table, clock, jitter)
    pace, lanes = Pace(table, clock, sleep, jitter, items, Seen()), Lanes(table, clock)
    return Tools(keys, prevail, permits, quota, pace, lanes, jitter, heard)


@dataclass(slots=True)
class Calls:
    """The first call has had its turn; every other one takes a turn of its own."""

    _tools: Tools
    _clock: Clock
    _organization: Organization
    _api_key: str
    _permit: Permit
    _turn: Turn
    _told: bool = False
    """Whether the request was told to wait before, and has waited."""
    _ahead: float = 0.0
    """By how much Prevail's clock goes before ours, where that matters."""
    _asked_anew: bool = False
    """Whether the key was fetched again: once is enough for one attempt."""
    _made: int = 0
    _used: set[str] = field(default_factory=set)
    """Keys and tokens that Prevail has seen of us, and could repeat."""

    def cancel(self, request: Request, has_time: Callable[[], bool]) -> Answer:
        """One PATCH; a second only where the first was turned away with its token. Never raises.

        What it says of the organization is counted here only where that is certain: for the rest see `Permit`.
        """
        answer = self._patch(request, has_time)
        if answer.meaning == "our_key" and self._otherwise(answer):
            answer = self._patch(request, has_time)
        if answer.is_up:
            self._permit.answered()
        return answer

    def state(self, request: Request) -> str | Unread:
        """The session's state, as `ports.Prevail` says it. Never raises.

        A list that is read says that Prevail answers and takes the key. One that is not, for other reasons than the
        key, says nothing of the calls: they go on where the list alone is down.
        """
        state = self._list(request)
        if isinstance(state, Unread) and state.answer.meaning == "our_key" and self._otherwise(state.answer):
            state = self._list(request)
        if not isinstance(state, Unread) or state.partly:
            self._permit.answered()
        elif state.answer.meaning == "our_key":
            self._permit.key_refused(self._api_key)
        elif self._permit.probes and state.answer.meaning in PASSING:
            self._permit.failed(state.answer)
        return state

    @property
    def decides(self) -> bool:
        """Whether one failure more holds the organization: then the list must be read before it is counted."""
        return self._permit.decides

    def failed(self, answer: Answer) -> None:
        """Neither the session's call nor the list was answered."""
        self._permit.failed(answer)

    def key_refused(self) -> None:
        """Neither for the session nor for the list was the key taken."""
        self._permit.key_refused(self._api_key)

    def _patch(self, request: Request, has_time: Callable[[], bool]) -> Answer:
        """Nothing stands between the check and the call: whoever slept in between must not send."""
        turn = self._take_turn() or Turn()
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
        self._note_pace(answer, turn)
        return answer

    def _list(self, request: Request) -> str | Unread:
        turn = self._take_turn()
        if turn is None:
            return Unread(NO_TURN)
        token, began = self._token(), self._clock()
        state = self._tools.prevail.state(
            self._organization, request.remote_session_id, starts_at=request.starts_at, token=token
        )
        if isinstance(state, Unread):
            state = Unread(self._without_secrets(state.answer))
            self._note_pace(state.answer, turn)
        else:
            state = redaction.kept(state, self._used)
            self._tools.pace.taken(self._organization, turn, again=self._told)
        self._tools.heard(request, "state", state, self._clock() - began)
        return state

    def _take_turn(self) -> Turn | None:
        """None where no slot is near: Prevail has just said that there were too many calls."""
        self._made += 1
        return self._turn if self._made == 1 else self._tools.pace.one_more(self._organization)

    def _note_pace(self, answer: Answer, turn: Turn) -> None:
        if answer.too_many:
            self._tools.pace.turned_away(self._organization, turn, answer.wait, again=self._told)
        elif answer.status is not None:
            self._tools.pace.taken(self._organization, turn, again=self._told)

    def _otherwise(self, refused: Answer) -> bool:
        """Whether a second call would say something else: with a key that was changed, or by Prevail's clock."""
        if self._asked_anew:
            return False
        self._asked_anew, before = True, self._api_key
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
