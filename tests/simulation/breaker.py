"""Since when the breaker has been open, read from what is written to the table."""

from cancellations.guard_items import KEPT_S
from cancellations.writes import Item, number
from simulation.scheduler import Life


class Breaker:
    """skew: by how much the clocks of two lives may differ, and so what a process has read may be older."""

    def __init__(self, skew: float) -> None:
        self._skew = skew
        self._until, self._opened_at = 0.0, 0.0

    def written(self, guard: Item, now: float) -> None:
        until = number(guard, "breaker_until") or 0.0
        if until != self._until:
            self._until, self._opened_at = until, now

    def was_open_for(self, life: Life, now: float) -> bool:
        """Whether it was known to be open when the life began, and has not ended since."""
        known = self._opened_at + KEPT_S + self._skew < life.began
        return known and now + self._skew < self._until
