"""DynamoDB as its documentation bounds it: a ledger whose writes cost units, and are refused where they are too many.

An item takes 1,000 write units in a second, and so does each key of an index; a new on-demand table takes 4,000, and
its index as many. Bursts and growth, which AWS grants on top and promises to nobody, are left out. A condition that
does not hold costs what the write would have cost. No item is larger than 400 KB.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
"""

import json
from collections import Counter
from collections.abc import Callable
from heapq import nsmallest

from cancellations.errors import Unavailable
from cancellations.writes import ConditionFailed, Item, Write, holds, number, text
from simulation.flow import Flow
from simulation.table import applied

OF_A_KEY, OF_A_TABLE = 1000, 4000
LARGEST = 400 * 1024
TRIES = 2
"""Of one call of ours (`adapters.aws.CALLS`); the pause between them is up to a second."""


class BoundedTable:
    """Items are never changed once they are made. throttled: calls that were refused, by what was exhausted.

    busiest: the most units that a second has seen, by kind of key.
    """

    def __init__(self, flow: Flow, jitter: Callable[[], float], call_s: float) -> None:
        self.flow, self._jitter, self._call_s = flow, jitter, call_s
        self.items: dict[str, Item] = {}
        self.units = self.index_units = self.reads = self.largest = 0
        self.throttled: Counter[str] = Counter()
        self.busiest: Counter[str] = Counter()
        self._open: dict[str, dict[str, float]] = {}
        self._second, self._used = 0, Counter[str]()

    def write(self, write: Write) -> Item:
        """Raises ConditionFailed, and Unavailable where it was refused twice or is too large."""
        for left in reversed(range(TRIES)):
            self.flow.wait(self._call_s)
            old = self.items.get(write.key, {})
            new = applied(write, old) if holds(write.when, old) else None
            size = max(_bytes(old), _bytes(new or old))
            if not (exhausted := self._take(write.key, old, new, 1 + size // 1024)):
                break
            self.throttled[exhausted] += 1
            if not left:
                raise Unavailable("the ledger's table refused: ThrottlingException")
            self.flow.wait(self._jitter())
        if new is None:
            raise ConditionFailed(old)
        if size > LARGEST:
            raise Unavailable("the ledger's table refused: ValidationException")
        self.largest = max(self.largest, size)
        self._land(write.key, old, new)
        return new if write.told else {}

    def read(self, key: str) -> Item | None:
        self.flow.wait(self._call_s)
        self.reads += 1
        return self.items.get(key)

    def due(self, shard: str, before: float, limit: int) -> list[Item]:
        self.flow.wait(self._call_s)
        self.reads += 1
        overdue = ((due_at, key) for key, due_at in self._open.get(shard, {}).items() if due_at < before)
        return [self.items[key] for _, key in nsmallest(limit, overdue)]

    def _take(self, key: str, old: Item, new: Item | None, units: int) -> str | None:
        """What is exhausted, or None and the units are taken."""
        second = int(self.flow.now)
        if second != self._second:
            self._second, self._used = second, Counter()
        indexed = units * _changes_of_index(old, new)
        shard = text(old, "open") or text(new or {}, "open") or ""
        wanted: tuple[tuple[str, int, int], ...] = ((key, units, OF_A_KEY), ("table", units, OF_A_TABLE))
        if indexed:
            wanted += ((shard, indexed, OF_A_KEY), ("index", indexed, OF_A_TABLE))
        for name, more, most in wanted:
            full = self._used[name] + more > most and not self.flow.stands
            if full and self._used[name]:  # a large item alone is served all the same
                return name.partition("#")[0]
        self.units += units
        self.index_units += indexed
        if not self.flow.stands:
            for name, more, _ in wanted:
                self._used[name] += more
                kind = name.partition("#")[0]
                self.busiest[kind] = max(self.busiest[kind], self._used[name])
        return None

    def _land(self, key: str, old: Item, new: Item) -> None:
        self.items[key] = new
        if shard := text(old, "open"):
            self._open[shard].pop(key, None)
        if shard := text(new, "open"):
            self._open.setdefault(shard, {})[key] = number(new, "due_at") or 0.0


def _changes_of_index(old: Item, new: Item | None) -> int:
    """How many units for each of the item's the index `open` takes: put, removed, or both where it moves."""
    if new is None:
        return 0
    places = [(item.get("open"), item.get("due_at")) for item in (old, new) if "open" in item]
    return len(set(places))


def _bytes(item: Item) -> int:
    return len(json.dumps(item, separators=(",", ":"))) if item else 0
