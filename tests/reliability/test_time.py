"""Time: what is left of it, clocks that differ, and waits: rows 15 to 19, 47, 48 and 50 of the fault matrix.

| row | what of it is held elsewhere | by |
|---|---|---|
| 15 | the lease's end | `test_no_call_begins_when_the_lease_may_be_over_before_it_is` |
| 17 | only what failed comes again | `test_of_a_batch_only_the_bad_message_comes_again` |
| 17 | messages side by side | `test_things_are_done_side_by_side` |
| 18 | leases | `test_a_lease_outlives_the_worker_and_clocks_that_differ` |
| 18 | signed deliveries | `tests/unit/test_verification_clocks.py` |
| 19 | refused by Prevail's clock too | `test_a_second_refusal_by_prevails_clock_holds_the_request` |
| 48 | every form of Retry-After | `test_retry_after_in_both_forms_is_understood_and_clamped` |
"""

import heapq

import pytest

from cancellations.adapters.prevail import TOTAL_S
from cancellations.attempt import AFTERWARDS_S, CALL_S
from cancellations.domain import Outcome, Request
from cancellations.errors import OutOfTime
from cancellations.permits import MAX_OPEN_S, MAX_WAIT_S, SPREAD_S
from cancellations.protocol import session_key
from reliability.scene import Scene

AGAIN, HELD = "retrying", "held"
HOUR_S, DAY_S = 3600, 86_400


# ── What is left of the function's time ───────────────────────────────────────────────────────────


def test_row_16_no_call_may_take_longer_than_what_is_checked_for() -> None:
    assert TOTAL_S <= CALL_S


@pytest.mark.parametrize("remaining", [1, 5, 10, 20, 30, CALL_S + AFTERWARDS_S - 0.1])
def test_row_15_and_16_with_too_little_time_nothing_is_claimed_or_sent(
    scene: Scene, remaining: float
) -> None:
    request = scene.asked("s-1")
    with pytest.raises(OutOfTime):
        scene.attempt(request, remaining=remaining)
    assert session_key(request) not in scene.table.items
    assert scene.methods() == []


def test_row_15_the_next_delivery_does_what_there_was_no_time_for(scene: Scene) -> None:
    request = scene.asked("s-1")
    with pytest.raises(OutOfTime):
        scene.attempt(request, remaining=1)
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (1, 1)


def test_row_16_where_the_look_took_the_time_nothing_is_sent_after_it(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "502", "count": 1})
    request = scene.asked("s-1")
    scene.clock.now += scene.waits(request).delay + 1
    left = iter([60.0, CALL_S])
    scene.process()(request, lambda: next(left))
    assert (scene.status(request), scene.methods()) == (AGAIN, ["PATCH", "GET"])
    assert scene.comes_again(request).status == "canceled"
    assert scene.counted(request) == (2, 1)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_row_16_where_an_objection_took_the_time_the_state_is_not_read_after_it(
    scene: Scene, status: int
) -> None:
    scene.emulator.put_faults({"fault": str(status), "method": "PATCH", "count": 1})
    request = scene.asked("s-1")
    left = iter([60.0, 60.0, CALL_S + AFTERWARDS_S])
    scene.process()(request, lambda: next(left))
    assert (scene.status(request), scene.methods()) == (AGAIN, ["PATCH"])
    assert scene.comes_again(request).status == "canceled"


# ── Clocks that differ ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ahead", [-60, -30, 30, 60])
def test_row_18_a_minutes_difference_costs_no_second_call(scene: Scene, ahead: int) -> None:
    scene.emulator.put_switches(clock_ahead_s=ahead, token_longest_life_s=300)
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (1, 1)


@pytest.mark.parametrize("ahead", [-HOUR_S, -600, 600, HOUR_S])
def test_row_19_a_clock_that_is_wrong_costs_one_call_more(scene: Scene, ahead: int) -> None:
    """Signed once more, by the clock that Prevail's answer told."""
    scene.emulator.put_switches(clock_ahead_s=ahead, token_longest_life_s=300)
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (2, 1)


@pytest.mark.parametrize("ahead", [-2 * DAY_S, 2 * DAY_S])
def test_row_19_a_clock_that_is_not_believed_holds_the_request_after_one_call(
    scene: Scene, ahead: int
) -> None:
    scene.emulator.put_switches(clock_ahead_s=ahead, token_longest_life_s=300)
    request = scene.asked("s-1")
    assert scene.waits(request).status == HELD
    assert scene.counted(request) == (1, 0)


# ── Told to wait ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("wait", [30, 1200])
def test_row_47_nobody_is_called_sooner_than_told(scene: Scene, status: int, form: str, wait: int) -> None:
    scene.emulator.put_faults({"fault": f"{status}-{form}-{wait}", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).delay >= wait
    assert scene.comes_again(request).status == "canceled"
    first, second, *_ = scene.emulator.calls()
    assert second.at - first.at >= wait
    assert scene.mailed(request) == 2


def test_row_47_what_one_session_is_told_does_not_hold_the_others_for_a_day(scene: Scene) -> None:
    began = scene.clock()
    scene.emulator.put_faults({"fault": f"429-seconds-{DAY_S}", "count": 1})
    scene.waits(scene.asked("s-1"))
    assert scene.settled(scene.asked("s-2")).status == "canceled"
    assert scene.clock() - began < 10


def test_row_47_a_limit_that_is_met_by_many_lets_all_through_in_the_end(scene: Scene) -> None:
    scene.emulator.put_switches(rate_limit_per_s=1, rate_limit_burst=2)
    requests = [scene.asked(f"s-{n}") for n in range(8)]
    settled = play(scene, requests)
    assert {outcome.status for outcome, _ in settled.values()} == {"canceled"}
    assert [scene.counted(request)[1] for request in requests] == [1] * 8


@pytest.mark.parametrize("form", ["past", "negative", "garbage", "empty", "none"])
def test_row_48_a_wait_that_makes_no_sense_is_our_own(scene: Scene, form: str) -> None:
    scene.emulator.put_faults({"fault": f"429-{form}", "count": 1})
    request = scene.asked("s-1")
    assert 1 <= scene.waits(request).delay <= 60
    assert scene.comes_again(request).status == "canceled"
    assert scene.counted(request) == (2, 1)


@pytest.mark.parametrize("form", ["absurd", f"seconds-{DAY_S}"])
def test_row_48_whoever_is_told_to_wait_for_a_day_or_longer_tries_once_more(scene: Scene, form: str) -> None:
    scene.emulator.put_faults({"fault": f"429-{form}", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).delay == DAY_S / 2
    assert scene.comes_again(request).status == "canceled"


def test_row_48_of_two_waits_the_shorter_counts(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "429-two-20", "count": 1})
    assert scene.waits(scene.asked("s-1")).delay == 20


# ── An outage ─────────────────────────────────────────────────────────────────────────────────────


def play(scene: Scene, requests: list[Request]) -> dict[str, tuple[Outcome, float]]:
    """One process works on all messages, each when it is due; what each request came to, and when."""
    worker, settled = scene.process(), dict[str, tuple[Outcome, float]]()
    due = [(scene.clock(), place, request) for place, request in enumerate(requests)]
    for place in range(len(requests), 10_000):
        if not due:
            return settled
        when, _, request = heapq.heappop(due)
        scene.clock.now = max(scene.clock.now, when)
        result = scene.attempt(request, worker)
        if isinstance(result, Outcome):
            settled[request.event_id] = result, scene.clock()
        else:
            heapq.heappush(due, (scene.clock() + result.delay, place, request))
    raise AssertionError(f"{len(due)} requests are not settled")


@pytest.mark.parametrize("fault", ["503", "503-date-30", "503-seconds-900"])
def test_row_50_an_outage_of_six_hours_is_waited_out_with_few_calls(scene: Scene, fault: str) -> None:
    scene.emulator.put_faults({"fault": fault, "for_s": 6 * HOUR_S})
    requests, began = [scene.asked(f"s-{n}") for n in range(12)], scene.clock()
    settled = play(scene, requests)
    assert {outcome.status for outcome, _ in settled.values()} == {"canceled"}
    assert [scene.counted(request)[1] for request in requests] == [1] * 12
    last = max(when for _, when in settled.values()) - began
    assert last <= 6 * HOUR_S + max(MAX_OPEN_S, 900) + MAX_WAIT_S + 2 * SPREAD_S
    assert len(scene.methods()) < 12 * 2 + 5 + 6 * HOUR_S / MAX_OPEN_S * 2


@pytest.mark.parametrize("fault", ["502", "502-after"])
def test_row_50_an_outage_that_leaves_doubt_is_waited_out_and_nothing_is_sent_blindly(
    scene: Scene, fault: str
) -> None:
    """502 says nothing of what became of a call, and while it lasts the list cannot be read either."""
    scene.emulator.put_faults({"fault": fault, "for_s": 6 * HOUR_S})
    requests = [scene.asked(f"s-{n}") for n in range(12)]
    settled = play(scene, requests)
    assert {outcome.status for outcome, _ in settled.values()} == {"canceled"}
    assert [(scene.counted(request)[1], scene.mailed(request)) for request in requests] == [(1, 2)] * 12
    assert len(scene.methods()) < 12 * 2 + 5 + 6 * HOUR_S / MAX_OPEN_S * 2
