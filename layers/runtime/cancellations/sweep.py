"""The use case behind the schedule: requests that nobody came back for are put back on their way.

Whatever was lost (a message that was never sent, a lease that ended in a crash, a delayed message that is gone), the
request that waits for it is overdue in the ledger. It gets a fresh message, and goes its way by the same protocol.
"""

from dataclasses import dataclass

from cancellations.cancel import Cancel, Postponed, Remaining
from cancellations.domain import Outcome
from cancellations.ledger import Ledger, Overdue
from cancellations.ports import Clock, Queue

MOST_PER_RUN = 500
ENOUGH_S = 10.0
"""Seconds that must be left to begin with one more request."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did: requests put back on their way, and those given up for a person to review."""

    put_back: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Sweep:
    ledger: Ledger
    queue: Queue
    cancel: Cancel
    clock: Clock

    def __call__(self, remaining: Remaining) -> Swept:
        """Bounded in number and time; what is left over is as overdue in the next run. Raises TryAgain."""
        put_back = given_up = 0
        for overdue in self.ledger.overdue(self.clock(), MOST_PER_RUN):
            if remaining() < ENOUGH_S:
                break
            if overdue.given_up:
                given_up += self._give_up(overdue)
            elif self.ledger.sweep(overdue.request, overdue.due_at, overdue.sweeps, self.clock()):
                self.queue.send(overdue.request)
                put_back += 1
        return Swept(put_back, given_up)

    def _give_up(self, overdue: Overdue) -> bool:
        """Through the session like any outcome: a message of it that is still around must find that it has settled."""
        result: Outcome | Postponed = self.cancel.give_up(overdue.request, "pipeline")
        return isinstance(result, Outcome)
