"""The use case behind the queue with everything around it in reach, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from builders import API_KEY, a_request
from cancellations.answers import Answer, Unread, answer_for
from cancellations.calls import tools
from cancellations.cancel import Cancel
from cancellations.domain import NEW, Organization, Outcome, Progress, Request
from cancellations.ledger import Ledger
from cancellations.ports import ApiKeys, Prevail, Table
from cancellations.protocol import request_key
from cancellations.settlement import Postponed, Settlement
from cancellations.writes import Item, Write
from fakes import Clock, MemoryKeys, MemoryQueue, MemoryTable, ScriptedPrevail

LEASE_S = 180.0
ACME = Organization("acme", "https://prevail.example", "acme")
OTHER_KEY = API_KEY[::-1]
READ_TIMEOUT = Answer("unknown", "ReadTimeout")
NOT_SENT = Answer("not_sent", "ConnectTimeout")


def a_cancel(
    organization: Organization,
    settlement: Settlement,
    keys: ApiKeys,
    prevail: Prevail,
    *,
    table: Table,
    caps: Mapping[str, int] = {},
) -> Cancel:
    """As one process makes it; who must wait for a moment that is near is there at once."""
    using = tools(table, settlement.clock, lambda _: None, lambda: 0.5, keys=keys, prevail=prevail)
    return Cancel({organization.slug: organization}, caps, settlement, using)


@dataclass
class Stage:
    """A cancel use case with everything around it in reach."""

    prevail: ScriptedPrevail
    table: MemoryTable = field(default_factory=MemoryTable)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    clock: Clock = field(default_factory=Clock)
    keys: MemoryKeys = field(default_factory=lambda: MemoryKeys({"acme": API_KEY}))
    names: int = 0
    organization: Organization = ACME
    caps: dict[str, int] = field(default_factory=dict)

    def name(self) -> str:
        self.names += 1
        return f"owner-{self.names}"

    def choose(self, **changes: Any) -> None:  # noqa: ANN401 - whatever an organization may choose
        self.organization = replace(self.organization, **changes)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.table, self.name, lease_s=LEASE_S)

    def process(self) -> Cancel:
        """A fresh one, which has seen nothing yet."""
        settlement = Settlement(self.ledger, self.queue, self.clock)
        return a_cancel(
            self.organization, settlement, self.keys, self.prevail, table=self.table, caps=self.caps
        )

    def cancel(
        self, request: Request, remaining: float = 60.0, progress: Progress = NEW
    ) -> Outcome | Postponed:
        return self.process()(request, lambda: remaining, progress)

    def stored(self, key: str) -> Item:
        return self.table.items[key]


def a_stage(*answers: Answer | int, **states: str) -> Stage:
    scripted = [answer_for(answer) if isinstance(answer, int) else answer for answer in answers]
    return Stage(ScriptedPrevail(scripted, states=states))


def accepted(stage: Stage, **changes: object) -> Request:
    asked = {"organization": "acme", "remote_session_id": "s1", "accepted_at": stage.clock(), **changes}
    request = a_request(**asked)
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
    ) -> str | Unread:
        self._clock.now += self._seconds
        return super().state(organization, remote_session_id, starts_at=starts_at, token=token)


class SleepyKeys(MemoryKeys):
    """Stands still when a key is fetched for the second time; by then it is another."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__({"acme": API_KEY})
        self._clock, self._seconds = clock, seconds

    def api_key(self, organization: Organization) -> str:
        self._clock.now += self._seconds if self.forgotten else 0
        return OTHER_KEY if self.forgotten else super().api_key(organization)


class RotatedKeys(MemoryKeys):
    """The secret holds another key than the one that was kept."""

    def forget(self, organization: Organization) -> None:
        super().forget(organization)
        self.keys[organization.slug] = OTHER_KEY


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
