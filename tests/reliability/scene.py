"""The use case behind the queue against Prevail's emulator: a real socket, one clock for both, which tests set."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count, pairwise

from builders import API_KEY, a_request
from cancellations.adapters.prevail import PrevailApi
from cancellations.cancel import Cancel
from cancellations.domain import NEW, Organization, Outcome, Progress, Request
from cancellations.ledger import Ledger
from cancellations.ports import ApiKeys
from cancellations.protocol import request_key
from cancellations.settlement import Postponed, Settlement
from fakes import Clock, MemoryKeys, MemoryQueue, MemoryTable
from prevail.client import Emulator
from prevail.model import State
from prevail.seeds import SessionSeed
from stage import LEASE_S, a_cancel

IMPATIENT_S = 0.7
"""What a call may take where the answer never comes."""

PATIENT_S = 8.0
"""What a call may take where it comes: machines are busy at times."""


@dataclass
class Scene:
    """`organization` may be replaced; every attempt is a fresh process's, unless one is given."""

    emulator: Emulator
    clock: Clock
    organization: Organization
    table: MemoryTable = field(default_factory=MemoryTable)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    keys: ApiKeys = field(default_factory=lambda: MemoryKeys({"acme": API_KEY}))
    names: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.api = PrevailApi(self.clock, total_s=PATIENT_S)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.table, lambda: f"owner-{next(self.names)}", lease_s=LEASE_S)

    def process(self, api: PrevailApi | None = None) -> Cancel:
        settlement = Settlement(self.ledger, self.queue, self.clock)
        return a_cancel(self.organization, settlement, self.keys, api or self.api, table=self.table)

    def impatient(self) -> Cancel:
        """A process whose calls end soon."""
        return self.process(PrevailApi(self.clock, total_s=IMPATIENT_S))

    def asked(
        self,
        session: str,
        state: State | None = "ready",
        *,
        event: str | None = None,
        starts_at: int | None = None,
    ) -> Request:
        """A request that was accepted, for a session that Prevail has, unless its state is None.

        event: where it is not the session's first. starts_at: when the session begins, if the request says so.
        """
        if state is not None:
            begins: SessionSeed = {"organization": "acme", "state": state}
            self.emulator.put_session(
                session, **(begins if starts_at is None else {**begins, "starts_at": starts_at})
            )
        request = a_request(
            organization="acme",
            event_id=event or session,
            remote_session_id=session,
            accepted_at=self.clock(),
            starts_at=starts_at,
        )
        self.ledger.accept(request, self.clock())
        return request

    def attempt(
        self,
        request: Request,
        worker: Cancel | None = None,
        *,
        progress: Progress = NEW,
        remaining: float = 60.0,
    ) -> Outcome | Postponed:
        return (worker or self.process())(request, lambda: remaining, progress)

    def waits(self, request: Request, worker: Cancel | None = None) -> Postponed:
        """An attempt that must end in another one."""
        result = self.attempt(request, worker)
        assert isinstance(result, Postponed)
        return result

    def comes_again(self, request: Request, times: int = 30) -> Outcome:
        """The fresh messages of this request, each as soon as it is due, until it is settled."""
        for _ in range(times):
            (_, delay), progress = self.queue.sent[-1], self.queue.progress[-1]
            self.clock.now += delay
            result = self.attempt(request, progress=progress)
            if isinstance(result, Outcome):
                return result
        raise AssertionError(f"not settled: {result}")

    def settled(self, request: Request) -> Outcome:
        result = self.attempt(request)
        return result if isinstance(result, Outcome) else self.comes_again(request)

    def status(self, request: Request) -> object:
        return self.table.items[request_key(request.id)]["status"]

    def counted(self, request: Request) -> tuple[int, int]:
        """What Prevail counted: PATCHes, and state changes."""
        report = self.emulator.session(request.remote_session_id)
        return report.patches, report.state_changes

    def mailed(self, request: Request) -> int:
        """How many were told that it is canceled: each of two participants, once."""
        return self.emulator.session(request.remote_session_id).emails

    def methods(self) -> list[str]:
        """What was called, in order."""
        return [call.method for call in self.emulator.calls()]

    def blind(self) -> int:
        """How many PATCHes followed another with no look in between."""
        return sum(pair == ("PATCH", "PATCH") for pair in pairwise(self.methods()))


def a_scene(emulator: Emulator, clock: Clock) -> Scene:
    emulator.put_organization("acme", api_key=API_KEY)
    return Scene(emulator, clock, Organization("acme", emulator.url, "acme"))


def at(scene: Scene, url: str) -> Organization:
    """The organization, with Prevail at another address."""
    return replace(scene.organization, base_url=url)
