"""How fast all workers together may call Prevail for an organization.

Each call takes the next free moment of the organization, its slot, kept in the ledger (one write), where there is a
rate: one that is configured, or one that was learned because Prevail turned calls away (`rates`). Without a rate
nothing is counted and nothing is written.

A configured rate is certain: a request whose slot is far off goes back to the queue until shortly before, and keeps it.
A learned one changes within seconds: only near slots are handed out, and who finds none comes back, later each time.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from cancellations import backoff, rates
from cancellations.domain import Organization, Progress
from cancellations.errors import Unavailable
from cancellations.guard_items import GuardItems
from cancellations.ports import Clock, Jitter, Table, landed
from cancellations.protocol import guards
from cancellations.rates import Rate
from cancellations.values import dataclass
from cancellations.writes import ConditionFailed, Item, number

PAUSE_S = 1.0
"""How long at most all calls wait when one is turned away; what it was told may be meant for its session alone."""

MAX_SLEEP_S = 2.0
"""What a worker waits for a slot that is near."""

TOLD_SLEEP_S = 4.0
"""What it waits for the slot of a request that was told to wait before: whether that was enough tells most."""

EARLY_S = 1.0
"""How long before its slot a message comes back: the queue counts whole seconds, and is never early."""

LATE_S = 0.5
"""Whoever comes later than this after its slot takes another: the next ones have theirs."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The call may be made now. slot: the moment it has, where there is a rate; what is turned away is told by it."""

    slot: float | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """No call now. slot: what was kept for it, far off; None where no slot was near enough to be handed out."""

    slot: float | None
    delay: float


class Seen:
    """How many calls a process has seen Prevail take."""

    def __init__(self) -> None:
        self._taken: defaultdict[str, deque[float]] = defaultdict(partial(deque, maxlen=MOST_SEEN))

    def taken(self, slug: str, now: float) -> None:
        self._taken[slug].append(now)

    def in_the_last_second(self, slug: str, now: float) -> int:
        return sum(at > now - 1.0 for at in tuple(self._taken[slug]))


MOST_SEEN = 100


@dataclass(frozen=True, slots=True)
class Pace:
    table: Table
    clock: Clock
    sleep: Callable[[float], None]
    jitter: Jitter
    items: GuardItems
    seen: Seen

    def turn(self, organization: Organization, progress: Progress) -> Turn | Later:
        """Waits for a slot that is near, or says when to come back. Raises Unavailable."""
        now = self.clock()
        rate = rates.read(self.items.read(organization.slug), now)
        if rate and not rate.watched:
            within_s = TOLD_SLEEP_S if progress.told else MAX_SLEEP_S
            near = self._near(organization, rate, now, within_s)
            if near is None:
                most_s = TOLD_SLEEP_S if progress.told else backoff.MAX_IN_VAIN_S
                return Later(None, backoff.in_vain(progress.in_vain, self.jitter(), most_s))
            self._wait_for(near, now)
            return near
        if organization.per_second is None:
            return Turn()
        slot = progress.slot
        if slot is None or slot < now - LATE_S:
            slot = self._taken(organization.slug, 1.0 / organization.per_second, now)
        if slot - now > MAX_SLEEP_S:
            return Later(slot, slot - now - EARLY_S)
        self._wait_for(Turn(slot), now)
        return Turn(slot)

    def one_more(self, organization: Organization) -> Turn | None:
        """For a further call of an attempt. None where Prevail takes no call now: it must wait for another time."""
        now = self.clock()
        try:
            rate = rates.read(self.items.read(organization.slug), now)
            if rate and not rate.watched:
                if near := self._near(organization, rate, now, TOLD_SLEEP_S):
                    self._wait_for(near, now)
                return near
            if organization.per_second is None:
                return Turn()
            slot = self._taken(organization.slug, 1.0 / organization.per_second, now)
        except Unavailable:
            return Turn()
        if slot - now <= MAX_SLEEP_S:
            self._wait_for(Turn(slot), now)
        # A configured rate is kept on average: what an attempt cannot do without does not wait long.
        return Turn(slot)

    def turned_away(
        self, organization: Organization, turn: Turn, told_s: float | None, *, again: bool
    ) -> None:
        """Prevail had too many calls: all workers call more slowly. Never raises: the call is recorded elsewhere.

        told_s: how long Prevail says to wait. The request waits for all of it, others for a moment: it may be meant
        for this session alone. again: whether the request had waited as it was told before; only then is it certain
        that the rate is too high, and not that each session is told so once.
        """
        with suppress(Unavailable, ConditionFailed):
            now, slug = self.clock(), organization.slug
            item = self.items.read(slug, at_most_s=0.0)
            rate = rates.read(item, now)
            begins = now + min(told_s or PAUSE_S, PAUSE_S)
            seen = self.seen.in_the_last_second(slug, now)
            if rate is None and not again:
                self._learn(slug, item, rates.watched(now, seen), None)
                return
            if rate is None:
                rate = rates.watched(now, seen)
            if not rate.watched and (turn.slot is None or turn.slot < rate.since):
                return  # it was made at an earlier rate, from which this has been learned
            if not again:
                item = self._counted(slug, rate, ("rate_turned_away",))
                rate = rates.read(item, now)
                if rate is None or not rate.is_too_high(now):
                    return
            if rate.watched:
                self._learn(slug, item, rates.first(rate, begins, now, organization.per_second), begins)
                return
            begins = max(number(item, "next_slot") or 0.0, begins)
            self._learn(slug, item, rates.slower(rate, begins, now), begins)

    def taken(self, organization: Organization, turn: Turn, *, again: bool) -> None:
        """Prevail took a call. At a learned rate the next higher one is tried after some of them. Never raises."""
        now, slug = self.clock(), organization.slug
        self.seen.taken(slug, now)
        rate = rates.read(self.items.known(slug), now)
        if rate is None or (not rate.watched and (turn.slot is None or turn.slot < rate.since)):
            return
        with suppress(Unavailable, ConditionFailed):
            item = self._counted(slug, rate, ("rate_taken", "rate_taken_told") if again else ("rate_taken",))
            next_slot = number(item, "next_slot") or now
            if (so_far := rates.read(item, now)) and (next_one := rates.faster(so_far, next_slot, now)):
                self._learn(slug, item, next_one, next_one.since if next_one.since < next_slot else None)

    def _wait_for(self, turn: Turn, now: float) -> None:
        if turn.slot is not None and turn.slot > now:
            self.sleep(turn.slot - now)

    def _near(self, organization: Organization, rate: Rate, now: float, within_s: float) -> Turn | None:
        """The next slot at the learned rate, where it is near. Raises Unavailable."""
        slug = organization.slug
        for _ in range(4):
            apart_s = 1.0 / min(rate.per_s, organization.per_second or math.inf)
            within = {"since": rate.since, "now": now, "apart_s": apart_s}
            for write in (
                guards.near_slot(slug, within_s=within_s, **within),
                guards.slot_at_once(slug, **within),
            ):
                try:
                    item = self.items.keep(slug, self.table.write(write))
                except ConditionFailed as refused:
                    item = self.items.keep(slug, refused.item)
                else:
                    return Turn((number(item, "next_slot") or now) - apart_s)
            if (number(item, "next_slot") or 0.0) >= now + within_s:
                return None
            if (rate_now := rates.read(item, now)) is None:
                return Turn()
            rate = rate_now
        return None

    def _counted(self, slug: str, rate: Rate, names: tuple[str, ...]) -> Item:
        """Raises ConditionFailed where another rate holds by now, or Unavailable."""
        return self.items.keep(slug, self.table.write(guards.count_at_rate(slug, names, since=rate.since)))

    def _learn(self, slug: str, item: Item, rate: Rate, next_slot: float | None) -> None:
        since = number(item, "rate_since")
        self.items.forget(slug)
        landed(self.table, guards.learn_rate(slug, rate.as_item(), since=since, next_slot=next_slot))

    def _taken(self, slug: str, apart_s: float, now: float) -> float:
        for _ in range(3):
            try:
                item = self.table.write(guards.next_slot(slug, now=now, apart_s=apart_s))
            except ConditionFailed:
                if landed(self.table, guards.first_slot(slug, now=now, apart_s=apart_s)):
                    return now
            else:
                return (number(item, "next_slot") or now) - apart_s
        raise Unavailable("the organization's next slot changes too fast")
