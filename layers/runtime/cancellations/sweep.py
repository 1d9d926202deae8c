"""The use case behind the schedule: requests that nobody came back for are put back on their way.

Whatever was lost (a message that was never sent, a lease that ended in a crash, a delayed message that is gone), the
request that waits for it is overdue in the ledger. It gets a fresh message, and goes its way by the same protocol.
"""

from cancellations.cancel import Remaining
from cancellations.domain import Outcome, Request
from cancellations.errors import CancellationsError
from cancellations.settlement import Settlement
from cancellations.values import dataclass
from cancellations.verdicts import Overdue

MOST_PER_RUN = 500
ENOUGH_S = 45.0
"""Seconds that must be left to begin with one more request: four calls to AWS under their own deadlines. Giving up may
take two more, and a run that is ended meanwhile loses nothing: what it left is as overdue in the next one."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did: requests put back on their way, given up for a person to review, and failed at."""

    put_back: tuple[Request, ...] = ()
    given_up: tuple[tuple[Request, Outcome], ...] = ()
    failed: tuple[str, ...] = ()
    """One line for each; none of them keeps the run from the others."""


@dataclass(frozen=True, slots=True)
class Sweep:
    settlement: Settlement

    def __call__(self, remaining: Remaining) -> Swept:
        """Bounded in number and time; what is left over is as overdue in the next run. Raises Unavailable."""
        put_back: list[Request] = []
        given_up: list[tuple[Request, Outcome]] = []
        failed: list[str] = []
        for row in self.settlement.ledger.overdue(self.settlement.clock(), MOST_PER_RUN):
            if remaining() < ENOUGH_S:
                break
            try:
                match row:
                    case Overdue(given_up=True):
                        became = self.settlement.give_up(row.request, "pipeline")
                        given_up += [(row.request, became)] if isinstance(became, Outcome) else []
                    case Overdue():
                        put_back += [row.request] if self._put_back(row) else []
                    case _:
                        failed.append(f"{row.key}: {row.why}")
            except CancellationsError as error:
                failed.append(f"{type(error).__name__}: {error}")
        return Swept(tuple(put_back), tuple(given_up), tuple(failed))

    def _put_back(self, overdue: Overdue) -> bool:
        now = self.settlement.clock()
        if not self.settlement.ledger.sweep(overdue.request, overdue.due_at, overdue.sweeps, now):
            return False
        # As a new one: a request that its source's cap holds must not get past it because a message was late.
        self.settlement.queue.send(overdue.request)
        return True
