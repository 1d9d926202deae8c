"""How many cancellations a source may ask for in an hour: more than anybody meant waits for a person."""

from cancellations.domain import Request
from cancellations.permits import COME_BACK_S, NEWER, Hold, spread
from cancellations.ports import Clock, Jitter, Table, landed
from cancellations.protocol import guards
from cancellations.values import dataclass
from cancellations.versions import is_newer
from cancellations.waits import Waits
from cancellations.writes import ConditionFailed, Item, number


@dataclass(frozen=True, slots=True)
class Quota:
    table: Table
    clock: Clock
    jitter: Jitter

    def count(self, request: Request, cap: int | None) -> Hold | None:
        """Counts the request; says what holds it where its source is over the cap. Raises Unavailable."""
        if cap is None:
            return None
        now = self.clock()
        item = self._counted(request.source, now)
        if is_newer(item):
            return Hold("held", NEWER, self._later())
        if (number(item, "cap_free_until") or 0.0) > now:
            return None
        if (number(item, "cap_count") or 0.0) > cap:
            landed(self.table, guards.trip(request.source, now=now))
        elif number(item, "cap_tripped_at") is None:
            return None
        over = Waits("over_cap", {"source": request.source, "cap": cap})
        return Hold("held", over, self._later())

    def _counted(self, source: str, now: float) -> Item:
        try:
            return self.table.write(guards.count(source, now=now))
        except ConditionFailed:
            pass
        try:
            return self.table.write(guards.count_first(source, now=now))
        except ConditionFailed as refused:  # it is released, or another began the hour
            return refused.item

    def _later(self) -> float:
        return spread(COME_BACK_S, self.jitter())
