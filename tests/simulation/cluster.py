"""Many workers, hours of simulated time: the real use case behind the queue, under outages and limits.

Where the scheduler next door looks between any two steps of a few requests, this one looks at thousands of requests
from afar: each message is worked on as a whole, on a clock of its own that its calls move on. Nothing here is faulty
but Prevail.
"""

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import jwt

from cancellations.answers import Answer, Unread, answer_for
from cancellations.calls import tools
from cancellations.cancel import Cancel
from cancellations.domain import NEW, Organization, Outcome, Progress, Request
from cancellations.ledger import Ledger
from cancellations.settlement import Settlement
from fakes import MemoryKeys, MemoryTable

START = 1_800_000_000.0
FUNCTION_S = 60.0


class Time:
    """The clock of whoever is at work."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Prevail:
    """limit: calls in a second, those over it are told to wait; needs_key_from: when it takes the new key only."""

    time: Time
    down: Callable[[float], Answer | None] = lambda _: None
    """What it answers to everything at a time, None where it works."""
    limit: float | None = None
    needs_key_from: float = math.inf
    new_key: str = "n" * 40
    call_s: float = 0.1
    states: Counter[str] = field(default_factory=Counter)
    calls: list[float] = field(default_factory=list)
    refused: int = 0

    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        assert organization.slug
        assert not without_email
        at = self.time.now
        self.time.now += self.call_s
        self.calls.append(at)
        if down := self.down(at):
            return down
        if at >= self.needs_key_from and not signed_with(self.new_key, token):
            return answer_for(401)
        if self.limit is not None and sum(1 for call in self.calls[-200:] if call > at - 1.0) > self.limit:
            self.refused += 1
            return answer_for(429, None, 1.0)
        self.states[remote_session_id] += 1
        return answer_for(200)

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | Unread:
        assert organization.slug
        assert starts_at is None
        at = self.time.now
        self.time.now += self.call_s
        if down := self.down(at):
            return Unread(down)
        if at >= self.needs_key_from and not signed_with(self.new_key, token):
            return Unread(answer_for(401))
        return "canceled" if self.states[remote_session_id] else "ready"


def signed_with(key: str, token: str) -> bool:
    try:
        jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": False})
    except jwt.InvalidSignatureError:
        return False
    return True


@dataclass
class Cluster:
    """`workers` messages at once; everything that waits, waits in the queue or in `settled`."""

    organization: Organization
    prevail: Prevail
    time: Time
    workers: int = 100
    seed: int = 0
    settled: dict[str, float] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    worked: int = 0

    def __post_init__(self) -> None:
        self.table, self.keys = MemoryTable(), MemoryKeys({self.organization.slug: "k" * 32})
        self._queue: list[tuple[float, int, Request, Progress]] = []
        self._places = count()
        jitter = random.Random(self.seed).random  # noqa: S311 - repeatable on purpose
        ledger = Ledger(self.table, (f"name-{n}" for n in count()).__next__, 180.0)
        self.cancel = Cancel(
            {self.organization.slug: self.organization},
            {},
            Settlement(ledger, self, self.time),
            tools(self.table, self.time, self.time.sleep, jitter, keys=self.keys, prevail=self.prevail),
        )

    def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
        heapq.heappush(self._queue, (self.time.now + delay, next(self._places), request, progress))

    def accept(self, request: Request) -> None:
        self.time.now = request.accepted_at
        self.cancel.settlement.ledger.accept(request, request.accepted_at)
        self.send(request)

    def run(self, until: float = math.inf) -> None:
        """Until nothing is on the queue, or nothing more before `until`."""
        free = [START] * self.workers
        while self._queue and self._queue[0][0] < until:
            visible_at, _, request, progress = heapq.heappop(self._queue)
            began = self.time.now = max(visible_at, heapq.heappop(free))
            self.worked += 1
            done = self.cancel(request, partial(self._remaining, began), progress)
            if isinstance(done, Outcome):
                self.settled[request.id] = self.time.now
                self.outcomes[request.id] = done.status
            heapq.heappush(free, self.time.now)

    def _remaining(self, began: float) -> float:
        return FUNCTION_S - (self.time.now - began)
