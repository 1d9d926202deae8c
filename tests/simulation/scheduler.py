"""Who runs when: virtual time, the lives of functions as greenlets, and every place where one can be interrupted.

A life gives way at each call of a port. In between, no one else runs: there is nothing in between that others see.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

from greenlet import getcurrent, greenlet

from simulation.faults import Fault, Plan, Port
from simulation.story import Story

START = 1_800_000_000.0
MOST_PLACES = 1000
"""No story is longer, for each delivery in it and two more: one that is goes in circles."""


class Killed(BaseException):
    """The process is gone: nothing that the product catches."""


class Violation(BaseException):
    """An invariant does not hold: nothing that the product catches."""


class Life:
    """One invocation of a function. `request` is the request it works on, `claims` the fence by session key.

    began: when, by the world's clock.
    skew: by how much its clock is ahead of the world's.
    called: whether it has called Prevail. guard_failed: whether a write of a guard has failed for it.
    """

    __slots__ = (
        "began",
        "called",
        "claims",
        "ends",
        "flow",
        "guard_failed",
        "name",
        "request",
        "skew",
        "zombie",
    )

    def __init__(self, name: str, began: float, ends: float, request: str | None, skew: float) -> None:
        self.name, self.began, self.ends, self.request, self.skew = name, began, ends, request, skew
        self.zombie = self.called = self.guard_failed = False
        self.claims: dict[str, int] = {}
        self.flow: greenlet


class Scheduler:
    """`lively`: calls take as long as chance says; else each takes the same, and first come is first served.

    skew: by how much the clocks of two lives may differ.
    """

    def __init__(
        self, seed: int, plan: Plan, story: Story, *, lively: bool, skew: float, deliveries: int = 1
    ) -> None:
        self.now = START
        self.quiet_at = START
        """When the last disturbance that is known so far ends."""
        self.chance = Random(seed)  # noqa: S311 - repeatable on purpose
        self.ports: list[Port] = []
        self.fired: list[tuple[int, Fault]] = []
        self.running: list[Life] = []
        self.life: Life
        self._plan, self._lively, self._skew = plan, lively, skew
        self._story, self._most_places = story, MOST_PLACES * (2 + deliveries)
        self._due: list[tuple[float, float, int, Callable[[], None]]] = []
        self._count = 0
        self._names: dict[str, int] = {}
        self._hub = getcurrent()

    def clock(self) -> float:
        """The time as the current life sees it."""
        return self.now + self.life.skew

    # ── Time ──────────────────────────────────────────────────────────────────────────────────────

    def at(self, time: float, event: Callable[[], None]) -> None:
        self._count += 1
        tie = self.chance.random() if self._lively else 0.0
        heappush(self._due, (time, tie, self._count, event))

    def disturbed_until(self, time: float) -> None:
        self.quiet_at = max(self.quiet_at, time)

    def step(self) -> None:
        """The next thing that is due. It is never empty: the sweep comes for ever."""
        self.now, _, _, event = heappop(self._due)
        event()

    @property
    def waiting(self) -> int:
        return len(self._due)

    # ── Lives ─────────────────────────────────────────────────────────────────────────────────────

    def begin(
        self,
        kind: str,
        seconds: float,
        work: Callable[[], None],
        *,
        request: str | None = None,
    ) -> None:
        """A function begins at once and may run for so many seconds."""
        number = self._names[kind] = self._names.get(kind, 0) + 1
        skew = self.chance.choice((-0.5, 0.5)) * self._skew if self._skew else 0.0
        life = Life(f"{kind} {number}", self.now, self.now + seconds, request, skew)
        life.flow = greenlet(lambda: self._live(life, work), self._hub)
        self.running.append(life)
        self._run(life)

    def _live(self, life: Life, work: Callable[[], None]) -> None:
        try:
            work()
        except Killed as killed:
            self.tell("dies", str(killed))
            self.disturbed_until(self.now)
        self.running.remove(life)

    def _run(self, life: Life) -> None:
        self.life = life
        life.flow.switch()

    def wait(self, seconds: float) -> None:
        """The current life gives way for so long."""
        life = self.life
        self.at(self.now + seconds, lambda: self._run(life))
        self._hub.switch()
        if self.now >= life.ends and not life.zombie:
            raise Killed("its time is up")

    def pause(self, port: Port, least: float = 0.0) -> Fault | None:
        """A place where the current life gives way and something may go wrong; the caller carries out what."""
        place = len(self.ports)
        if place > self._most_places:
            raise Violation("it goes in circles")
        self.ports.append(port)
        fault = self._plan.at(place, port)
        seconds = least + (self.chance.random() ** 4 * 2 if self._lively else 0.05)
        if fault is None:
            self.wait(seconds)
            return None
        self.fired.append((place, fault))
        self.disturbed_until(self.now)
        self.tell(f"FAULT {fault.name}", f"at place {place}, {port}")
        if fault.kind == "freeze":
            self.freeze(fault.seconds)
            return fault
        self.wait(seconds)
        if fault.kind == "kill":
            raise Killed("killed")
        return fault

    def reply(self, fault: Fault) -> None:
        """The call has taken effect; the caller hears of it late where that is the fault."""
        if fault.kind == "slow":
            self.wait(fault.seconds)
        elif fault.kind == "freeze_after":
            self.freeze(fault.seconds)

    def freeze(self, seconds: float) -> None:
        """The current life stands still, for longer than the platform would let it live, and then goes on."""
        self.life.zombie = True
        self.disturbed_until(self.now + seconds)
        self.wait(seconds)
        self.tell("thaws", "")

    # ── The story ─────────────────────────────────────────────────────────────────────────────────

    def tell(self, what: object, result: object) -> None:
        """One line of the story, by whoever is running."""
        if self._story.is_told:
            inside = getcurrent() is not self._hub
            self._story.line(self.now - START, self.life.name if inside else "world", what, result)
