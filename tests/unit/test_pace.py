"""How fast, and how many at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from builders import NOW, an_organization
from cancellations.domain import NEW, Progress
from cancellations.errors import Unavailable
from cancellations.guard_items import GuardItems
from cancellations.pace import EARLY_S, LATE_S, MAX_SLEEP_S, Later, Pace, Seen, Turn
from cancellations.writes import Item, Write
from fakes import Clock, MemoryTable

FREE = an_organization()
SLOW = an_organization(per_second=0.5)


@dataclass
class Stage:
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    table: MemoryTable = field(default_factory=MemoryTable)
    slept: list[float] = field(default_factory=list)

    def pace(self) -> Pace:
        return self.pace_that(self._sleep)

    def pace_that(self, sleeps: Callable[[float], None]) -> Pace:
        return Pace(self.table, self.clock, sleeps, lambda: 0.0, GuardItems(self.table, self.clock), Seen())

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.now += seconds


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_an_organization_without_a_rate_costs_no_write(stage: Stage) -> None:
    assert stage.pace().turn(FREE, NEW) == Turn()
    assert stage.table.writes == 0


def test_the_first_call_is_made_at_once(stage: Stage) -> None:
    assert stage.pace().turn(SLOW, NEW) == Turn(stage.clock.now)
    assert stage.slept == []


def test_a_moment_that_is_near_is_waited_for(stage: Stage) -> None:
    stage.pace().turn(SLOW, NEW)
    assert stage.pace().turn(SLOW, NEW) == Turn(stage.clock.now)
    assert stage.slept == [MAX_SLEEP_S]


def test_a_moment_that_is_far_off_is_kept_for_later(stage: Stage) -> None:
    moments = [stage.pace_that(lambda _: None).turn(SLOW, NEW) for _ in range(4)]
    assert moments[2:] == [Later(NOW + 4.0, 4.0 - EARLY_S), Later(NOW + 6.0, 6.0 - EARLY_S)]


def test_who_comes_back_with_its_moment_takes_no_other(stage: Stage) -> None:
    stage.clock.now = NOW + 3.0
    assert stage.pace().turn(SLOW, Progress(slot=NOW + 4.0)) == Turn(stage.clock.now)
    assert (stage.slept, stage.table.writes) == ([1.0], 0)


def test_who_comes_too_late_takes_another(stage: Stage) -> None:
    stage.clock.now = NOW + 4.0 + LATE_S + 0.1
    stage.pace().turn(SLOW, Progress(slot=NOW + 4.0))
    assert stage.table.writes > 0


def test_a_pause_saves_up_no_calls_for_a_burst(stage: Stage) -> None:
    pace = stage.pace_that(lambda _: None)
    pace.turn(SLOW, NEW)
    stage.clock.now += 3600
    assert [isinstance(pace.turn(SLOW, NEW), Turn) for _ in range(4)] == [True, True, False, False]


def test_a_call_that_cannot_wait_is_paid_for_by_the_next(stage: Stage) -> None:
    pace = stage.pace_that(lambda _: None)
    pace.turn(SLOW, NEW)
    pace.one_more(SLOW)
    assert pace.turn(SLOW, NEW) == Later(NOW + 4.0, 4.0 - EARLY_S)


def test_a_call_that_cannot_wait_for_long_waits_a_moment_all_the_same(stage: Stage) -> None:
    slept: list[float] = []
    pace, quick = stage.pace_that(slept.append), an_organization(per_second=5.0)
    pace.turn(quick, NEW)
    pace.one_more(quick)
    assert slept == [pytest.approx(0.2)]


def test_of_many_at_once_no_two_have_the_same_moment(stage: Stage) -> None:
    barrier = threading.Barrier(20, timeout=10)

    def moment(_: int) -> Turn | Later:
        barrier.wait()
        return stage.pace_that(lambda _: None).turn(SLOW, NEW)

    with ThreadPoolExecutor(20) as threads:
        moments = list(threads.map(moment, range(20)))
    later = sorted(moment.slot for moment in moments if isinstance(moment, Later) and moment.slot)
    assert later == [NOW + 2.0 * place for place in range(2, 20)]


# ── A table that does not answer ──────────────────────────────────────────────────────────────────


class Silent(MemoryTable):
    """Answers until it is told to be silent."""

    silent = False

    def write(self, write: Write) -> Item:
        if self.silent:
            raise Unavailable(write.key)
        return super().write(write)


def test_without_a_moment_no_call_is_begun(stage: Stage) -> None:
    stage.table = Silent()
    stage.table.silent = True
    with pytest.raises(Unavailable):
        stage.pace().turn(SLOW, NEW)


def test_a_call_that_cannot_wait_does_not_fail_for_it(stage: Stage) -> None:
    stage.table = Silent()
    stage.table.silent = True
    stage.pace().one_more(SLOW)
