"""How fast, and how many at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from builders import NOW, an_organization
from cancellations import rates
from cancellations.domain import NEW, Progress
from cancellations.errors import Unavailable
from cancellations.guard_items import GuardItems
from cancellations.pace import EARLY_S, LATE_S, MAX_SLEEP_S, PAUSE_S, Later, Pace, Seen, Turn
from cancellations.protocol.guards import guard_key
from cancellations.rates import FORGOTTEN_S, LEAP, RETURNED, WATCHED
from fakes import Clock, MemoryTable, SilentTable

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


def test_without_a_moment_no_call_is_begun(stage: Stage) -> None:
    stage.table = SilentTable()
    with pytest.raises(Unavailable):
        stage.pace().turn(SLOW, NEW)


def test_a_call_that_cannot_wait_does_not_fail_for_it(stage: Stage) -> None:
    stage.table = SilentTable()
    stage.pace().one_more(SLOW)


# ── A rate that is learned ────────────────────────────────────────────────────────────────────────

TOLD = Progress(counted=True, told=True)


@dataclass
class Limited:
    """Prevail turns calls away; a process learns of it."""

    stage: Stage
    pace: Pace

    @property
    def rate(self) -> rates.Rate | None:
        return rates.read(self.stage.table.items.get(guard_key(FREE.slug), {}), self.stage.clock())

    def turned_away(self, *, again: bool = False, told_s: float | None = 1.0) -> None:
        turn = self.pace.turn(FREE, TOLD if again else NEW)
        assert isinstance(turn, Turn)
        self.pace.turned_away(FREE, turn, told_s, again=again)

    def taken(self, times: int, *, again: bool = False) -> None:
        for _ in range(times):
            turn = self.pace.turn(FREE, NEW)
            assert isinstance(turn, Turn), turn
            self.pace.taken(FREE, turn, again=again)


@pytest.fixture
def limited(stage: Stage) -> Limited:
    return Limited(stage, stage.pace())


def learned(limited: Limited) -> rates.Rate:
    for _ in range(WATCHED):
        limited.turned_away()
    found = limited.rate
    assert found is not None
    return found


def test_one_call_that_is_turned_away_makes_no_other_wait(limited: Limited) -> None:
    limited.turned_away(told_s=86_400.0)
    assert limited.pace.turn(FREE, NEW) == Turn()
    assert limited.stage.slept == []


def test_many_make_all_processes_wait_for_their_turn(limited: Limited) -> None:
    learned(limited)
    other = limited.stage.pace_that(lambda _: None)
    turns = [other.turn(FREE, NEW) for _ in range(4)]
    slots = [turn.slot for turn in turns if isinstance(turn, Turn) and turn.slot]
    assert slots == sorted(slots)
    assert isinstance(turns[-1], Later)
    assert turns[-1].slot is None


def test_the_organization_waits_a_moment_however_long_one_is_told_to(limited: Limited) -> None:
    for _ in range(WATCHED):
        limited.turned_away(told_s=86_400.0)
    turn = limited.pace.turn(FREE, NEW)
    assert isinstance(turn, Turn)
    assert limited.stage.slept == [PAUSE_S]


def test_who_waited_as_told_and_is_turned_away_again_tells_at_once(limited: Limited) -> None:
    limited.turned_away(again=True)
    found = limited.rate
    assert found is not None
    assert not found.watched


def test_who_finds_no_slot_comes_back_later_each_time(limited: Limited) -> None:
    learned(limited)
    delays = []
    for times in range(12):
        while isinstance(turn := limited.stage.pace_that(lambda _: None).turn(FREE, NEW), Turn):
            pass
        turn = limited.stage.pace_that(lambda _: None).turn(FREE, Progress(in_vain=times))
        assert isinstance(turn, Later)
        delays.append(turn.delay)
    assert delays == sorted(delays)
    assert (delays[0], delays[-1] > 5) == (1, True)


def test_the_rate_doubles_while_calls_are_taken(limited: Limited) -> None:
    began = learned(limited).per_s
    limited.taken(20)
    found = limited.rate
    assert found is not None
    assert found.per_s >= 4 * began


def test_who_was_told_to_wait_and_is_turned_away_again_lowers_it(limited: Limited) -> None:
    learned(limited)
    limited.taken(20)
    before = limited.rate
    assert before is not None
    while limited.rate == before:
        limited.turned_away(again=True)
    after = limited.rate
    assert after is not None
    assert (after.per_s < before.per_s, after.high) == (True, before.per_s)


def test_what_was_called_at_an_earlier_rate_lowers_it_no_further(limited: Limited) -> None:
    learned(limited)
    turn = limited.pace.turn(FREE, NEW)
    assert isinstance(turn, Turn)
    limited.pace.turned_away(FREE, turn, None, again=True)
    once = limited.rate
    limited.pace.turned_away(FREE, turn, None, again=True)
    assert limited.rate == once


def test_sessions_that_are_each_turned_away_once_leave_the_rate_as_it_is(limited: Limited) -> None:
    began = learned(limited)
    for _ in range(10):
        limited.turned_away()
        limited.taken(1, again=True)
    found = limited.rate
    assert found is not None
    assert found.per_s >= began.per_s


def test_where_each_session_is_turned_away_once_the_next_slot_is_at_the_new_rate(limited: Limited) -> None:
    """Slots of the rate before are handed out for seconds ahead."""
    began, still = learned(limited), limited.stage.pace_that(lambda _: None)
    for _ in range(RETURNED):
        limited.turned_away()
    turns = []
    while isinstance(turn := still.turn(FREE, TOLD), Turn):
        turns.append(turn)
    for turn in turns[:RETURNED]:
        limited.pace.taken(FREE, turn, again=True)
    found = limited.rate
    assert found is not None
    assert found.per_s == LEAP * began.per_s
    assert isinstance(still.turn(FREE, NEW), Turn)


def test_an_hour_later_nobody_waits_any_more(limited: Limited) -> None:
    learned(limited)
    limited.stage.clock.now += FORGOTTEN_S + 10
    assert limited.stage.pace().turn(FREE, NEW) == Turn()


def test_a_learned_rate_goes_before_a_configured_one_that_is_higher(stage: Stage) -> None:
    quick = an_organization(per_second=1000.0)
    pace = stage.pace()
    for _ in range(WATCHED):
        turn = pace.turn(quick, NEW)
        assert isinstance(turn, Turn)
        pace.turned_away(quick, turn, 1.0, again=False)
    turns = [stage.pace_that(lambda _: None).turn(quick, NEW) for _ in range(5)]
    assert any(isinstance(turn, Later) for turn in turns)


def test_a_limit_that_cannot_be_noted_is_no_fault_of_the_call(stage: Stage) -> None:
    stage.table = SilentTable()
    pace = stage.pace()
    pace.turned_away(FREE, Turn(), 1.0, again=False)
    pace.taken(FREE, Turn(NOW), again=False)


def test_a_further_call_has_no_turn_where_no_slot_is_near(limited: Limited) -> None:
    learned(limited)
    still = limited.stage.pace_that(lambda _: None)
    turns = [still.one_more(FREE) for _ in range(8)]
    assert turns[-1] is None
    assert turns[0] is not None
