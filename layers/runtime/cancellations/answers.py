"""What an answer of Prevail means: one table, one row per fact, each saying whether Prevail documents it.

Prevail documents the success body and no status, no error and no limit (https://prevail.ai help pages, "Cancel
Sessions", May 2025), so all but one row are assumptions; whatever has no row is `unknown`, the careful reading.
"""

from collections.abc import Mapping
from typing import Literal

from cancellations.values import dataclass

type Meaning = Literal[
    "canceled",  # the session is canceled
    "not_sent",  # nothing left this machine: try again
    "unknown",  # it may have taken effect: read the state before anything else
    "told_to_wait",  # try again, no sooner than told
    "our_key",  # the key or the token was refused
    "ask_the_list",  # an objection: what the list says of the session, and whether it can be read, decides
    "misconfigured",  # our doing or a setting's: nothing will help but a person
]
type Basis = Literal["documented", "assumed"]


@dataclass(frozen=True, slots=True)
class Row:
    meaning: Meaning
    reason: str
    basis: Basis


UNKNOWN = Row("unknown", "unexpected_answer", "assumed")

TOLD = Row("told_to_wait", "unavailable", "assumed")
"""In place of the row of 503 where it says when to come back: who turns a call away so has not passed it on."""

ROWS: Mapping[int, Row] = {
    200: Row("canceled", "success", "documented"),  # the body is documented, the number is what HTTP gives it
    202: Row("unknown", "accepted_not_done", "assumed"),
    400: Row("ask_the_list", "bad_request", "assumed"),
    401: Row("our_key", "unauthorized", "assumed"),
    403: Row("ask_the_list", "not_permitted", "assumed"),
    404: Row("ask_the_list", "not_found", "assumed"),
    405: Row("misconfigured", "method_not_allowed", "assumed"),
    406: Row("misconfigured", "not_acceptable", "assumed"),
    408: Row("unknown", "timeout_at_prevail", "assumed"),
    409: Row("ask_the_list", "wrong_state", "assumed"),
    410: Row("ask_the_list", "not_permitted", "assumed"),
    415: Row("misconfigured", "unsupported_media_type", "assumed"),
    422: Row("ask_the_list", "unprocessable", "assumed"),
    425: Row("told_to_wait", "too_early", "assumed"),
    429: Row("told_to_wait", "too_many_requests", "assumed"),
    503: Row("unknown", "unavailable", "assumed"),  # a proxy says so too, of a call that went through
}

CLASSES: Mapping[int, Row] = {
    2: Row("canceled", "success", "assumed"),
    3: Row("ask_the_list", "redirected", "assumed"),
    5: Row("unknown", "server_error", "assumed"),
}

CANCELABLE = frozenset(("initial", "scheduled", "ready"))
"""The states in which a session can be canceled (documented)."""

NOT_LISTED = "not listed"
"""In place of a state: the whole list was read, and the session is not in it."""

ACCEPTED = 202
"""Not done yet, so in doubt; but whoever says so is at work."""

TOO_MANY = 429
UNAVAILABLE = 503

PASSING: frozenset[Meaning] = frozenset(("not_sent", "unknown", "told_to_wait", "our_key"))
"""What time may mend, or a secret that is stored anew."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of one PATCH. `words` are Prevail's own, bounded; `wait` is Retry-After in seconds.

    clock: Prevail's, in epoch seconds, where the answer told it.
    """

    meaning: Meaning
    reason: str
    status: int | None = None
    words: str | None = None
    wait: float | None = None
    clock: float | None = None

    @property
    def too_many(self) -> bool:
        """Whether Prevail asks to be called less. A 503 may have other causes, but to call less is no fault then."""
        return self.status in {TOO_MANY, UNAVAILABLE}

    @property
    def is_up(self) -> bool:
        """Whether it says that Prevail does what it can. A 503 may say the contrary, even if it says for how long."""
        told = self.meaning == "told_to_wait" and self.status != UNAVAILABLE
        return self.meaning == "canceled" or told or self.status == ACCEPTED

    @property
    def seen(self) -> str:
        """What was seen, without a word of Prevail's: fit for a log."""
        return self.reason if self.status is None else f"HTTP {self.status}"


UNSENDABLE = Answer("misconfigured", "address_unusable")
"""The call's address cannot be made, so nothing was sent. It says nothing about Prevail: no guard counts it."""


PAGES_UNREAD = Answer("misconfigured", "pages_unread")
"""Prevail sends a list, but not the page that was requested: `?page=N`, which is assumed, does not select it."""

TOO_MANY_PAGES = Answer("misconfigured", "too_many_pages")
"""The list has more pages than one look reads, or they take longer than its deadline."""

LIST_CHANGED = Answer("unknown", "list_changed")
"""Sessions were added or removed between two pages, so one may have been missed. The next look may read it whole."""


@dataclass(frozen=True, slots=True)
class Unread:
    """The state could not be read. `answer`: what came in place of the list."""

    answer: Answer

    @property
    def passing(self) -> bool:
        """Whether it is Prevail that does not answer now, and not the list that cannot be read at all."""
        return self.answer.meaning in PASSING

    @property
    def partly(self) -> bool:
        """Whether Prevail sent a list that could not be read to its end: key and address are right, Prevail is up."""
        return self.answer in (PAGES_UNREAD, TOO_MANY_PAGES, LIST_CHANGED)


def answer_for(
    status: int, words: str | None = None, wait: float | None = None, clock: float | None = None
) -> Answer:
    """Read a status by the table."""
    row = ROWS.get(status) or CLASSES.get(status // 100, UNKNOWN)
    if status == UNAVAILABLE and wait is not None:
        row = TOLD
    return Answer(row.meaning, row.reason, status, words, wait, clock)
