"""What is asked before anything is claimed: guards, the pace, and what a request has passed before."""

from dataclasses import replace

import pytest

from builders import API_KEY, some_evidence
from cancellations.answers import LIST_CHANGED, PAGES_UNREAD, TOO_MANY_PAGES, Answer, answer_for
from cancellations.attempt import Attempt
from cancellations.backoff import LOOK_AFTER_S
from cancellations.cancel import CROWDED_S, MAX_AGE_S
from cancellations.domain import KNOWN, NEW, Outcome, Progress, Request
from cancellations.errors import OutOfTime, Unavailable
from cancellations.ledger import Ledger
from cancellations.permits import OPEN_S, SPREAD_S, TOLERATED
from cancellations.protocol import guards, session_key
from cancellations.protocol.guards import guard_key
from cancellations.settlement import Postponed
from cancellations.waits import Waits
from stage import NOT_SENT, RotatedKeys, Stage, a_stage, accepted, status


def paused(*answers: int) -> Stage:
    stage = a_stage(*answers)
    stage.table.write(guards.pause("acme", by="on call", reason="a test", now=stage.clock()))
    return stage


def opened(stage: Stage, *, ago: float = OPEN_S + 1) -> None:
    """The breaker, open by another process; `ago` seconds ago, and it is time for a probe."""
    now = stage.clock() - ago
    stage.table.write(guards.open_breaker("acme", reason="HTTP 503", until=now + OPEN_S, now=now))


def postponed(stage: Stage, request: Request, progress: Progress = NEW) -> Postponed:
    result = stage.cancel(request, progress=progress)
    assert isinstance(result, Postponed), result
    return result


# ── Guards ────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_guard_holds_is_neither_claimed_nor_sent_and_comes_again() -> None:
    stage = paused(200)
    request = accepted(stage)
    later = postponed(stage, request)
    assert (later.status, later.waits.by) == ("held", "paused")
    assert later.waits.detail == {"paused_by": "on call", "paused_reason": "a test"}
    assert session_key(request) not in stage.table.items
    assert (stage.prevail.patched, stage.prevail.looks) == ([], 0)
    assert stage.queue.sent == [(request, later.delay)]
    assert status(stage, request) == "held"


def test_a_day_of_being_held_burns_no_attempt_and_ends_with_a_person() -> None:
    stage = paused(200)
    request = accepted(stage)
    while isinstance(result := stage.cancel(request, progress=KNOWN), Postponed):
        stage.clock.now += result.delay
    assert result == Outcome("needs_review", "too_old")
    assert stage.clock() - request.accepted_at < MAX_AGE_S + 200
    assert stage.prevail.patched == []


def test_when_it_is_resumed_what_was_held_goes_on() -> None:
    stage = paused(200)
    request = accepted(stage)
    postponed(stage, request)
    stage.table.write(guards.resume("acme"))
    assert stage.cancel(request) == Outcome("canceled", None, request.id, some_evidence(200))


def test_what_comes_of_calls_reaches_the_guards() -> None:
    stage = a_stage(NOT_SENT)
    stage.prevail.unread = NOT_SENT
    process = stage.process()
    for n in range(TOLERATED):
        process(accepted(stage, event_id=f"e-{n}", remote_session_id=f"s-{n}"), lambda: 60.0)
    later = postponed(stage, accepted(stage, event_id="other"))
    assert later.waits == Waits("breaker", {"seen": "ConnectTimeout"})
    assert OPEN_S <= later.delay <= OPEN_S + SPREAD_S
    assert len(stage.prevail.patched) == TOLERATED


@pytest.mark.parametrize("state", ["ready", "not listed"])
def test_where_the_list_can_be_read_no_breaker_opens(state: str) -> None:
    stage = a_stage(500)
    process = stage.process()
    for n in range(4 * TOLERATED):
        stage.prevail.states[f"s-{n}"] = state
        process(accepted(stage, event_id=f"e-{n}", remote_session_id=f"s-{n}"), lambda: 60.0)
    assert "breaker_until" not in stage.table.items.get(guard_key("acme"), {})
    assert stage.prevail.looks <= 4


def test_a_call_that_was_not_made_for_want_of_time_is_no_failure_of_prevail() -> None:
    stage = a_stage(200)
    opened(stage)

    def no_time(_: Attempt) -> bool:
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Attempt, "_has_time", no_time)
        stage.cancel(accepted(stage))
    assert stage.stored(guard_key("acme"))["breaker_opened"] == 1


# ── Probes ────────────────────────────────────────────────────────────────────────────────────────


def test_a_probe_that_finds_nothing_to_send_has_found_that_prevail_answers() -> None:
    stage = a_stage(200, s1="canceled")
    stage.choose(look_first=True)
    opened(stage)
    assert isinstance(stage.cancel(accepted(stage)), Outcome)  # the look was enough
    assert "breaker_until" not in stage.stored(guard_key("acme"))


@pytest.mark.parametrize("fault", [OutOfTime, Unavailable])
def test_a_probe_that_fails_before_it_calls_leaves_the_right_to_another(fault: type[Exception]) -> None:
    stage = a_stage(200)
    opened(stage)
    request = accepted(stage)

    def claim(*_: object) -> None:
        raise fault("a test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "claim", claim)
        with pytest.raises(fault):
            stage.cancel(request)
    assert isinstance(stage.cancel(request), Outcome)


@pytest.mark.parametrize("unread", [PAGES_UNREAD, TOO_MANY_PAGES, LIST_CHANGED])
def test_list_that_was_read_in_part_says_that_prevail_answers(unread: Answer) -> None:
    stage = a_stage()
    stage.choose(look_first=True)
    stage.prevail.unread = unread
    opened(stage)
    assert postponed(stage, accepted(stage)).status == "retrying"
    assert "breaker_until" not in stage.stored(guard_key("acme"))


def test_a_probe_under_way_keeps_the_others_waiting() -> None:
    stage = a_stage(200)
    opened(stage)
    with stage.process().tools.permits.permit(stage.organization, API_KEY):
        assert postponed(stage, accepted(stage)).status == "retrying"
    assert stage.prevail.patched == []


def test_who_does_not_probe_leaves_the_right_to_whoever_does() -> None:
    stage = a_stage(200)
    opened(stage)
    with stage.process().tools.permits.permit(stage.organization, API_KEY):
        before = stage.stored(guard_key("acme"))["breaker_probe_until"]
        postponed(stage, accepted(stage))
        assert stage.stored(guard_key("acme"))["breaker_probe_until"] == before


# ── The cap ───────────────────────────────────────────────────────────────────────────────────────


def capped(cap: int) -> Stage:
    stage = a_stage(200)
    stage.caps = {"acme": cap}
    return stage


def test_more_than_a_source_may_ask_for_is_held_and_stays_as_new() -> None:
    stage = capped(0)
    later = postponed(stage, accepted(stage))
    assert later.waits == Waits("over_cap", {"source": "acme", "cap": 0})
    assert (stage.queue.progress, stage.prevail.patched) == ([NEW], [])


def test_a_request_that_was_counted_is_not_counted_again() -> None:
    stage = capped(1)
    stage.prevail.answers = [NOT_SENT]
    request = accepted(stage)
    postponed(stage, request)
    assert stage.queue.progress == [KNOWN]
    stage.prevail.answers = [answer_for(200)]
    assert isinstance(stage.cancel(request, progress=stage.queue.progress[0]), Outcome)


def test_what_a_pause_holds_has_been_counted() -> None:
    stage = paused(200)
    stage.caps = {"acme": 5}
    postponed(stage, accepted(stage))
    assert stage.queue.progress == [KNOWN]


def test_what_waits_for_another_attempt_has_been_counted() -> None:
    stage = capped(5)
    request = accepted(stage)
    stage.ledger.claim(request, stage.clock())
    postponed(stage, request)
    assert stage.queue.progress == [replace(KNOWN, in_vain=1)]


# ── The pace ──────────────────────────────────────────────────────────────────────────────────────


def slow(*answers: int, per_second: float = 0.1) -> Stage:
    stage = a_stage(*answers)
    stage.choose(per_second=per_second)
    return stage


def test_a_request_whose_moment_is_far_off_comes_again_with_it_and_claims_nothing() -> None:
    stage = slow(200)
    first, second = accepted(stage), accepted(stage, event_id="second", remote_session_id="s2")
    stage.cancel(first)
    later = postponed(stage, second)
    assert (later.status, later.delay) == ("retrying", 9)
    assert stage.queue.progress == [replace(KNOWN, slot=stage.clock() + 10.0)]
    assert session_key(second) not in stage.table.items


def test_who_comes_back_at_its_moment_is_sent() -> None:
    stage = slow(200)
    stage.cancel(accepted(stage))
    second = accepted(stage, event_id="second")
    postponed(stage, second)
    stage.clock.now += 10
    assert isinstance(stage.cancel(second, progress=stage.queue.progress[0]), Outcome)


@pytest.mark.parametrize(
    ("answers", "state", "calls"), [((200,), None, 1), ((404,), "active", 2), ((401,), None, 2)]
)
def test_every_call_of_an_attempt_takes_a_moment(
    answers: tuple[int, ...], state: str | None, calls: int
) -> None:
    stage = slow(*answers)
    stage.prevail.states |= {"s1": state} if state else {}
    stage.cancel(accepted(stage))
    assert stage.stored(guard_key("acme"))["next_slot"] == stage.clock() + 10.0 * calls


def test_a_second_call_with_another_key_takes_a_moment_too() -> None:
    stage = slow(401, 200)
    stage.keys = RotatedKeys({"acme": API_KEY})
    stage.cancel(accepted(stage))
    assert stage.stored(guard_key("acme"))["next_slot"] == stage.clock() + 20.0


def test_where_all_lanes_are_taken_nothing_is_claimed() -> None:
    stage = a_stage(200)
    stage.choose(at_once=1)
    request = accepted(stage)
    with stage.process().tools.lanes.lane(stage.organization):
        later = postponed(stage, request)
    assert (later.waits, later.delay) == (Waits("lanes"), CROWDED_S)
    assert session_key(request) not in stage.table.items


def test_a_lane_is_left_when_the_attempt_is_over() -> None:
    stage = a_stage(429, 200)
    stage.choose(at_once=1)
    request = accepted(stage)
    postponed(stage, request)
    stage.clock.now += LOOK_AFTER_S
    assert isinstance(stage.cancel(request), Outcome)
