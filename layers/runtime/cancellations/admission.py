"""Taking a request in: stored once, its message on the queue, and known when it comes again."""

from contextlib import suppress
from dataclasses import replace

from cancellations.domain import Outcome, Request, Status
from cancellations.errors import TryAgain
from cancellations.ledger import Ledger
from cancellations.ports import Queue
from cancellations.values import dataclass
from cancellations.verdicts import Accepted, Conflict

QUEUE_AGAIN_AFTER_S = 10
"""A request that is still queued this long after its last message may have lost it."""

OBSERVED = Outcome("observed")


@dataclass(frozen=True, slots=True)
class Received:
    """The request is stored and its message is, or was, on the queue; observed ones have none."""

    request: Request
    status: Status
    replayed: bool


@dataclass(frozen=True, slots=True)
class Conflicted:
    """Something else was asked under this event id before."""

    request: Request


@dataclass(frozen=True, slots=True)
class Admission:
    ledger: Ledger
    queue: Queue

    def __call__(self, request: Request, now: float, *, observed: bool = False) -> Received | Conflicted:
        """observed: record what would have been asked, and call nobody. Raises Unavailable."""
        verdict = self.ledger.accept(request, now, OBSERVED if observed else None)
        if isinstance(verdict, Conflict):
            return Conflicted(request)
        if isinstance(verdict, Accepted):
            if observed:
                return Received(request, OBSERVED.status, replayed=False)
            self._send(request, since=now)
            return Received(request, "queued", replayed=False)
        first = replace(request, accepted_at=verdict.accepted_at)
        waits = verdict.status == "queued" and now - verdict.queued_at > QUEUE_AGAIN_AFTER_S
        if waits and self.ledger.queue_again(first, verdict.queued_at, now):
            self._send(first, since=now)
        return Received(first, verdict.status, replayed=True)

    def _send(self, request: Request, since: float) -> None:
        try:
            self.queue.send(request)
        except TryAgain:
            with suppress(TryAgain):  # else the sweep finds it
                self.ledger.not_queued(request, since)
            raise
