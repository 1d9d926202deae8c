"""The ledger's table: conditional writes that are refused, lost, late or made twice, and an index that lags."""

from cancellations.domain import Json
from cancellations.errors import Unavailable
from cancellations.writes import (
    KEY,
    Append,
    ConditionFailed,
    Default,
    Increment,
    Item,
    Path,
    Put,
    Remove,
    Write,
    at,
    holds,
    number,
)
from simulation.invariants import Watch
from simulation.scheduler import Life, Scheduler

LONGEST_LAG_S = 700.0


class LedgerTable:
    """Items are never changed once they are made, so that everyone may keep what was handed out."""

    def __init__(self, scheduler: Scheduler, watch: Watch) -> None:
        self._scheduler, self._watch = scheduler, watch
        self.items = watch.items
        self._past: list[tuple[float, str, Item]] = []
        self._shards: set[object] = set()
        self._out_until = 0.0

    def write(self, write: Write) -> Item:
        scheduler = self._scheduler
        life, faults = scheduler.life, len(scheduler.fired)
        try:
            return self._write(write)
        finally:
            struck = len(scheduler.fired) > faults or scheduler.now < self._out_until
            life.guard_failed = life.guard_failed or (struck and write.key.startswith("GUARD#"))

    def _write(self, write: Write) -> Item:
        scheduler = self._scheduler
        fault = scheduler.pause("write")
        if scheduler.now < self._out_until:
            scheduler.tell(write, "unavailable")
            raise Unavailable("the table is out of order")
        if fault is None:
            item = self._land(scheduler.life, write)
            return item if write.told else {}
        match fault.kind:
            case "fails":
                raise Unavailable("the write was not made")
            case "fails_landed":
                self._land_unseen(scheduler.life, write)
                raise Unavailable("the write was made, which nobody knows")
            case "lands_late":
                life, late = scheduler.life, scheduler.now + fault.seconds
                scheduler.at(late, lambda: self._land_unseen(life, write))
                scheduler.disturbed_until(late)
                raise Unavailable("the write will be made, which nobody knows")
            case "outage":
                self._out_until = scheduler.now + fault.seconds
                scheduler.disturbed_until(self._out_until)
                raise Unavailable("the table is out of order")
            case "retried":
                self._land_unseen(scheduler.life, write)
                scheduler.wait(fault.seconds)
        try:
            item = self._land(scheduler.life, write)
        except ConditionFailed:
            scheduler.reply(fault)
            raise
        scheduler.reply(fault)
        return item if write.told else {}

    def due(self, shard: str, before: float, limit: int) -> list[Item]:
        scheduler = self._scheduler
        if shard not in self._shards:
            return []  # never anything in it: no event
        fault = scheduler.pause("due")
        if scheduler.now < self._out_until or (fault and fault.kind == "fails"):
            scheduler.tell("due", "unavailable")
            raise Unavailable("the index did not answer")
        lag = fault.seconds if fault and fault.kind == "stale" else 0.0
        found = sorted(
            (due_at, key)
            for key, item in self._as_of(scheduler.now - lag).items()
            if item.get("open") == shard and (due_at := number(item, "due_at") or 0.0) < before
        )[:limit]
        items = [self._as_of(scheduler.now - lag)[key] for _, key in found]
        if found:
            scheduler.tell(f"due in {shard}", "; ".join(key for _, key in found))
        if fault:
            scheduler.reply(fault)
        return items

    def read(self, key: str) -> Item | None:
        """A guard, as the worker asks for it before its claim; or a request whose outcome its session has dropped."""
        scheduler = self._scheduler
        fault = scheduler.pause("read")
        if scheduler.now < self._out_until or (fault and fault.kind == "fails"):
            scheduler.tell("read", "unavailable")
            raise Unavailable("the table did not answer")
        item = self.items.get(key)
        scheduler.tell(f"reads {key}", item)
        if fault:
            scheduler.reply(fault)
        return item

    def is_due(self, before: float) -> bool:
        """Whether a sweep finds anything, by an index that lags or not: one that does not is no event."""
        lately = self._scheduler.now - LONGEST_LAG_S
        return any(
            "open" in item and (number(item, "due_at") or 0.0) < before
            for landed, key, item in self._past
            if landed > lately or self.items[key] is item
        )

    def _as_of(self, time: float) -> dict[str, Item]:
        if time >= self._scheduler.now:
            return self.items
        return {key: item for landed, key, item in self._past if landed <= time}

    def _land(self, life: Life, write: Write) -> Item:
        old = self.items.get(write.key, {})
        if not holds(write.when, old):
            self._scheduler.tell(write, "condition failed")
            raise ConditionFailed(old)
        new = applied(write, old)
        self.items[write.key] = new
        self._shards.add(new.get("open"))
        self._past.append((self._scheduler.now, write.key, new))
        self._scheduler.tell(write, new)
        self._watch.landed(life, write.key, old, new)
        return new

    def _land_unseen(self, life: Life, write: Write) -> None:
        try:
            self._land(life, write)
        except ConditionFailed:
            return


def applied(write: Write, old: Item) -> Item:
    """The item after the write; every change reads it as it was, removals come last."""
    new: Item = {KEY: write.key, **old}
    removed: list[Path] = []
    for change in write.changes:
        match change:
            case Put(path, value):
                _put(new, path, value)
            case Remove(path):
                removed.append(path)
            case Default(path, value):
                before = at(old, path)
                _put(new, path, value if before is None else before)
            case Append(path, value):
                before = at(old, path)
                _put(new, path, [*(before if isinstance(before, list) else []), value])
            case Increment(path, by):
                before = at(old, path)
                _put(new, path, (before if isinstance(before, int | float) else 0) + by)
    for path in sorted(removed, key=str, reverse=True):
        _remove(new, path)
    return new


def _put(item: Item, path: Path, value: Json) -> None:
    parent = _own_parent(item, path)
    match parent, path[-1]:
        case dict(), str(name):
            parent[name] = value
        case list(), int(place) if place < len(parent):
            parent[place] = value
        case _:
            raise ValueError(f"DynamoDB refuses the document path {path}")


def _remove(item: Item, path: Path) -> None:
    if at(item, path) is None:
        return
    match _own_parent(item, path), path[-1]:
        case dict(parent), str(name):
            del parent[name]
        case list(parent), int(place):
            del parent[place]


def _own_parent(item: Item, path: Path) -> Json:
    """What holds the last step of a path, copied along the way so that older items keep theirs."""
    parent: Json = item
    for step in path[:-1]:
        child = at(parent, (step,))
        match child:
            case dict():
                child = dict(child)
            case list():
                child = list(child)
        match parent, step:
            case dict(), str(name):
                parent[name] = child
            case list(), int(place):
                parent[place] = child
        parent = child
    return parent
