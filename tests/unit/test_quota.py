"""How many cancellations a source may ask for in an hour."""

from dataclasses import dataclass, field

import pytest

from builders import NOW, a_request
from cancellations.errors import Unavailable
from cancellations.permits import Hold
from cancellations.protocol import guards as writes
from cancellations.protocol.guards import HOUR_S
from cancellations.quota import Quota
from cancellations.waits import Waits
from fakes import Clock, MemoryTable, SilentTable


@dataclass
class Stage:
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    table: MemoryTable = field(default_factory=MemoryTable)

    def process(self) -> Quota:
        return Quota(self.table, self.clock, lambda: 0.0)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def holds_over_cap(stage: Stage, times: int, cap: int = 3) -> list[Hold | None]:
    return [stage.process().count(a_request(event_id=f"e-{n}"), cap) for n in range(times)]


def test_a_source_without_a_cap_is_never_held(stage: Stage) -> None:
    assert stage.process().count(a_request(), None) is None
    assert stage.table.writes == 0


def test_as_many_as_the_cap_go_through(stage: Stage) -> None:
    assert holds_over_cap(stage, 3) == [None] * 3


def test_more_than_the_cap_are_held_for_a_person(stage: Stage) -> None:
    *_, hold = holds_over_cap(stage, 4)
    assert hold is not None
    assert (hold.status, hold.waits) == ("held", Waits("over_cap", {"source": "acme", "cap": 3}))


def test_a_new_hour_does_not_let_through_what_a_person_must_see(stage: Stage) -> None:
    holds_over_cap(stage, 4)
    stage.clock.now += HOUR_S
    assert holds_over_cap(stage, 1) != [None]


def test_a_new_hour_counts_anew(stage: Stage) -> None:
    holds_over_cap(stage, 3)
    stage.clock.now += HOUR_S
    assert holds_over_cap(stage, 3) == [None] * 3


def test_what_is_let_through_is_not_counted_against_the_next(stage: Stage) -> None:
    holds_over_cap(stage, 4)
    stage.clock.now += 600
    stage.table.write(writes.release("acme", by="on call", now=stage.clock.now))
    stage.clock.now += HOUR_S - 60
    holds_over_cap(stage, 20)
    stage.clock.now += 61
    assert holds_over_cap(stage, 3) == [None] * 3


def test_a_source_that_is_held_is_not_held_for_another(stage: Stage) -> None:
    holds_over_cap(stage, 4)
    assert stage.process().count(a_request(source="other"), 3) is None


def test_a_count_that_cannot_be_made_lets_nothing_through(stage: Stage) -> None:
    with pytest.raises(Unavailable):
        Quota(SilentTable(), stage.clock, lambda: 0.0).count(a_request(), 3)


def test_a_person_lets_everything_through_for_an_hour(stage: Stage) -> None:
    holds_over_cap(stage, 4)
    stage.table.write(writes.release("acme", by="on call", now=stage.clock.now))
    assert holds_over_cap(stage, 20) == [None] * 20
    stage.clock.now += HOUR_S + 1
    assert holds_over_cap(stage, 4)[-1] is not None
