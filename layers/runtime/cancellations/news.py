"""What of the ledger's changes is news to whoever asked: one table, from what a request was to what it is now.

A request is written many times on its way: put on the queue again, swept, put off once more. None of that is news.
"""

from typing import Literal, cast, get_args

from cancellations.domain import SETTLED, Status, Unsettled
from cancellations.errors import Malformed
from cancellations.values import dataclass
from cancellations.versions import refuse_newer
from cancellations.waits import HeldBy, waits_in
from cancellations.writes import KEY, Item, number, text

type Kind = Literal[
    "Session Canceled",
    "Session Already Canceled",
    "Cancellation Refused",
    "Cancellation Needs Review",
    "Cancellation Observed",
    "Cancellation Held",
    "Cancellation Resumed",
    "Cancellation Escalated",
]
"""The `detail-type` of an event."""


@dataclass(frozen=True, slots=True)
class Change:
    """One write on a request, as the ledger's stream tells it: the item before and after, each empty where none is.

    sequence: the stream's own number of it. at: when it was written, in epoch seconds.
    """

    sequence: str
    at: float
    old: Item
    new: Item

    @property
    def before(self) -> Item:
        """What this request was before; one that begins anew after its record has expired was nothing."""
        return self.old if text(self.old, "accepted_by") == text(self.new, "accepted_by") else {}


@dataclass(frozen=True, slots=True)
class Row:
    was: frozenset[Status | None]
    now: frozenset[Status]
    news: Kind


NEW: frozenset[Status | None] = frozenset((None,))
HELD: frozenset[Status] = frozenset(("held",))
ON_ITS_WAY: frozenset[Status] = frozenset(get_args(Unsettled.__value__)) - HELD
UNSETTLED = NEW | ON_ITS_WAY | HELD
WITHOUT_A_PERSON: frozenset[Status] = frozenset(("canceled", "already_canceled", "refused", "observed"))

NEWS: tuple[Row, ...] = (
    Row(HELD, ON_ITS_WAY | WITHOUT_A_PERSON, "Cancellation Resumed"),
    Row(NEW | ON_ITS_WAY, HELD, "Cancellation Held"),
    Row(UNSETTLED, frozenset(("canceled",)), "Session Canceled"),
    Row(UNSETTLED, frozenset(("already_canceled",)), "Session Already Canceled"),
    Row(UNSETTLED, frozenset(("refused",)), "Cancellation Refused"),
    Row(UNSETTLED, frozenset(("needs_review",)), "Cancellation Needs Review"),
    Row(UNSETTLED, frozenset(("observed",)), "Cancellation Observed"),
)
"""Read from above: of one change every row that fits is news, in this order. So each `Held` is followed by a `Resumed`
or by a `Needs Review`, and whoever opens a case at the one closes it at the other."""

MARK = "escalated_at"
ESCALATED: Kind = "Cancellation Escalated"
"""No status but a mark that comes once: the deposition is about to begin."""


def is_of_a_request(change: Change) -> bool:
    return (text(change.new, KEY) or "").startswith("REQUEST#")


def news_in(change: Change) -> tuple[Kind, ...]:
    """Raises Malformed for a status that no version of ours has written, NewerVersion for what a newer one has."""
    if not is_of_a_request(change):
        return ()
    refuse_newer(change.new)
    was, now = _status(change.before), _status(change.new)
    found = [row.news for row in NEWS if was in row.was and now in row.now]
    marked = number(change.new, MARK) is not None and number(change.before, MARK) is None
    return (*found, ESCALATED) if marked else tuple(found)


def _status(item: Item) -> Status | None:
    status = text(item, "status")
    if status not in SETTLED | UNSETTLED:
        raise Malformed("a stored request has a status that no version of ours has written")
    return cast("Status | None", status)


# ── In words that are fit for others ──────────────────────────────────────────────────────────────

HELD_FOR: frozenset[HeldBy] = frozenset(
    ("paused", "key_refused", "secret_unusable", "over_cap", "organization_unknown", "address_wrong")
)
"""The codes that are published. Their details stay in the ledger: they name our people and our secrets."""


def held_for(item: Item) -> str:
    """What a stored request is held for. "other": nothing of the above, or version 0.1.0 held it."""
    cause = waits_in(item)
    return cause.by if cause and cause.by in HELD_FOR else "other"
