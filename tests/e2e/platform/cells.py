"""Calls by faults: each cell of that table has an organization, a source, a session and striking rules of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from builders import a_bus_table, a_source_table, an_organization_table, some_configuration
from cancellations.protocol.requests import shard_of
from e2e.platform.calls import CALLS, Call
from trial.gallery import SAMPLES
from trial.platform.faults import FAULTS
from trial.platform.proxy import Rule
from trial.senders import BusEvent, Senders, Webhook, fresh

STRIKES = 3
"""Both tries that the SDK makes of one call, and the first of the next: what fails comes again, and is repeated."""


@dataclass(frozen=True, slots=True)
class Cell:
    site: str
    fault: str

    @property
    def name(self) -> str:
        return f"{self.site}-{self.fault}"

    @property
    def call(self) -> Call:
        return CALLS[self.site]

    @property
    def shard(self) -> str | None:
        """The part of the index that its request must stand in: each fault of the sweep's query has one of its own."""
        return f"OPEN#{list(FAULTS).index(self.fault)}" if self.site == "overdue" else None

    @property
    def least_strikes(self) -> int:
        """One where the SDK does not try again: microburst's word for a throttled queue is none that it knows."""
        return 1 if (self.call.service, self.fault) == ("sqs", "throttled") else 2

    @property
    def swept(self) -> bool:
        """Whether it takes the sweep to settle; every other cell must do without."""
        return self.call.start == "lost message" or self.fault in self.call.swept

    def rules(self, request_id: str) -> Iterator[Rule]:
        """In the order in which they strike."""
        for site in self.call.before:
            yield self._rule(CALLS[site], "reset", 2, request_id)
        yield self._rule(self.call, self.fault, STRIKES, request_id)

    def _rule(self, call: Call, fault: str, times: int, request_id: str) -> Rule:
        where = call.where.replace("CELL", self.name).replace("ID", request_id)
        return Rule(fault, call.service, call.operation, where.replace("SHARD", self.shard or ""), times)


TABLE = tuple(
    Cell(site, fault) for site, call in CALLS.items() for fault in FAULTS if fault != "late" or call.writes
)
"""A read that is done late is as good as one that is not done."""


def configured(folder: Path, cells: Sequence[Cell]) -> Path:
    return some_configuration(
        folder,
        organizations={
            cell.name: an_organization_table(secret=cell.name, **LIMITS.get(cell.site, {})) for cell in cells
        },
        sources={cell.name: _source(cell) for cell in cells},
    )


LIMITS: Mapping[str, Mapping[str, object]] = {
    "slot": {"requests_per_second": 50},
    "lane": {"concurrent_requests": 5},
}
OWN: Mapping[str, Mapping[str, object]] = {
    "cap": {"cap_per_hour": 10},
    "lookup": {"lookup": {"table": True}},
}
"""What an organization or a source must have, so that a call is made at all."""


def _source(cell: Cell) -> Mapping[str, object]:
    if cell.call.start == "bus":
        request = {"remote_session_id": "body.detail.remote_session_id", "event_id": "body.detail.event_id"}
        bus = {"source": f"com.example.{cell.name}", "detail_type": "DepositionCanceled"}
        return a_bus_table(organization=cell.name, bus=bus, request=request)
    return a_source_table(organization=cell.name, secret=cell.name, **OWN.get(cell.site, {}))


def sent_for(senders: Senders, cell: Cell) -> Webhook | BusEvent:
    """A delivery that names a session like the cell. Its request stands in the cell's part of the index."""
    sample = SAMPLES["bus" if cell.call.start == "bus" else "webhook"]
    if cell.site == "lookup":
        sample = replace(sample, mapped=lambda new: {new.session: new.session})
    while True:
        sent = senders.made(sample, fresh(cell.name), source=cell.name)
        assert isinstance(sent, Webhook | BusEvent)
        if cell.shard in (None, shard_of(sent.requests[0])):
            return sent
