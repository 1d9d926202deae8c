"""What is done where an attempt may have taken effect and nobody knows."""

import pytest

from builders import some_evidence
from cancellations.answers import NOT_LISTED, Answer, Unread, answer_for
from cancellations.backoff import LOOK_AFTER_S, REVIEW_AFTER_S
from cancellations.domain import LEDGER, Outcome
from cancellations.results import by_state
from cancellations.settlement import Postponed
from cancellations.waits import no_state
from stage import READ_TIMEOUT, a_stage, accepted


def test_after_an_ambiguous_attempt_the_state_is_read_before_any_patch() -> None:
    stage = a_stage(READ_TIMEOUT, answer_for(200), s1="ready")
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(request) == Outcome("canceled", None, request.id, some_evidence(200))
    assert stage.prevail.looks == 1


def test_where_the_attempt_took_effect_nothing_is_sent_again() -> None:
    stage = a_stage(READ_TIMEOUT, s1="canceled")
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(request) == Outcome("canceled", None, request.id, by_state("canceled"))
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
    stage.choose(on_unknown="retry")
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
    assert stage.cancel(second) == Outcome("canceled", None, second.id, some_evidence(200))
    assert stage.cancel(first) == Outcome("already_canceled", None, second.id, LEDGER)


def test_what_a_person_must_review_stays_in_doubt_for_others() -> None:
    stage = a_stage(READ_TIMEOUT, answer_for(409), answer_for(200))
    stage.choose(on_unknown="retry")
    first, second = accepted(stage), accepted(stage, event_id="second")
    stage.cancel(first)
    stage.clock.now += LOOK_AFTER_S + 1
    outcome = stage.cancel(first)
    assert isinstance(outcome, Outcome)
    assert outcome.status == "needs_review"
    stage.choose(on_unknown="hold")
    stage.clock.now += LOOK_AFTER_S + 1
    assert isinstance(stage.cancel(second), Postponed)
    assert len(stage.prevail.patched) == 2


def test_another_request_looks_too() -> None:
    stage = a_stage(READ_TIMEOUT, s1="canceled")
    first, second = accepted(stage), accepted(stage, event_id="second")
    stage.cancel(first)
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(second) == Outcome("already_canceled", None, first.id, by_state("canceled"))
    assert stage.cancel(first) == Outcome("canceled", None, first.id, LEDGER)


def test_a_session_that_the_list_lacks_is_as_doubtful_as_one_that_cannot_be_read() -> None:
    stage = a_stage(READ_TIMEOUT, s1=NOT_LISTED)
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    again = stage.cancel(request)
    assert isinstance(again, Postponed)
    assert (again.waits, len(stage.prevail.patched)) == (no_state(NOT_LISTED), 1)


def test_while_prevail_itself_is_out_a_doubt_is_looked_into_for_as_long_as_the_request_lives() -> None:
    stage = a_stage(READ_TIMEOUT)
    stage.prevail.unread = answer_for(500)
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += REVIEW_AFTER_S + LOOK_AFTER_S
    later = stage.cancel(request)
    assert isinstance(later, Postponed)
    assert (later.status, later.waits) == ("outcome_unknown", no_state(Unread(answer_for(500))))


def test_a_look_comes_again_no_sooner_than_prevail_said() -> None:
    stage = a_stage(READ_TIMEOUT)
    stage.prevail.unread = answer_for(429, wait=2000.0)
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    later = stage.cancel(request)
    assert isinstance(later, Postponed)
    assert later.delay == 2000


# ── Better no e-mail than two ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("chosen", "without_email"), [(False, False), (True, True)])
def test_an_organization_may_choose_that_a_call_repeated_in_doubt_asks_for_no_email(
    *, chosen: bool, without_email: bool
) -> None:
    stage = a_stage(READ_TIMEOUT, answer_for(200))
    stage.choose(on_unknown="retry", retry_without_email=chosen)
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    stage.cancel(request)
    assert stage.prevail.patched == [("s1", False), ("s1", without_email)]


@pytest.mark.parametrize("first", [READ_TIMEOUT, answer_for(429)])
def test_where_nothing_was_mailed_for_certain_the_call_that_is_repeated_asks_for_it(first: Answer) -> None:
    stage = a_stage(first, answer_for(200), s1="ready")
    stage.choose(retry_without_email=True)
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    stage.cancel(request)
    assert stage.prevail.patched == [("s1", False), ("s1", False)]


# ── Looking first ─────────────────────────────────────────────────────────────────────────────────


def test_after_a_restored_table_what_was_canceled_before_is_not_sent_again() -> None:
    stage = a_stage(200, s1="canceled")
    stage.choose(look_first=True)
    outcome = stage.cancel(accepted(stage))
    assert outcome == Outcome("already_canceled", None, None, by_state("canceled"))
    assert stage.prevail.patched == []


def test_after_a_restored_table_what_was_not_canceled_is() -> None:
    stage = a_stage(200, s1="ready")
    stage.choose(look_first=True)
    request = accepted(stage)
    assert stage.cancel(request) == Outcome("canceled", None, request.id, some_evidence(200))
    assert (stage.prevail.looks, stage.prevail.patched) == (1, [("s1", False)])


def test_after_a_restored_table_a_state_that_cannot_be_read_is_looked_for_again() -> None:
    stage = a_stage(200)
    stage.choose(look_first=True)
    request = accepted(stage)
    assert isinstance(stage.cancel(request), Postponed)
    stage.prevail.states["s1"] = "ready"
    stage.clock.now += LOOK_AFTER_S + 1
    assert isinstance(stage.cancel(request), Outcome)
    assert len(stage.prevail.patched) == 1
