"""What an attempt came to and what an outcome rests on, as the ledger records both: codes and fields, no sentence.

`sentences` makes the words for people.
"""

from dataclasses import fields
from http import HTTPStatus
from typing import Any, Literal, cast, get_args

from cancellations.answers import UNSENDABLE, Answer, Meaning, Unread
from cancellations.domain import Evidence, Json, Request
from cancellations.values import dataclass
from cancellations.writes import Item, at, number, text

type Untried = Literal[
    "out_of_time",  # too little time was left for a whole call
    "state_read",  # the session's state decided: there was nothing to send
    "state_unread",  # an earlier call is in doubt and the state cannot be read
    "too_old",  # the request waited for longer than a request may
    "pipeline",  # the sweep re-queued it too often
]
"""Why an attempt made no call."""

_UNTRIED: frozenset[str] = frozenset(get_args(Untried.__value__))


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """`not_sent` means that no byte left this machine; `reason` says why: an `Untried`, or the error's class.

    status and words are Prevail's answer to the call. state: as the list says it. unread: the reason of what came
    in place of the list.
    """

    meaning: Meaning
    reason: str
    status: int | None = None
    words: str | None = None
    state: str | None = None
    unread: str | None = None

    def as_json(self) -> dict[str, Json]:
        """Only what is known."""
        known = {part.name: cast("Json", getattr(self, part.name)) for part in fields(self)}
        return {name: value for name, value in known.items() if value is not None}


def of_answer(answer: Answer) -> AttemptResult:
    """Without an address there was no call, whatever the answer means for the request."""
    meaning = "not_sent" if answer == UNSENDABLE else answer.meaning
    return AttemptResult(meaning, answer.reason, answer.status, answer.words)


def untried(reason: Untried, state: str | Unread | None = None) -> AttemptResult:
    """An attempt that made no call. state: what reading the list came to, if it was read."""
    return AttemptResult("not_sent", reason, state=_read(state), unread=_unread(state))


def attempt_in(stored: Item) -> AttemptResult | None:
    """Read what `AttemptResult.as_json` wrote. None: the attempt has no record, or one of version 0.1.0."""
    if (meaning := text(stored, "meaning")) is None:
        return None
    status = number(stored, "status")
    return AttemptResult(
        cast("Meaning", meaning),
        text(stored, "reason") or "",
        None if status is None else int(status),
        *(text(stored, name) for name in ("words", "state", "unread")),
    )


def attempts_in(session: Item, request: Request) -> list[Json]:
    """The request's attempts that the session still lists, oldest first."""
    attempts = session.get("attempts")
    listed = attempts if isinstance(attempts, list) else []
    return [attempt for attempt in listed if at(attempt, ("request",)) == request.id]


def calls_of(request: Request, session: Item) -> int:
    """How many calls for this request may have left this machine, by the attempts that its session still lists."""
    return sum(map(may_have_left, attempts_in(session, request)))


def may_have_left(stored: Json) -> bool:
    """Whether a call may have left this machine, as far as the attempt's record tells.

    Without a record the attempt is under way, or ended in the dark. One of version 0.1.0 is not read.
    """
    return at(stored, ("meaning",)) != "not_sent"


def tried(stored: Json) -> bool:
    """Whether the attempt made a call or tried to connect, as far as its record tells."""
    return may_have_left(stored) or at(stored, ("reason",)) not in _UNTRIED


def conflicted(stored: Json) -> bool:
    return at(stored, ("status",)) == HTTPStatus.CONFLICT


def by_answer(answer: Answer, state: str | Unread | None = None) -> Evidence:
    """Evidence of a call. state: what reading the list after it came to."""
    return Evidence("answer", _read(state), answer.status, answer.reason, answer.words, _unread(state))


def by_state(state: str | Unread, after: Answer | None = None) -> Evidence:
    """Evidence of the list. after: the answer to a call that made us read it."""
    if after is None:
        return Evidence("state", _read(state), unread=_unread(state))
    return Evidence("state", _read(state), after.status, after.reason, after.words, _unread(state))


def evidence_in(outcome: Json) -> Evidence | None:
    """Read what `Outcome.as_json` wrote, or the sentence in which version 0.1.0 wrote it."""
    basis, old = at(outcome, ("basis",)), at(outcome, ("evidence",))
    if isinstance(basis, dict):
        return Evidence(**{part.name: cast("Any", basis.get(part.name)) for part in fields(Evidence)})
    return Evidence(None, words=old) if isinstance(old, str) else None


def _read(state: str | Unread | None) -> str | None:
    return None if isinstance(state, Unread) else state


def _unread(state: str | Unread | None) -> str | None:
    return state.answer.reason if isinstance(state, Unread) else None
