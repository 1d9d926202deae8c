"""The deployment of `simulation.fleet` with the emulator in Prevail's place: one virtual clock, HTTP on loopback.

Queue, batches, processes and sweep are the fleet's. The messages of a batch interleave as greenlets: each yields at
every call to the ledger, the queue and Prevail. A call itself blocks all of them in real time and none in virtual time.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from cancellations.adapters.prevail import PrevailApi
from cancellations.answers import Answer, Unread
from cancellations.attempt import CALL_S
from cancellations.configuration import Source
from cancellations.domain import Organization
from prevail.client import Emulator
from prevail.server import running
from simulation.deployment import measured, of_the_template
from simulation.fleet import API_KEY, Fleet
from simulation.flow import Flow

PATIENT_S = 8.0
"""Real seconds until a call is given up. Machines are busy at times."""

IMPATIENT_S = 0.2
"""The same for a session whose fault withholds the answer."""

WITHHELD = ("--fault-silent", "--fault-drip")


class EmulatedPrevail:
    """Calls the emulator through the real adapter.

    A call takes `call_s` of virtual time, or CALL_S if it was given up.
    """

    def __init__(self, flow: Flow, call_s: float) -> None:
        self._flow, self._call_s = flow, call_s
        self._apis = {
            seconds: PrevailApi(flow.clock, total_s=seconds) for seconds in (PATIENT_S, IMPATIENT_S)
        }

    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        withheld = any(fault in remote_session_id for fault in WITHHELD)
        with self._taking_time(IMPATIENT_S if withheld else PATIENT_S) as api:
            return api.cancel(organization, remote_session_id, without_email=without_email, token=token)

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | Unread:
        with self._taking_time(PATIENT_S) as api:
            return api.state(organization, remote_session_id, starts_at=starts_at, token=token)

    def close(self) -> None:
        for api in self._apis.values():
            api.close()

    @contextmanager
    def _taking_time(self, patience_s: float) -> Iterator[PrevailApi]:
        self._flow.wait(self._call_s / 2)
        began = time.monotonic()
        yield self._apis[patience_s]
        given_up = time.monotonic() - began >= patience_s
        self._flow.wait(CALL_S if given_up else self._call_s / 2)


@dataclass
class Site:
    """An emulator whose clock is that of the fleet that is at work."""

    flow: Flow = field(default_factory=Flow)
    url: str = ""

    @property
    def emulator(self) -> Emulator:
        return Emulator(self.url)

    @contextmanager
    def fleet(
        self, organizations: Mapping[str, bool], *sources: Source, concurrency: int | None = None
    ) -> Iterator[Fleet]:
        """A fresh deployment and an emulator that knows these organizations only.

        organizations: slugs, and whether each has Self-Service. concurrency: CancelConcurrency, if not its default.
        """
        made: list[EmulatedPrevail] = []

        def prevail(flow: Flow) -> EmulatedPrevail:
            self.flow = flow
            made.append(EmulatedPrevail(flow, measured().prevail_s))
            return made[0]

        known = {slug: Organization(slug, self.url, slug) for slug in organizations}
        fleet = Fleet(known, deployment=of_the_template(concurrency), sources=sources, prevail=prevail)
        self.emulator.reset()
        for slug, self_service in organizations.items():
            self.emulator.put_organization(slug, api_key=API_KEY, self_service=self_service)
        with closing(made[0]):
            yield fleet


@contextmanager
def site() -> Iterator[Site]:
    made = Site()
    with running(clock=lambda: made.flow.now) as made.url:
        yield made
