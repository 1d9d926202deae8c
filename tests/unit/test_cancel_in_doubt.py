"""What is done where an attempt may have taken effect and nobody knows."""

from cancellations.answers import answer_for
from cancellations.backoff import LOOK_AFTER_S
from cancellations.cancel import (
    REVIEW_AFTER_S,
)
from cancellations.domain import Outcome
from cancellations.settlement import Postponed
from stage import READ_TIMEOUT, a_stage, accepted


def test_after_an_ambiguous_attempt_the_state_is_read_before_any_patch() -> None:
    stage = a_stage(READ_TIMEOUT, answer_for(200), s1="ready")
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(request) == Outcome("canceled", None, request.id, "HTTP 200")
    assert stage.prevail.looks == 1


def test_where_the_attempt_took_effect_nothing_is_sent_again() -> None:
    stage = a_stage(READ_TIMEOUT, s1="canceled")
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(request) == Outcome("canceled", None, request.id, "state read")
    assert len(stage.prevail.patched) == 1


def test_the_answer_is_not_read_before_the_settling_time() -> None:
    stage = a_stage(READ_TIMEOUT, s1="ready")
    request = accepted(stage)
    first = stage.cancel(request)
    assert isinstance(first, Postponed)
    assert first.delay >= LOOK_AFTER_S
    stage.clock.now += LOOK_AFTER_S - 1
    assert isinstance(stage.cancel(request), Postponed)
    assert (stage.prevail.looks, len(stage.prevail.patched)) == (0, 1)


def test_an_unreadable_state_is_looked_for_again_and_nothing_is_sent() -> None:
    stage = a_stage(READ_TIMEOUT)
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    again = stage.cancel(request)
    assert isinstance(again, Postponed)
    assert (again.status, len(stage.prevail.patched)) == ("outcome_unknown", 1)


def test_a_doubt_that_stays_is_told_to_a_person() -> None:
    stage = a_stage(READ_TIMEOUT)
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += REVIEW_AFTER_S + 2
    outcome = stage.cancel(request)
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.reason) == ("needs_review", "outcome_unknown")
    assert stage.cancel(request) == outcome
    assert len(stage.prevail.patched) == 1


def test_an_organization_may_choose_to_try_again_without_a_look() -> None:
    stage = a_stage(READ_TIMEOUT, answer_for(200))
    stage.on_unknown = "retry"
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    outcome = stage.cancel(request)
    assert isinstance(outcome, Outcome)
    assert outcome.status == "canceled"


def test_a_doubt_of_an_old_request_is_looked_into_as_long_as_any_other() -> None:
    stage = a_stage(READ_TIMEOUT)
    request = accepted(stage)
    stage.clock.now += REVIEW_AFTER_S + 1
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    assert isinstance(stage.cancel(request), Postponed)


def test_a_success_after_a_look_is_ours() -> None:
    stage = a_stage(READ_TIMEOUT, answer_for(200), s1="ready")
    first, second = accepted(stage), accepted(stage, event_id="second")
    stage.cancel(first)
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(second) == Outcome("canceled", None, second.id, "HTTP 200")
    assert stage.cancel(first) == Outcome("already_canceled", None, second.id, "ledger")


def test_what_a_person_must_review_stays_in_doubt_for_others() -> None:
    stage = a_stage(READ_TIMEOUT, answer_for(409), answer_for(200))
    stage.on_unknown = "retry"
    first, second = accepted(stage), accepted(stage, event_id="second")
    stage.cancel(first)
    stage.clock.now += LOOK_AFTER_S + 1
    outcome = stage.cancel(first)
    assert isinstance(outcome, Outcome)
    assert outcome.status == "needs_review"
    stage.on_unknown = "hold"
    stage.clock.now += LOOK_AFTER_S + 1
    assert isinstance(stage.cancel(second), Postponed)
    assert len(stage.prevail.patched) == 2


def test_another_request_looks_too() -> None:
    stage = a_stage(READ_TIMEOUT, s1="canceled")
    first, second = accepted(stage), accepted(stage, event_id="second")
    stage.cancel(first)
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(second) == Outcome("already_canceled", None, first.id, "state read")
    assert stage.cancel(first) == Outcome("canceled", None, first.id, "ledger")
