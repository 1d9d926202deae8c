"""The guards of several processes on one table."""

from dataclasses import dataclass, field

from builders import API_KEY, NOW, an_organization
from cancellations.answers import Answer, answer_for
from cancellations.guards import TOLERATED, Guards
from fakes import Clock, MemoryTable

ACME = an_organization()
OTHER = an_organization(slug="other")
DOWN, REFUSED, FINE = answer_for(503), answer_for(401), answer_for(200)
OTHER_KEY = API_KEY[::-1]


@dataclass
class Stage:
    """One table, and as many processes as a test asks for."""

    clock: Clock = field(default_factory=lambda: Clock(NOW))
    table: MemoryTable = field(default_factory=MemoryTable)

    def process(self) -> Guards:
        return Guards(self.table, self.clock, lambda: 0.0)

    def fail(self, guards: Guards, times: int, answer: Answer = DOWN) -> None:
        for _ in range(times):
            guards.hold(ACME, API_KEY)
            guards.saw(ACME, answer, API_KEY)

    def opened(self) -> Guards:
        guards = self.process()
        self.fail(guards, TOLERATED)
        return guards
