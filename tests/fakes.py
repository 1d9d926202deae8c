"""In-memory adapters with a memory. Each passes the contract suite that its counterpart for AWS passes too."""

import copy
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cancellations.answers import Answer, Unread
from cancellations.domain import NEW, Json, Organization, Progress, Request
from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import MOST_AT_ONCE, Announcement, Reply, Stored
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


class MemoryTable:
    """Conditional writes on a dictionary; `writes` counts those that were tried, `reads` tells the keys read."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.writes = 0
        self.reads: list[str] = []
        self._lock = threading.Lock()

    def write(self, write: Write) -> Item:
        with self._lock:
            self.writes += 1
            old = self.items.get(write.key, {})
            if not holds(write.when, old):
                raise ConditionFailed(copy.deepcopy(old))
            self.items[write.key] = new = _applied(write, old)
            return copy.deepcopy(new) if write.told else {}

    def due(self, shard: str, before: float, limit: int) -> list[Item]:
        with self._lock:
            found = [
                (due_at, copy.deepcopy(item))
                for item in self.items.values()
                if item.get("open") == shard and (due_at := number(item, "due_at") or 0.0) < before
            ]
        return [item for _, item in sorted(found, key=lambda each: each[0])[:limit]]

    def read(self, key: str) -> Item | None:
        with self._lock:
            self.reads.append(key)
            return copy.deepcopy(self.items.get(key))


class SilentTable(MemoryTable):
    """Takes no write while it is silent."""

    def __init__(self, *, silent: bool = True) -> None:
        super().__init__()
        self.silent = silent

    def write(self, write: Write) -> Item:
        if self.silent:
            raise Unavailable(write.key)
        return super().write(write)


def _applied(write: Write, old: Item) -> Item:
    """Every change reads the item as it was; removals from lists come last, so that positions stay true."""
    new: Item = {KEY: write.key, **copy.deepcopy(old)}
    removed: list[Path] = []
    for change in write.changes:
        before = at(old, change.path)
        match change:
            case Put(path, value):
                _put(new, path, value)
            case Default(path, value):
                _put(new, path, value if before is None else before)
            case Append(path, value):
                _put(new, path, [*(before if isinstance(before, list) else []), value])
            case Increment(path, by):
                _put(new, path, (before if isinstance(before, int | float) else 0) + by)
            case Remove(path):
                removed.append(path)
    for path in sorted(removed, key=str, reverse=True):
        _remove(new, path)
    return new


def _put(item: Item, path: Path, value: Json) -> None:
    match at(item, path[:-1]), path[-1]:
        case dict(parent), str(name):
            parent[name] = copy.deepcopy(value)
        case list(parent), int(place) if place < len(parent):
            parent[place] = copy.deepcopy(value)
        case _:
            raise ValueError(f"DynamoDB refuses the document path {path}")


def _remove(item: Item, path: Path) -> None:
    match at(item, path[:-1]), path[-1]:
        case dict(parent), str(name):
            parent.pop(name, None)
        case list(parent), int(place) if place < len(parent):
            del parent[place]


@dataclass
class MemoryQueue:
    """`progress` is what went with each message, in the order of `sent`."""

    sent: list[tuple[Request, int]] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
        self.sent.append((request, delay))
        self.progress.append(progress)


@dataclass
class MemoryBus:
    """`calls` remembers what came with each call, `told` what is on the bus; `refuse` says why one is not, by its
    detail-type. One without a detail-type is no event."""

    refuse: dict[str, str] = field(default_factory=dict)
    calls: list[list[Announcement]] = field(default_factory=list)
    told: list[Announcement] = field(default_factory=list)

    def put(self, announcements: Sequence[Announcement]) -> list[str | None]:
        if not 0 < len(announcements) <= MOST_AT_ONCE:
            raise Unavailable("the bus refused: ValidationException")
        self.calls.append([*announcements])
        faults = [self._fault(one) for one in announcements]
        self.told += [one for one, fault in zip(announcements, faults, strict=True) if fault is None]
        return faults

    def _fault(self, announcement: Announcement) -> str | None:
        return self.refuse.get(
            announcement.detail_type, None if announcement.detail_type else "InvalidArgument"
        )


@dataclass
class MemoryReceivers:
    """Answers POSTs by a script, the last answer for ever; `posted` remembers them."""

    answers: list[Reply] = field(default_factory=lambda: [Reply("HTTP 204", 204)])
    posted: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.posted.append((url, headers, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class MemoryMessages:
    """`put_off` remembers which message comes again, and in how many seconds."""

    put_off: list[tuple[str, float]] = field(default_factory=list)

    def come_back(self, receipt: str, seconds: float) -> None:
        self.put_off.append((receipt, seconds))


@dataclass
class MemoryKeys:
    """API keys by slug; `forgotten` remembers whose were refused."""

    keys: dict[str, str] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)

    def api_key(self, organization: Organization) -> str:
        if organization.slug not in self.keys:
            raise SecretFault(organization.secret, "does not exist")
        return self.keys[organization.slug]

    def forget(self, organization: Organization) -> None:
        self.forgotten.append(organization.slug)


@dataclass
class KnownKeys:
    """Keys of sources by name, the previous one only for whoever asks anew; `asked` remembers every question."""

    current: dict[str, str] = field(default_factory=dict)
    previous: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    asks_anew: bool = True

    def forget_all(self) -> None:
        """Nothing is kept."""

    def of(self, name: str) -> tuple[Stored, ...]:
        self.asked.append(("of", name))
        return self._stored(name)

    def refreshed(self, name: str) -> tuple[Stored, ...] | None:
        self.asked.append(("refreshed", name))
        if not self.asks_anew:
            return None
        older = (Stored("previous", self.previous[name]),) if name in self.previous else ()
        return (*self._stored(name), *older)

    def _stored(self, name: str) -> tuple[Stored, ...]:
        if name not in self.current:
            raise SecretFault(name, "does not exist")
        return (Stored("current", self.current[name]),)


NO_LIST = Answer("misconfigured", "no_list")


@dataclass
class ScriptedPrevail:
    """Answers PATCHes by a script, the last answer for ever; `patched` remembers the sessions.

    states: what the list says of each session; one that is not in it has a state that cannot be read: `unread`.
    """

    answers: list[Answer]
    states: dict[str, str] = field(default_factory=dict)
    unread: Answer = NO_LIST
    patched: list[tuple[str, bool]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    looks: int = 0
    opened: list[str] = field(default_factory=list)

    def open(self, organization: Organization) -> None:
        self.opened.append(organization.base_url)

    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        assert organization.slug
        self.patched.append((remote_session_id, without_email))
        self.tokens.append(token)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | Unread:
        assert organization.slug
        assert starts_at is None or starts_at > 0
        assert token
        self.looks += 1
        return self.states.get(remote_session_id) or Unread(self.unread)


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now
