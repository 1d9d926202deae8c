"""The breaker: calls that come to nothing, and who finds out whether that is over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from builders import API_KEY
from cancellations.answers import UNSENDABLE, Answer, answer_for
from cancellations.domain import Organization
from cancellations.errors import Unavailable
from cancellations.guards import (
    KEPT_S,
    MAX_OPEN_S,
    MAX_TOLD_S,
    MAX_WAIT_S,
    OPEN_S,
    PROBED_S,
    SPREAD_S,
    TOLERATED,
    Guards,
    Hold,
)
from cancellations.protocol.guards import PROBE_S, guard_key
from cancellations.writes import Item, Write
from fakes import MemoryTable
from guarding import ACME, DOWN, FINE, OTHER, REFUSED, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_few_failures_open_nothing(stage: Stage) -> None:
    guards = stage.process()
    stage.fail(guards, TOLERATED - 1)
    assert guards.hold(ACME, API_KEY) is None


def test_failures_in_a_row_open_the_breaker_for_every_process(stage: Stage) -> None:
    stage.opened()
    hold = stage.process().hold(ACME, API_KEY)
    assert hold == Hold("retrying", "the breaker is open: HTTP 503", OPEN_S, "breaker")


def test_a_success_in_between_begins_the_row_anew(stage: Stage) -> None:
    guards = stage.process()
    stage.fail(guards, TOLERATED - 1)
    guards.saw(ACME, FINE, API_KEY)
    stage.fail(guards, TOLERATED - 1)
    assert guards.hold(ACME, API_KEY) is None


@pytest.mark.parametrize("status", [202, 400, 404, 409, 422])
def test_an_answer_about_one_session_is_no_failure(stage: Stage, status: int) -> None:
    guards = stage.process()
    stage.fail(guards, 3 * TOLERATED, answer_for(status))
    assert guards.hold(ACME, API_KEY) is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer("not_sent", "ConnectTimeout"),
        Answer("unknown", "ReadTimeout"),
        *map(answer_for, (500, 425, 403, 405, 302)),
    ],
)
def test_whatever_comes_to_nothing_is_a_failure(stage: Stage, answer: Answer) -> None:
    guards = stage.process()
    stage.fail(guards, TOLERATED, answer)
    assert guards.hold(ACME, API_KEY) == Hold(
        "retrying", f"the breaker is open: {answer.seen}", OPEN_S, "breaker"
    )


def test_a_call_that_could_not_be_made_is_no_failure(stage: Stage) -> None:
    guards = stage.process()
    stage.fail(guards, 3 * TOLERATED, UNSENDABLE)
    assert guards.hold(ACME, API_KEY) is None
    assert stage.table.items == {}


@pytest.mark.parametrize("note", [Guards.saw, Guards.looked_in_vain])
def test_a_probe_that_could_not_be_made_is_left_to_the_next(
    stage: Stage, note: Callable[[Guards, Organization, Answer, str], None]
) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    probing = stage.process()
    probing.hold(ACME, API_KEY)
    note(probing, ACME, UNSENDABLE, API_KEY)
    probing.let_go(ACME)
    assert stage.process().hold(ACME, API_KEY) is None


def test_one_refused_key_opens_no_breaker(stage: Stage) -> None:
    stage.fail(stage.process(), 3 * TOLERATED, REFUSED)
    assert "breaker_until" not in (stage.table.read(guard_key("acme-legal")) or {})


def test_being_told_to_wait_holds_all_others_at_once_and_as_long_as_told(stage: Stage) -> None:
    guards = stage.process()
    guards.saw(ACME, answer_for(429, None, 120.0), API_KEY)
    hold = stage.process().hold(ACME, API_KEY)
    assert hold is not None
    assert hold.delay == 120.0


def test_being_told_to_wait_for_a_day_does_not_hold_the_others_for_one(stage: Stage) -> None:
    guards = stage.process()
    guards.saw(ACME, answer_for(429, None, 86_400.0), API_KEY)
    item = stage.table.read(guard_key("acme-legal")) or {}
    assert item["breaker_until"] == stage.clock.now + MAX_TOLD_S


def test_the_breaker_of_one_organization_is_not_that_of_another(stage: Stage) -> None:
    stage.opened()
    assert stage.process().hold(OTHER, API_KEY) is None


def test_when_it_has_been_open_long_enough_one_of_many_probes(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    holds = [stage.process().hold(ACME, API_KEY) for _ in range(5)]
    assert holds.count(None) == 1
    assert {hold.delay for hold in holds if hold} == {PROBED_S}


def test_a_probe_that_never_comes_back_leaves_the_right_to_another(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    stage.process().hold(ACME, API_KEY)
    stage.clock.now += PROBE_S + 1
    assert stage.process().hold(ACME, API_KEY) is None


def test_a_neighbour_in_the_same_batch_does_not_give_away_the_right_to_probe(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    process = stage.process()
    process.hold(ACME, API_KEY)
    with ThreadPoolExecutor(1) as neighbour:
        neighbour.submit(process.let_go, ACME).result()
    assert stage.process().hold(ACME, API_KEY) is not None


def test_a_look_in_vain_is_what_a_probe_came_to(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    probing = stage.process()
    probing.hold(ACME, API_KEY)
    probing.looked_in_vain(ACME, DOWN, API_KEY)
    probing.let_go(ACME)
    assert stage.process().hold(ACME, API_KEY) == Hold(
        "retrying", "the breaker is open: HTTP 503", 2 * OPEN_S, "breaker"
    )


def test_where_the_list_alone_is_down_calls_go_on(stage: Stage) -> None:
    guards = stage.process()
    for _ in range(3 * TOLERATED):
        guards.looked_in_vain(ACME, DOWN, API_KEY)
    assert guards.hold(ACME, API_KEY) is None


def test_a_key_that_is_refused_for_the_list_is_refused_for_all(stage: Stage) -> None:
    guards = stage.process()
    guards.looked_in_vain(ACME, REFUSED, API_KEY)
    hold = guards.hold(ACME, API_KEY)
    assert hold is not None
    assert hold.reason == "Prevail refuses the API key"


def test_who_was_to_probe_and_made_no_call_leaves_it_to_the_next(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    probing = stage.process()
    probing.hold(ACME, API_KEY)
    probing.let_go(ACME)
    assert stage.process().hold(ACME, API_KEY) is None


def test_who_has_called_has_no_probe_to_leave(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    probing = stage.process()
    probing.hold(ACME, API_KEY)
    probing.saw(ACME, DOWN, API_KEY)
    before = stage.table.writes
    probing.let_go(ACME)
    assert stage.table.writes == before


def test_nobody_leaves_the_probe_of_another(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    first = stage.process()
    first.hold(ACME, API_KEY)
    stage.clock.now += PROBE_S + 1
    second = stage.process()
    second.hold(ACME, API_KEY)
    first.let_go(ACME)
    assert stage.process().hold(ACME, API_KEY) is not None


def test_a_process_that_has_read_of_the_outage_sees_its_end_in_time(stage: Stage) -> None:
    guards = stage.opened()
    guards.hold(ACME, API_KEY)
    stage.clock.now += OPEN_S + 1
    probing = stage.process()
    probing.hold(ACME, API_KEY)
    probing.saw(ACME, FINE, API_KEY)
    stage.clock.now += KEPT_S
    assert guards.hold(ACME, API_KEY) is None


def test_the_longer_an_outage_has_lasted_the_less_often_the_others_ask(stage: Stage) -> None:
    stage.opened()
    for _ in range(12):
        stage.clock.now += MAX_OPEN_S + 1
        stage.fail(stage.process(), 1)
    hold = stage.process().hold(ACME, API_KEY)
    assert hold is not None
    assert MAX_OPEN_S < hold.delay <= MAX_WAIT_S


def test_those_who_wait_for_the_same_moment_do_not_come_back_at_once(stage: Stage) -> None:
    stage.opened()
    hold = Guards(stage.table, stage.clock, lambda: 0.5).hold(ACME, API_KEY)
    assert hold is not None
    assert hold.delay == OPEN_S + SPREAD_S / 2


def test_a_probe_that_succeeds_closes_the_breaker_for_all(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    probing = stage.process()
    probing.hold(ACME, API_KEY)
    probing.saw(ACME, FINE, API_KEY)
    assert [stage.process().hold(ACME, API_KEY) for _ in range(3)] == [None] * 3


def test_a_probe_that_fails_opens_it_for_twice_as_long(stage: Stage) -> None:
    stage.opened()
    stage.clock.now += OPEN_S + 1
    probing = stage.process()
    probing.hold(ACME, API_KEY)
    probing.saw(ACME, DOWN, API_KEY)
    hold = stage.process().hold(ACME, API_KEY)
    assert hold is not None
    assert hold.delay == 2 * OPEN_S


def test_however_often_it_opens_it_is_never_open_for_long_without_a_probe(stage: Stage) -> None:
    stage.opened()
    for _ in range(12):
        stage.clock.now += MAX_OPEN_S + 1
        stage.fail(stage.process(), 1)
    item = stage.table.read(guard_key("acme-legal")) or {}
    assert item["breaker_until"] == stage.clock.now + MAX_OPEN_S


def test_a_note_that_cannot_be_made_is_no_fault_of_the_call(stage: Stage) -> None:
    class Silent(MemoryTable):
        def write(self, write: Write) -> Item:
            raise Unavailable(write.key)

    Guards(Silent(), stage.clock, lambda: 0.0).saw(ACME, REFUSED, API_KEY)
