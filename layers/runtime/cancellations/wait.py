"""`Prefer: wait=N`: hold an answer back until its request has settled, as long as there is time for it."""

from collections.abc import Callable
from contextlib import suppress

from cancellations.admission import Conflicted, Received
from cancellations.claims import outcome_of
from cancellations.domain import Outcome
from cancellations.errors import Unavailable
from cancellations.ports import Clock, Table
from cancellations.protocol import request_key
from cancellations.receive import Arrival, Handshake
from cancellations.values import dataclass
from cancellations.versions import is_newer

type Told = Arrival | Handshake | Received | Conflicted
"""What a sender is told of: its delivery by webhook, or a caller's one request."""

type Remaining = Callable[[], float]
"""Seconds that the function may still run."""

LONGEST_S = 20
ANSWER_S = 3.0
"""What is kept of the function's time for a last look that is slow, and for the answer."""

FIRST_PAUSE_S, LONGEST_PAUSE_S, GROWTH = 0.05, 1.0, 1.5


@dataclass(frozen=True, slots=True)
class Waited:
    """The request has settled within the `seconds` that its sender gave it, cut to the longest."""

    outcome: Outcome
    seconds: int


@dataclass(frozen=True, slots=True)
class Wait:
    table: Table
    clock: Clock
    sleep: Callable[[float], None]

    def __call__(self, result: Told, seconds: int, remaining: Remaining) -> Waited | None:
        """None where there is nothing to wait for or it did not settle in time; the request is stored all the same."""
        if (received := awaited(result)) is None:
            return None
        seconds = min(seconds, LONGEST_S)
        until = self.clock() + min(seconds, remaining() - ANSWER_S)
        outcome = self._outcome(received.request.id, until)
        return Waited(outcome, seconds) if outcome else None

    def _outcome(self, request_id: str, until: float) -> Outcome | None:
        pause = FIRST_PAUSE_S
        while (left := until - self.clock()) > 0:
            self.sleep(min(pause, left))
            pause = min(pause * GROWTH, LONGEST_PAUSE_S)
            with suppress(Unavailable):  # whoever waits may as well wait for the table
                item = self.table.read(request_key(request_id)) or {}
                if "outcome" in item and not is_newer(item):
                    return outcome_of(item, ("outcome",))
        return None


def awaited(result: Told) -> Received | None:
    """The one request of an arrival that makes one; nobody waits for a list, or for a handshake."""
    match result:
        case (Received() as one) | Arrival(form="one", results=(Received() as one,)):
            return one
    return None
