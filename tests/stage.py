"""The use case behind the queue with everything around it in reach, in memory."""

from dataclasses import dataclass, field

from builders import a_request
from cancellations.answers import Answer, answer_for
from cancellations.cancel import (
    Cancel,
)
from cancellations.domain import OnUnknown, Organization, Outcome, Request
from cancellations.ledger import Ledger
from cancellations.protocol import request_key
from cancellations.settlement import Postponed, Settlement
from cancellations.writes import Item, Write
from fakes import Clock, MemoryKeys, MemoryQueue, MemoryTable, ScriptedPrevail

LEASE_S = 180.0
API_KEY = "0123456789abcdef0123456789abcdef"
READ_TIMEOUT = Answer("unknown", "ReadTimeout")
NOT_SENT = Answer("not_sent", "ConnectTimeout")


@dataclass
class Stage:
    """A cancel use case with everything around it in reach."""

    prevail: ScriptedPrevail
    table: MemoryTable = field(default_factory=MemoryTable)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    clock: Clock = field(default_factory=Clock)
    keys: MemoryKeys = field(default_factory=lambda: MemoryKeys({"acme": API_KEY}))
    names: int = 0
    on_unknown: OnUnknown = "hold"

    def name(self) -> str:
        self.names += 1
        return f"owner-{self.names}"

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.table, self.name, lease_s=LEASE_S)

    def cancel(self, request: Request, remaining: float = 60.0) -> Outcome | Postponed:
        organizations = {"acme": Organization("acme", "https://prevail.example", "acme", self.on_unknown)}
        settlement = Settlement(self.ledger, self.queue, self.clock)
        return Cancel(organizations, settlement, self.keys, self.prevail, lambda: 0.5)(
            request, lambda: remaining
        )

    def stored(self, key: str) -> Item:
        return self.table.items[key]


def a_stage(*answers: Answer | int, **states: str) -> Stage:
    scripted = [answer_for(answer) if isinstance(answer, int) else answer for answer in answers]
    return Stage(ScriptedPrevail(scripted, states=states))


def accepted(stage: Stage, **changes: object) -> Request:
    request = a_request(organization="acme", remote_session_id="s1", accepted_at=stage.clock(), **changes)
    stage.ledger.accept(request, stage.clock())
    return request


def status(stage: Stage, request: Request) -> object:
    return stage.stored(request_key(request.id))["status"]


class Sleeper(ScriptedPrevail):
    """Stands still while the state is read, as a function does that is frozen."""

    def __init__(self, answers: list[Answer], clock: Clock, seconds: float) -> None:
        super().__init__(answers)
        self._clock, self._seconds = clock, seconds

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | None:
        self._clock.now += self._seconds
        return super().state(organization, remote_session_id, starts_at=starts_at, token=token)


class SleepyKeys(MemoryKeys):
    """Stands still when a key is fetched for the second time."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__({"acme": API_KEY})
        self._clock, self._seconds = clock, seconds

    def api_key(self, organization: Organization) -> str:
        self._clock.now += self._seconds if self.forgotten else 0
        return super().api_key(organization)


class SlowTable(MemoryTable):
    """Takes its time for every write."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds

    def write(self, write: Write) -> Item:
        item = super().write(write)
        self._clock.now += self._seconds
        return item


class Ticking(Clock):
    def __call__(self) -> float:
        self.now += 1
        return self.now
