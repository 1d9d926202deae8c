"""The breaker: calls that come to nothing, and who finds out whether that is over."""

from contextlib import ExitStack

import pytest

from builders import API_KEY
from cancellations.answers import Answer, answer_for
from cancellations.guard_items import KEPT_S, GuardItems
from cancellations.permits import (
    MAX_OPEN_S,
    MAX_WAIT_S,
    OPEN_S,
    PROBED_S,
    SPREAD_S,
    TOLERATED,
    Hold,
    Permits,
)
from cancellations.protocol.guards import PROBE_S, guard_key
from cancellations.waits import Waits
from fakes import SilentTable
from guarding import ACME, DOWN, OTHER, OTHER_KEY, Stage, asked, granted


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_few_failures_open_nothing(stage: Stage) -> None:
    process = stage.process()
    stage.fail(process, TOLERATED - 1)
    assert stage.hold(process) is None


def test_failures_in_a_row_open_the_breaker_for_every_process(stage: Stage) -> None:
    stage.opened()
    assert stage.hold() == Hold("retrying", Waits("breaker", {"seen": "HTTP 500"}), OPEN_S)


def test_an_answer_in_between_begins_the_row_anew(stage: Stage) -> None:
    process = stage.process()
    stage.fail(process, TOLERATED - 1)
    with granted(process) as permit:
        permit.answered()
    stage.fail(process, TOLERATED - 1)
    assert stage.hold(process) is None


def test_the_failure_that_would_open_it_is_known_beforehand(stage: Stage) -> None:
    process = stage.process()
    stage.fail(process, TOLERATED - 2)
    with granted(process) as permit:
        assert not permit.decides
        permit.failed(DOWN)
        assert permit.decides


def test_a_probe_decides(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    with granted(stage.process()) as permit:
        assert permit.decides


@pytest.mark.parametrize("answer", [Answer("not_sent", "ConnectTimeout"), answer_for(302)])
def test_it_says_what_opened_it(stage: Stage, answer: Answer) -> None:
    stage.fail(stage.process(), TOLERATED, answer)
    assert stage.hold() == Hold("retrying", Waits("breaker", {"seen": answer.seen}), OPEN_S)


def test_a_refused_key_opens_no_breaker(stage: Stage) -> None:
    stage.refuse()
    assert "breaker_until" not in (stage.table.read(guard_key("acme-legal")) or {})


def test_the_breaker_of_one_organization_is_not_that_of_another(stage: Stage) -> None:
    stage.opened()
    with stage.process().permit(OTHER, API_KEY) as permit:
        assert not isinstance(permit, Hold)


def test_when_it_has_been_open_long_enough_one_of_many_probes(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    with ExitStack() as open_still:
        permits = [open_still.enter_context(asked(stage.process())) for _ in range(5)]
        held = [permit for permit in permits if isinstance(permit, Hold)]
    assert len(held) == 4
    assert {hold.delay for hold in held} == {PROBED_S}


def test_a_probe_that_never_comes_back_leaves_the_right_to_another(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    with granted(stage.process()):
        stage.clock.now += PROBE_S + 1
        assert stage.hold() is None


def test_a_neighbour_in_the_same_batch_does_not_give_away_the_right_to_probe(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    process = stage.process()
    with granted(process):
        assert stage.hold(process) is not None
        assert stage.hold(process) is not None


def test_who_was_to_probe_and_made_no_call_leaves_it_to_the_next(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    with granted(stage.process()):
        pass
    assert stage.hold() is None


def test_who_was_to_probe_and_failed_on_the_way_leaves_it_to_the_next(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    with pytest.raises(ZeroDivisionError), granted(stage.process()):
        raise ZeroDivisionError
    assert stage.hold() is None


def test_who_has_called_has_no_probe_to_leave(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    with granted(stage.process()) as permit:
        permit.failed(DOWN)
        before = stage.table.writes
    assert stage.table.writes == before


def test_nobody_leaves_the_probe_of_another(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    first, second = asked(stage.process()), asked(stage.process())
    first.__enter__()
    stage.clock.now += PROBE_S + 1
    second.__enter__()
    first.__exit__(None, None, None)
    assert stage.hold() is not None


def test_a_process_that_has_read_of_the_outage_sees_its_end_at_once(stage: Stage) -> None:
    process = stage.opened()
    assert stage.hold(process) is not None
    stage.clock.now += OPEN_S + 1
    with granted(stage.process()) as permit:
        permit.answered()
    assert stage.hold(process) is None


def test_a_process_that_has_read_before_hears_of_an_outage_in_time(stage: Stage) -> None:
    process = stage.process()
    assert stage.hold(process) is None
    stage.opened()
    stage.clock.now += KEPT_S + 1
    assert stage.hold(process) is not None


def test_the_longer_an_outage_has_lasted_the_less_often_the_others_ask(stage: Stage) -> None:
    stage.opened()
    for _ in range(12):
        stage.clock.now += MAX_OPEN_S + 1
        stage.fail(stage.process(), 1)
    hold = stage.hold()
    assert hold is not None
    assert MAX_OPEN_S < hold.delay <= MAX_WAIT_S


def test_those_who_wait_for_the_same_moment_do_not_come_back_at_once(stage: Stage) -> None:
    stage.opened()
    hold = stage.hold(stage.process(jitter=0.5))
    assert hold is not None
    assert hold.delay == OPEN_S + SPREAD_S / 2


def test_a_probe_that_succeeds_closes_the_breaker_for_all(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    with granted(stage.process()) as permit:
        permit.answered()
    assert [stage.hold() for _ in range(3)] == [None] * 3


def test_a_probe_that_fails_opens_it_for_twice_as_long(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    stage.fail(stage.process(), 1)
    hold = stage.hold()
    assert hold is not None
    assert hold.delay == 2 * OPEN_S


def test_however_often_it_opens_it_is_never_open_for_long_without_a_probe(stage: Stage) -> None:
    stage.opened()
    for _ in range(12):
        stage.clock.now += MAX_OPEN_S + 1
        stage.fail(stage.process(), 1)
    item = stage.table.read(guard_key("acme-legal")) or {}
    assert item["breaker_until"] == stage.clock.now + MAX_OPEN_S


def test_a_probe_that_meets_a_refused_key_leaves_the_probe_to_the_next(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    with granted(stage.process()) as permit:
        assert permit.probes
        permit.key_refused(API_KEY)
    with granted(stage.process(), OTHER_KEY) as permit:
        assert permit.probes


def test_a_note_that_cannot_be_made_is_no_fault_of_the_call(stage: Stage) -> None:
    silent = Permits(SilentTable(), stage.clock, lambda: 0.0, GuardItems(SilentTable(), stage.clock))
    with silent.permit(ACME, API_KEY) as permit:
        assert not isinstance(permit, Hold)
        permit.key_refused(API_KEY)
        for _ in range(TOLERATED):
            permit.failed(DOWN)
