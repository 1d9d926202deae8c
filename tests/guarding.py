"""The permits of several processes on one table."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from builders import API_KEY, NOW, an_organization
from cancellations.answers import Answer, answer_for
from cancellations.guard_items import GuardItems
from cancellations.permits import TOLERATED, Hold, Permit, Permits
from fakes import Clock, MemoryTable

ACME = an_organization()
OTHER = an_organization(slug="other")
DOWN, FINE = answer_for(500), answer_for(200)
OTHER_KEY = API_KEY[::-1]


@dataclass
class Stage:
    """One table, and as many processes as a test asks for."""

    clock: Clock = field(default_factory=lambda: Clock(NOW))
    table: MemoryTable = field(default_factory=MemoryTable)

    def process(self, jitter: float = 0.0) -> Permits:
        return Permits(self.table, self.clock, lambda: jitter, GuardItems(self.table, self.clock))

    def hold(self, process: Permits | None = None, key: str = API_KEY) -> Hold | None:
        """What holds a request that asks now, and makes no call. process: a new one, unless it is named."""
        with (process or self.process()).permit(ACME, key) as permit:
            return permit if isinstance(permit, Hold) else None

    def fail(self, process: Permits, times: int, answer: Answer = DOWN) -> None:
        for _ in range(times):
            with granted(process) as permit:
                permit.failed(answer)

    def opened(self) -> Permits:
        process = self.process()
        self.fail(process, TOLERATED)
        return process

    def refuse(self, key: str = API_KEY) -> None:
        with granted(self.process(), key) as permit:
            permit.key_refused(key)


@contextmanager
def granted(process: Permits, key: str = API_KEY) -> Iterator[Permit]:
    with process.permit(ACME, key) as permit:
        assert isinstance(permit, Permit)
        yield permit


def asked(process: Permits, key: str = API_KEY) -> AbstractContextManager[Permit | Hold]:
    return process.permit(ACME, key)
