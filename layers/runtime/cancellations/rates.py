"""How fast an organization may be called, learned from what Prevail turns away. Pure: no clock, no table.

Nothing is known, and nothing is limited, until Prevail says that there were too many. Then all workers together share
one rate. It doubles as long as Prevail takes the calls; what Prevail turned away bounds the search from above, what it
took from below. A call is counted by its slot: slots that were handed out at an earlier rate say nothing about this
one.

Prevail may turn each session away once, however slowly it is called. What tells that from a limit are the requests
that have waited as they were told: under a limit some of them are turned away again.
"""

from collections.abc import Mapping

from cancellations.domain import Json
from cancellations.values import dataclass
from cancellations.writes import Item, number

START_PER_S = 0.9
"""Where to begin where little is known, and how far down requests lead that nobody has told to wait: a little under one
in a second, which is the least that a limit in whole numbers can be."""

LEAST_PER_S = 1 / 60
MOST_PER_S = 500.0
"""From here on no call has to wait: an item of the ledger takes twice as many writes in a second."""

WATCHED_S = 5.0
"""How long the calls are counted, and none waits, after the first one that is turned away."""

FEW = 3
"""Calls that Prevail took before it turned others away say nothing of a rate, where there were so few of them."""

WATCHED = 3
"""How many must be turned away, and twice as many as are taken, for a limit to be seen."""

ENOUGH = 10
"""After how many calls that Prevail has taken a rate is raised."""

RETURNED = 3
"""So many requests that had waited as they were told, and were taken then, tell what a session is told from a limit."""

LEAP = 4.0
"""How much faster the next rate is where Prevail turns away whoever comes for the first time, and takes nobody else."""

COUNTED_S = 1.5
"""The calls of how many seconds are counted at least."""

CLEAR = 10
"""So many calls in vain, and a third of all, need nobody's return to be told from chance."""

LESS = 0.7
"""What is left of a rate that Prevail has taken before and takes no longer."""

COME_BACK_S = 3.0
"""After this time at a rate somebody who was told to wait should have come back."""

TOLERATED = 0.05
"""Which part of the calls may be in vain where nobody does."""

CLOSE = 1.05
"""So near to each other the bounds say all that there is to know."""

BOUND_S = 60.0
"""How long the upper bound is believed; then the search goes on a little above it."""

FORGOTTEN_S = 3600.0
"""A limit that nobody has felt for so long is forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls in a second. `since`: the first slot that it holds for, in epoch seconds; it names the rate.

    low: what Prevail has taken. high: what it has turned away, at `high_at`.
    """

    per_s: float
    since: float
    low: float
    high: float | None = None
    high_at: float = 0.0
    taken: int = 0
    taken_told: int = 0
    turned_away: int = 0
    """How many calls at this rate Prevail has taken, how many of those for requests that had been told to wait, and how
    many it turned away of those that had not."""
    none_at_first: bool = False
    """Whether Prevail took none of the calls that were made before there was a rate."""

    def as_item(self) -> Mapping[str, Json]:
        known: dict[str, Json] = {
            "rate": self.per_s,
            "rate_since": self.since,
            "rate_low": self.low,
            "rate_high": self.high,
            "rate_high_at": self.high_at,
            "rate_taken": self.taken,
            "rate_taken_told": self.taken_told,
            "rate_turned_away": self.turned_away,
            "rate_none_at_first": self.none_at_first or None,
        }
        return {name: value for name, value in known.items() if value is not None}

    @property
    def is_taken(self) -> bool:
        """Whether enough calls say that Prevail takes this rate: a limit may be felt at the end of a second only."""
        few = self.turned_away <= max(1, self.taken * TOLERATED)
        return self.taken >= max(ENOUGH, self.per_s * COUNTED_S) and (few or self.taken_told >= RETURNED)

    @property
    def each_is_told(self) -> bool:
        """Whether it looks as if no limit is felt, and each session is turned away once."""
        others_are_not = self.none_at_first or self.turned_away >= RETURNED
        return self.taken == self.taken_told >= RETURNED and others_are_not

    @property
    def was_leapt_to(self) -> bool:
        return self.high is None and self.per_s > 2 * self.low

    @property
    def watched(self) -> bool:
        """Whether calls are only counted."""
        return self.per_s >= MOST_PER_S

    def is_too_high(self, now: float) -> bool:
        """Whether it looks so while nobody comes back who was told to wait."""
        if self.watched:
            return self.turned_away >= WATCHED and self.turned_away > 2 * self.taken
        if self.taken_told or self.was_leapt_to or self.per_s <= START_PER_S or self.turned_away < FEW:
            return False
        clear = self.turned_away >= CLEAR and self.turned_away > self.taken / 2
        return clear or (now - self.since > COME_BACK_S and self.turned_away > self.taken * TOLERATED)


def read(item: Item, now: float) -> Rate | None:
    """The rate that an item holds; None where there is none, or nobody has felt it for long."""
    per_s, since = number(item, "rate"), number(item, "rate_since")
    if per_s is None or since is None:
        return None
    if now - since > (WATCHED_S if per_s >= MOST_PER_S else FORGOTTEN_S):
        return None
    return Rate(
        per_s,
        since,
        number(item, "rate_low") or per_s,
        number(item, "rate_high"),
        number(item, "rate_high_at") or 0.0,
        int(number(item, "rate_taken") or 0),
        int(number(item, "rate_taken_told") or 0),
        int(number(item, "rate_turned_away") or 0),
        item.get("rate_none_at_first") is True,
    )


def watched(now: float, seen: int) -> Rate:
    """When the first call is turned away. seen: how many calls one process has seen Prevail take just before."""
    return Rate(MOST_PER_S, now, MOST_PER_S, taken=seen, turned_away=1)


def first(watched: Rate, since: float, now: float, configured: float | None) -> Rate:
    """Where to begin when a limit is seen: at what Prevail took meanwhile.

    configured: the organization's own rate, if it has one: a limit is lower than that.
    """
    per_s = max(START_PER_S, (watched.taken - FEW) / max(now - watched.since, 1.0))
    if configured is not None:
        per_s = max(min(per_s, configured / 2), LEAST_PER_S)
    return Rate(per_s, since, per_s / 2, none_at_first=watched.taken == 0)


def slower(rate: Rate, since: float, now: float) -> Rate:
    """Prevail turned a call away that was made at this rate: back to what it has taken, or to less than that."""
    low = rate.low if rate.low < rate.per_s else max(rate.per_s * LESS, LEAST_PER_S)
    return Rate(low, since, low, rate.per_s, now)


def faster(rate: Rate, since: float, now: float) -> Rate | None:
    """The next rate to try; None where Prevail has not taken enough calls at this one, or it is as good as it gets.

    Without a bound each step is twice the last one, so that a rate doubles; below a bound it halves what is left. Where
    each session is turned away once there is no limit to find: the next rate holds at once, beside slots of this one.
    """
    if rate.watched or not (rate.is_taken or rate.each_is_told):
        return None
    tried, high = rate.per_s, rate.high
    if rate.each_is_told and high is None:
        return Rate(min(tried * LEAP, MOST_PER_S - 1), now, tried)
    if high is not None and high > tried * CLOSE:
        return Rate((tried + high) / 2, since, tried, high, rate.high_at)
    if high is not None and now - rate.high_at <= BOUND_S:
        return None
    step = max(2 * (tried - rate.low), tried * (CLOSE - 1))
    return Rate(tried + min(step, tried), since, tried)
