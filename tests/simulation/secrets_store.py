"""Secrets that are there, are not there, or cannot be asked for."""

from dataclasses import dataclass, field

from builders import API_KEY, SIGNING_SECRET
from cancellations.domain import Organization
from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import Stored
from simulation.faults import Port
from simulation.scheduler import Scheduler


@dataclass
class SecretsStore:
    """Both ports: API keys of organizations and signing secrets of sources, which nobody keeps."""

    scheduler: Scheduler
    forgotten: list[str] = field(default_factory=list)
    _out_until: float = 0.0

    def api_key(self, organization: Organization) -> str:
        self._ask("api_key", organization.secret)
        return API_KEY

    def forget(self, organization: Organization) -> None:
        self.forgotten.append(organization.slug)

    def of(self, name: str) -> tuple[Stored, ...]:
        self._ask("signing_secret", name)
        return (Stored("current", SIGNING_SECRET),)

    def refreshed(self, name: str) -> tuple[Stored, ...] | None:
        return self.of(name)

    def _ask(self, port: Port, name: str) -> None:
        scheduler = self.scheduler
        fault = scheduler.pause(port)
        if fault and fault.kind == "outage":
            self._out_until = scheduler.now + fault.seconds
            scheduler.disturbed_until(self._out_until)
        if scheduler.now < self._out_until or (fault and fault.kind == "fails"):
            raise Unavailable(f"secret {name} could not be read")
        if fault and fault.kind == "missing":
            raise SecretFault(name, "does not exist")
        if fault:
            scheduler.reply(fault)
