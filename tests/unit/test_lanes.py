"""How many calls at once."""

from dataclasses import dataclass, field

import pytest

from builders import NOW, an_organization
from cancellations.lanes import LANE_S, Lanes
from fakes import Clock, MemoryTable, SilentTable

FREE = an_organization()
NARROW = an_organization(at_once=2)


@dataclass
class Stage:
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    table: MemoryTable = field(default_factory=MemoryTable)

    def lanes(self) -> Lanes:
        return Lanes(self.table, self.clock)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_an_organization_without_lanes_costs_no_write(stage: Stage) -> None:
    with stage.lanes().lane(FREE) as free:
        assert free
    assert stage.table.writes == 0


def test_as_many_as_there_are_lanes_go_at_once(stage: Stage) -> None:
    lanes = stage.lanes()
    with lanes.lane(NARROW) as first, lanes.lane(NARROW) as second, lanes.lane(NARROW) as third:
        assert [first, second, third].count(True) == 2


def test_a_lane_is_free_again_afterwards(stage: Stage) -> None:
    lanes = stage.lanes()
    for _ in range(5):
        with lanes.lane(NARROW) as first, lanes.lane(NARROW) as second:
            assert (first, second) == (True, True)


def test_a_lane_whose_worker_died_is_free_after_a_while(stage: Stage) -> None:
    lanes = stage.lanes()
    died = [lanes.lane(NARROW) for _ in range(2)]
    for lane in died:
        lane.__enter__()
    with lanes.lane(NARROW) as free:
        assert not free
    stage.clock.now += LANE_S + 1
    with lanes.lane(NARROW) as free:
        assert free


def test_who_comes_back_from_the_dead_frees_the_lane_of_no_other(stage: Stage) -> None:
    lanes, narrow = stage.lanes(), an_organization(at_once=1)
    with lanes.lane(narrow) as first:
        stage.clock.now += LANE_S + 1
        successor = lanes.lane(narrow)
        assert first
        assert successor.__enter__()
    with lanes.lane(narrow) as free:
        assert not free


def test_a_lane_that_cannot_be_left_ends_by_itself(stage: Stage) -> None:
    stage.table = table = SilentTable(silent=False)
    lanes, narrow = stage.lanes(), an_organization(at_once=1)
    with lanes.lane(narrow):
        table.silent = True
    table.silent = False
    stage.clock.now += LANE_S + 1
    with lanes.lane(narrow) as free:
        assert free
