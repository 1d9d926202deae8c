"""Putting a request off: a fresh message, the record, and the deposition that is about to begin."""

import math

import pytest

from builders import a_request, some_names
from cancellations.answers import answer_for
from cancellations.domain import KNOWN, NEW, Request
from cancellations.ledger import Ledger
from cancellations.protocol import request_key
from cancellations.settlement import COME_BACK_S, LAST_TRY_S, NOTICE_S, Postponed, Settlement
from cancellations.waits import Waits, after, waits_in
from cancellations.writes import Item, number
from fakes import Clock, MemoryQueue, MemoryTable

DOWN = after(answer_for(503), "answer")


class Stage:
    def __init__(self) -> None:
        self.table, self.queue, self.clock = MemoryTable(), MemoryQueue(), Clock()
        self.ledger = Ledger(self.table, some_names(), lease_s=180)
        self.settlement = Settlement(self.ledger, self.queue, self.clock)

    def accepted(self, begins_in: float | None) -> Request:
        starts_at = None if begins_in is None else self.clock() + begins_in
        request = a_request(accepted_at=self.clock(), starts_at=starts_at)
        self.ledger.accept(request, self.clock())
        return request

    def put_off(self, request: Request, delay: float) -> Postponed:
        return self.settlement.postpone(request, "retrying", DOWN, delay)

    def stored(self, request: Request) -> Item:
        return self.table.items[request_key(request.id)]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_request_that_is_put_off_has_a_message_and_a_record_of_it(stage: Stage) -> None:
    request = stage.accepted(None)
    assert stage.put_off(request, 29.2) == Postponed("retrying", DOWN, 30)
    assert stage.queue.sent == [(request, 30)]
    stored = stage.stored(request)
    assert (waits_in(stored), stored["next_at"]) == (DOWN, stage.clock() + 30)


def test_its_message_says_that_it_was_counted_unless_told_otherwise(stage: Stage) -> None:
    request = stage.accepted(None)
    stage.put_off(request, 30)
    stage.settlement.postpone(request, "held", Waits("over_cap"), 30, NEW)
    assert stage.queue.progress == [KNOWN, NEW]


def test_the_second_to_ask_for_a_session_comes_back_within_seconds(stage: Stage) -> None:
    for n in range(40):
        stage.settlement.claim(a_request(accepted_at=stage.clock(), event_id=f"event-{n}"))
    delays = [delay for _, delay in stage.queue.sent]
    assert len(delays) == 39
    assert {1, 2} >= set(delays)


def test_whoever_finds_a_session_taken_time_and_again_comes_back_later_each_time(stage: Stage) -> None:
    stage.settlement.claim(a_request(accepted_at=stage.clock(), event_id="holds-it"))
    request = stage.accepted(None)
    for _ in range(12):
        stage.settlement.claim(request, (stage.queue.progress or [NEW])[-1])
    delays = [delay for _, delay in stage.queue.sent]
    assert delays == sorted(delays)
    assert (delays[0], delays[-1]) in {
        (first, last) for first in (1, 2) for last in range(8, COME_BACK_S + 1)
    }


def test_whoever_comes_in_vain_writes_so_rarely_and_before_the_sweep_takes_it_for_lost(stage: Stage) -> None:
    stage.settlement.claim(a_request(accepted_at=stage.clock(), event_id="holds-it"))
    request = stage.accepted(None)
    for _ in range(40):
        stage.settlement.claim(request, (stage.queue.progress or [NEW])[-1])
        stage.clock.now = max(stage.clock.now, float(stage.queue.sent[-1][1]) + stage.clock.now)
        assert number(stage.stored(request), "due_at") > stage.clock()  # type: ignore[operator] # it is there
    assert stage.table.writes < 40 * 2


# ── The deposition is about to begin ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("begins_in", [None, 10 * 86_400.0, NOTICE_S + 901, -1.0, 0.0])
def test_where_it_begins_long_after_or_has_begun_a_wait_is_as_long_as_ever(
    stage: Stage, begins_in: float | None
) -> None:
    request = stage.accepted(begins_in)
    assert stage.put_off(request, 900) == Postponed("retrying", DOWN, 900, escalated=False)
    assert "escalated_at" not in stage.stored(request)


def test_a_request_that_would_still_wait_in_its_last_hour_is_escalated(stage: Stage) -> None:
    request = stage.accepted(NOTICE_S + 899)
    assert stage.put_off(request, 900) == Postponed("retrying", DOWN, 900, escalated=True)
    assert stage.stored(request)["escalated_at"] == stage.clock()


def test_somebody_is_told_once(stage: Stage) -> None:
    request = stage.accepted(NOTICE_S)
    told = []
    for _ in range(3):
        told.append(stage.put_off(request, 60).escalated)
        stage.clock.now += 60
    assert told == [True, False, False]


@pytest.mark.parametrize("begins_in", [LAST_TRY_S + 1, 600.0, 901.5])
def test_one_more_try_is_made_before_it_begins(stage: Stage, begins_in: float) -> None:
    request = stage.accepted(begins_in)
    assert stage.put_off(request, 900).delay == math.ceil(begins_in - LAST_TRY_S)
    assert stage.stored(request)["next_at"] == stage.clock() + stage.queue.sent[0][1]


def test_a_shorter_wait_is_not_lengthened(stage: Stage) -> None:
    assert stage.put_off(stage.accepted(600.0), 5).delay == 5


def test_after_the_last_try_waits_are_as_long_as_ever(stage: Stage) -> None:
    assert stage.put_off(stage.accepted(LAST_TRY_S), 900).delay == 900


def test_no_wait_is_shorter_than_the_queue_can_count(stage: Stage) -> None:
    assert stage.put_off(stage.accepted(LAST_TRY_S + 0.001), 900).delay == 1
