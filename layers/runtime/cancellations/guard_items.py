"""What holds calls back, as one process has read it: each item is believed for a few seconds."""

from cancellations.ports import Clock, Table
from cancellations.protocol.guards import guard_key
from cancellations.writes import Item

KEPT_S = 5.0
"""How long an item that was read is believed; somebody's pause reaches every worker within this time."""


class GuardItems:
    """For all threads of a process: an item is replaced whole, and two that read it at once read the same."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock
        self._kept: dict[str, tuple[float, Item]] = {}

    def read(self, slug: str, *, at_most_s: float = KEPT_S) -> Item:
        """at_most_s: how old it may be. Raises Unavailable."""
        read_at, item = self._kept.get(slug, (0.0, {}))
        now = self._clock()
        if now - read_at <= at_most_s and read_at:
            return item
        return self.keep(slug, self._table.read(guard_key(slug)) or {})

    def known(self, slug: str) -> Item:
        """As it was read last, however long ago; empty where it never was."""
        return self._kept.get(slug, (0.0, {}))[1]

    def keep(self, slug: str, item: Item) -> Item:
        """What a write said that the item is now."""
        self._kept[slug] = (self._clock(), item)
        return item

    def forget(self, slug: str) -> None:
        """The next question reads anew."""
        self._kept[slug] = (0.0, self.known(slug))
