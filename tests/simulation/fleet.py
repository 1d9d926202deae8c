"""The deployment of template.yaml at work: its queue, its event source, its functions, its table, and Prevail.

The use cases are the product's own, wired as in its functions, and so are the messages. What AWS does around them is
modelled as it is documented; what a message costs a processor is what the bench has measured (docs/performance.md).
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, cast

from builders import ACCOUNT
from cancellations.adapters.aws import SqsQueue
from cancellations.admission import Admission
from cancellations.calls import tools
from cancellations.cancel import Cancel
from cancellations.configuration import Source
from cancellations.domain import Organization, Outcome, Request
from cancellations.errors import CancellationsError
from cancellations.intake import Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.ports import Prevail
from cancellations.settlement import Settlement
from cancellations.sweep import Sweep
from cancellations.wiring.requests import LEASE_S
from cancellations.work import Work
from fakes import MemoryKeys
from simulation.busy_prevail import BusyPrevail
from simulation.capacity import BoundedTable
from simulation.deployment import Deployment, measured, of_the_template
from simulation.fair_queue import FairQueue, Message
from simulation.flow import START, Flow

POLLERS, MORE_POLLERS_PER_S = 5, 5.0
"""Batches that an event source works on at first, and how many more each second (300 in a minute).

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""

SWEEP_S, SWEEP_EVERY_S = 60.0, 300.0

API_KEY = "k" * 32
"""Of every organization."""


@dataclass(slots=True)
class Process:
    """One environment of the cancel function: what it keeps to itself, and its share of a processor."""

    work: Work
    free_at: float = 0.0


class Fleet:
    """waits: seconds from accepted to settled; settled_at: when the last one did. Both by organization."""

    def __init__(
        self,
        organizations: Mapping[str, Organization],
        *,
        deployment: Deployment | None = None,
        sources: tuple[Source, ...] = (),
        limit: float | None = None,
        status: int = 200,
        seed: int = 0,
        prevail: Callable[[Flow], Prevail] | None = None,
    ) -> None:
        """prevail: makes what the functions call in place of `BusyPrevail`."""
        self.deployment, self.pacing = deployment or of_the_template(), measured()
        self.flow = flow = Flow()
        chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._jitter = chance.random
        self.table = BoundedTable(flow, self._jitter, self.pacing.aws_call_s)
        self.queue = FairQueue(
            flow,
            call_s=self.pacing.aws_call_s,
            visibility_s=self.deployment.visibility_s,
            most_receives=self.deployment.most_receives,
        )
        self.queue.arrived = self._poll
        self.prevail = BusyPrevail(flow, chance, self.pacing.prevail_s, limit, status)
        self._called: Prevail = prevail(flow) if prevail else self.prevail
        self.waits: dict[str, list[float]] = defaultdict(list)
        self.outcomes: Counter[str] = Counter()
        self.settled_at: dict[str, float] = defaultdict(lambda: START)
        self.accepted = self.messages = self.batches = self.failed = self.cold = self.swept = 0
        self.busy_s = 0.0
        self._organizations, self._sources = organizations, sources
        self._running, self._idle, self._ramp_from = 0, list[Process](), START
        sender = SqsQueue(cast("Any", self.queue), "queue", flow.clock)
        ledger = Ledger(self.table, map("name-{}".format, count()).__next__, LEASE_S)
        self._settlement = Settlement(ledger, sender, flow.clock)
        self._admission = Admission(ledger, sender)
        self._keys = MemoryKeys(dict.fromkeys(organizations, API_KEY))

    # ── What comes ────────────────────────────────────────────────────────────────────────────────

    def accept(self, request: Request) -> None:
        """As the receive function does; in no time before the story begins."""
        self.accepted += 1
        self._admission(request, request.accepted_at)

    def deliver(self, request: Request) -> None:
        """A delivery whose time has come."""

        def received() -> None:
            self.flow.wait(self.pacing.receive_s)
            self.accept(request)

        self.flow.at(request.accepted_at, lambda: self.flow.begin(received))

    def on_the_bus(self, body: str) -> None:
        """An event that a rule puts on the queue: it names no group."""
        self.accepted += 1
        self.queue.put(body)

    # ── Until all is settled ──────────────────────────────────────────────────────────────────────

    def run(self, expected: float, until: float) -> None:
        """Until so many requests have settled, or are lost."""
        sweep = Sweep(self._settlement)

        def swept() -> None:
            ends = self.flow.now + SWEEP_S
            self.swept += len(sweep(lambda: ends - self.flow.now).put_back)

        def tick() -> None:
            self.flow.at(self.flow.now + SWEEP_EVERY_S, tick)
            self.flow.begin(swept)

        self.flow.at(START + SWEEP_EVERY_S, tick)
        self.flow.run(lambda: self.outcomes.total() + self.queue.lost >= expected, START + until)

    def _poll(self) -> None:
        """The event source calls the function while there are messages and it may."""
        while len(self.queue) and self._running < self._allowed():
            batch = self.queue.receive(self.deployment.batch)
            if not batch:
                return
            self._running += 1
            self.batches += 1
            begin = partial(self.flow.begin, partial(self._invoke, batch))
            self.flow.at(self.flow.now + self.pacing.aws_call_s, begin)

    def _allowed(self) -> int:
        if not self._running:
            self._ramp_from = self.flow.now
        ramp = POLLERS + int((self.flow.now - self._ramp_from) * MORE_POLLERS_PER_S)
        return min(ramp, self.deployment.concurrency)

    def _invoke(self, batch: list[Message]) -> None:
        began, left = self.flow.now, len(batch)
        if self._idle:
            process = self._idle.pop()
        else:
            self.cold += 1
            process = Process(self._wired())
            self.flow.wait(self.pacing.cold_s)
        called = self.flow.now

        def done(message: Message) -> None:
            nonlocal left
            worked = self._message(process, message, called)
            left -= 1
            verdicts.append((message, worked))
            if not left:
                self.busy_s += self.flow.now - began
                self._idle.append(process)
                self.flow.at(self.flow.now + self.pacing.aws_call_s, lambda: self._answered(verdicts, began))

        verdicts: list[tuple[Message, bool]] = []
        for message in batch:
            self.flow.begin(partial(done, message))

    def _message(self, process: Process, message: Message, called: float) -> bool:
        """As functions/cancel/app.py does, on a thread of its own. The processor is the process's, one at a time."""
        self.messages += 1
        process.free_at = max(process.free_at, self.flow.now) + self.pacing.cpu_s
        self.flow.wait(process.free_at - self.flow.now)
        try:
            worked = process.work(message.body, lambda: called + self.deployment.timeout_s - self.flow.now)
        except CancellationsError:
            self.failed += 1
            return False
        if worked.request and isinstance(worked.result, Outcome) and not worked.result.again:
            self.outcomes[worked.result.status] += 1
            organization = worked.request.organization
            self.settled_at[organization] = self.flow.now
            self.waits[organization].append(self.flow.now - worked.request.accepted_at)
        return True

    def _answered(self, verdicts: list[tuple[Message, bool]], began: float) -> None:
        took = self.flow.now - began
        for message, worked in verdicts:
            (self.queue.delete if worked else self.queue.leave)(message, took)
        self._running -= 1
        self._poll()

    def _wired(self) -> Work:
        """As wiring.cancel does for a process."""
        clock = self.flow.clock
        using = tools(self.table, clock, self.flow.wait, self._jitter, keys=self._keys, prevail=self._called)
        cancel = Cancel(self._organizations, {}, self._settlement, using)
        intake = Intake(Lookup(self.table))
        return Work(self._sources, ACCOUNT, intake, self._admission, cancel, clock)
