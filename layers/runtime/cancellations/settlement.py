"""What worker and sweep do with the ledger: claim a session, settle a request, put it off. No call to Prevail."""

import math
import zlib
from dataclasses import replace

from cancellations import backoff
from cancellations.backoff import LOOK_AFTER_S
from cancellations.domain import (
    KNOWN,
    LEDGER,
    Evidence,
    Outcome,
    Progress,
    Request,
    Unsettled,
    canceled_outcome,
)
from cancellations.errors import NewerVersion
from cancellations.ledger import Ledger
from cancellations.ports import Clock, Queue
from cancellations.protocol import Claim
from cancellations.results import AttemptResult, Untried, untried
from cancellations.values import dataclass
from cancellations.verdicts import Busy, CanceledBefore, SettledBefore
from cancellations.waits import Waits


@dataclass(frozen=True, slots=True)
class Postponed:
    """The request comes again by a fresh message in `delay` seconds."""

    status: Unsettled
    waits: Waits
    delay: int
    escalated: bool = False
    """The deposition is about to begin, and this may not be in time: somebody should be told, this once."""


SPREAD_S = 15
"""Over how long those who wait for one session's settling time come back."""

COME_BACK_S = 15
"""When to come back at the latest to a session that an attempt holds."""

WRITTEN_EVERY = 5
"""How often in a row a request may come in vain before the ledger hears of it: less than its sweep takes."""

NOTICE_S = 3600.0
"""How long before the deposition begins somebody is told that its session is still to be canceled."""

LAST_TRY_S = 120.0
"""How long before it begins the last try is made, whatever a longer wait would have been."""

NEWER_S = 900
"""When to come back to a session that a newer version has written: by then that version may be deployed again."""


@dataclass(frozen=True, slots=True)
class Settlement:
    ledger: Ledger
    queue: Queue
    clock: Clock

    def claim(self, request: Request, progress: Progress = KNOWN) -> Claim | Outcome | Postponed:
        """The session, or what has become of the request where it cannot be had."""
        try:
            verdict = self.ledger.claim(request, self.clock())
        except NewerVersion as newer:
            # Nothing of it is ours to write, so a fresh message is all that says that it waits.
            self.queue.send(request, NEWER_S, KNOWN)
            return Postponed("held", Waits("newer_version", {"fault": str(newer)}), NEWER_S)
        match verdict:
            case CanceledBefore(by, without_email):
                return self.settle(request, canceled_outcome(request, by, without_email, LEDGER))
            case SettledBefore(outcome):
                return self.settle(request, outcome)
            case Busy(until, under_way=True):
                # Most attempts end within a second, and all before their lease does.
                soon = backoff.in_vain(progress.in_vain, _apart(request), COME_BACK_S)
                delay = min(soon, math.ceil(max(until - self.clock(), 0)) + 1)
                return self.come_back(request, Waits("session"), delay, progress)
            case Busy(until):
                delay = math.ceil(max(until - self.clock(), 0) + _apart(request) * SPREAD_S) + 1
                return self.come_back(request, Waits("session"), delay, progress)
            case Claim() as held:
                return held

    def come_back(self, request: Request, waits: Waits, delay: float, progress: Progress) -> Postponed:
        """Where another's attempt or the settling time makes it wait, or no slot is near: no news of this request.

        Nothing is written, but now and then: what the ledger has not heard of for minutes is put back by the sweep.
        """
        times, delay = progress.in_vain + 1, math.ceil(delay)
        kept = replace(progress, counted=True, in_vain=times)
        if times % WRITTEN_EVERY == 0:
            return self.postpone(request, "retrying", waits, delay, kept)
        self.queue.send(request, delay, kept)
        return Postponed("in_flight", waits, delay)

    def give_up(self, request: Request, reason: Untried) -> Outcome | Postponed:
        """Settle for a person to review; through the session, so that a message still around finds the outcome."""
        held = self.claim(request)
        if not isinstance(held, Claim):
            return held
        return self.review(request, held, Outcome("needs_review", reason), untried(reason))

    def canceled(
        self, request: Request, held: Claim, *, ours: bool, result: AttemptResult, evidence: Evidence
    ) -> Outcome:
        outcome = self.ledger.record_canceled(request, held, ours=ours, result=result, evidence=evidence)
        return self.settle(request, outcome)

    def refused(self, request: Request, held: Claim, outcome: Outcome, result: AttemptResult) -> Outcome:
        self.ledger.record_refused(request, held, outcome, result)
        return self.settle(request, outcome)

    def still_canceled(
        self, request: Request, held: Claim, result: AttemptResult, evidence: Evidence
    ) -> Outcome:
        return self.settle(request, self.ledger.record_still_canceled(request, held, result, evidence))

    def review(self, request: Request, held: Claim, outcome: Outcome, result: AttemptResult) -> Outcome:
        """For a person: a doubt that nobody has resolved stays with the session."""
        if held.in_doubt:
            return self.unknown(request, held, outcome, result)
        return self.refused(request, held, outcome, result)

    def unknown(self, request: Request, held: Claim, outcome: Outcome, result: AttemptResult) -> Outcome:
        self.ledger.record_unknown(
            request, held, result, now=self.clock(), settling_s=LOOK_AFTER_S, outcome=outcome
        )
        return self.settle(request, outcome)

    def settle(self, request: Request, outcome: Outcome) -> Outcome:
        news = self.ledger.settle(request, outcome, self.clock())
        return outcome if news else replace(outcome, again=True)

    def postpone(
        self,
        request: Request,
        status: Unsettled,
        waits: Waits,
        delay: float,
        progress: Progress = KNOWN,
    ) -> Postponed:
        """A fresh message first, then the old one may go: in between there are two, never none."""
        now = self.clock()
        wait, near = _before_it_begins(request, math.ceil(delay), now)
        escalated = self.ledger.postpone(
            request, status, waits=waits, next_at=now + wait, escalated_at=now if near else None
        )
        self.queue.send(request, wait, progress)
        return Postponed(status, waits, wait, escalated)


def _apart(request: Request) -> float:
    """From 0 to 1, by request: of many who come back at one moment only one gets the session, time and again."""
    return zlib.crc32(request.id.encode()) % 1000 / 1000.0


def _before_it_begins(request: Request, delay: int, now: float) -> tuple[int, bool]:
    """The wait, cut so that one try more is made before the deposition begins; and whether that is near."""
    if request.starts_at is None or now >= request.starts_at:
        return delay, False
    last_try = request.starts_at - LAST_TRY_S - now
    wait = min(delay, math.ceil(last_try)) if last_try > 0 else delay
    return max(wait, 1), now + delay > request.starts_at - NOTICE_S
