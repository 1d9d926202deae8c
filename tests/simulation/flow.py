"""Virtual time for thousands at once: whoever waits gives way, as a greenlet, and time is that of what is due next."""

import math
from collections.abc import Callable
from heapq import heappop, heappush

from greenlet import getcurrent, greenlet

START = 1_800_000_000.0


class Flow:
    """What runs outside of every life (the scene that is set) takes no time."""

    def __init__(self) -> None:
        self.now = START
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._count = 0
        self._hub = getcurrent()

    def clock(self) -> float:
        return self.now

    def at(self, time: float, event: Callable[[], object]) -> None:
        self._count += 1
        heappush(self._due, (time, self._count, event))

    def begin(self, work: Callable[[], object]) -> None:
        """A life begins now, as soon as whoever is at work gives way."""
        self.at(self.now, greenlet(work, self._hub).switch)

    @property
    def stands(self) -> bool:
        """Whether nobody is at work but whoever sets the scene."""
        return getcurrent() is self._hub

    def wait(self, seconds: float) -> None:
        if self.stands:
            return
        life = getcurrent()
        self.at(self.now + seconds, life.switch)
        self._hub.switch()

    def run(self, done: Callable[[], bool], until: float = math.inf) -> None:
        """Until it is done, or nothing is left to happen before `until`."""
        while self._due and self._due[0][0] <= until and not done():
            self.now, _, event = heappop(self._due)
            event()


def thread() -> int:
    """Who is at work, in place of the thread's identity: each message of a batch has a life of its own."""
    return id(getcurrent())
