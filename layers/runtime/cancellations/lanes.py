"""How many calls all workers together may have under way for an organization that has such a limit."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cancellations.domain import Organization
from cancellations.errors import Unavailable
from cancellations.ports import Clock, Table, landed
from cancellations.protocol import guards
from cancellations.values import dataclass
from cancellations.writes import ConditionFailed, number

LANE_S = 90.0
"""Longer than an attempt: a lane whose worker died is free again after that."""


@dataclass(frozen=True, slots=True)
class Lanes:
    table: Table
    clock: Clock

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
