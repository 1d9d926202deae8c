"""How fast, and how many at once, all workers together may call Prevail for an organization that has a limit.

Each call takes the next free moment of the organization, kept in the ledger (one write). A request whose moment is far
off goes back to the queue until shortly before, and keeps its moment; nobody sleeps for long, nobody is passed over.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cancellations.domain import Organization
from cancellations.errors import Unavailable
from cancellations.ports import Clock, Table, landed
from cancellations.protocol import guards
from cancellations.values import dataclass
from cancellations.writes import ConditionFailed, number

MAX_SLEEP_S = 2.0
"""What a worker waits for a moment that is near."""

EARLY_S = 1.0
"""How long before its moment a message comes back: the queue counts whole seconds, and is never early."""

LATE_S = 0.5
"""Whoever comes later than this after its moment takes another: the next ones have theirs."""

LANE_S = 90.0
"""Longer than an attempt: a lane whose worker died is free again after that."""


@dataclass(frozen=True, slots=True)
class Later:
    """The moment is taken, and too far off to wait for."""

    slot: float
    delay: float


@dataclass(frozen=True, slots=True)
class Pace:
    table: Table
    clock: Clock
    sleep: Callable[[float], None]

    def turn(self, organization: Organization, slot: float | None) -> Later | None:
        """Waits for the moment, or says when it is. `slot`: the one that was taken before. Raises Unavailable."""
        if organization.per_second is None:
            return None
        now = self.clock()
        if slot is None or slot < now - LATE_S:
            slot = self._taken(organization.slug, 1.0 / organization.per_second, now)
        wait = slot - now
        if wait > MAX_SLEEP_S:
            return Later(slot, wait - EARLY_S)
        if wait > 0:
            self.sleep(wait)
        return None

    def one_more(self, organization: Organization) -> None:
        """A call that an attempt cannot do without: it waits for its moment where that is near, else not at all."""
        if organization.per_second is None:
            return
        now = self.clock()
        with suppress(Unavailable):
            wait = self._taken(organization.slug, 1.0 / organization.per_second, now) - now
            if 0 < wait <= MAX_SLEEP_S:
                self.sleep(wait)

    @contextmanager
    def lane(self, organization: Organization) -> Iterator[bool]:
        """One of the calls that may be made at once; False where all are taken. Raises Unavailable."""
        if organization.at_once is None:
            yield True
            return
        now = self.clock()
        until = now + LANE_S
        taken = self._lane(organization.slug, organization.at_once, until, now)
        try:
            yield taken is not None
        finally:
            if taken is not None:
                with suppress(Unavailable):  # it ends by itself
                    landed(self.table, guards.leave_lane(organization.slug, taken, until=until))

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

    def _lane(self, slug: str, lanes: int, until: float, now: float) -> int | None:
        """The first try tells which ones are taken; the second is for one that was free then."""
        first = hash(until) % lanes
        try:
            self.table.write(guards.take_lane(slug, first, until=until, now=now))
        except ConditionFailed as refused:
            seen = refused.item
        else:
            return first
        free = [lane for lane in range(lanes) if (number(seen, f"lane_{lane}") or 0.0) < now]
        return (
            free[0]
            if free and landed(self.table, guards.take_lane(slug, free[0], until=until, now=now))
            else None
        )
