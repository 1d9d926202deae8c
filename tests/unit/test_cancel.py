"""The use case behind the queue, on in-memory adapters."""

from dataclasses import replace

import jwt
import pytest

from builders import API_KEY, some_evidence
from cancellations.answers import Answer, answer_for
from cancellations.attempt import AFTERWARDS_S, CALL_S, MAX_ATTEMPTS
from cancellations.backoff import LOOK_AFTER_S
from cancellations.cancel import MAX_AGE_S
from cancellations.domain import LEDGER, Outcome
from cancellations.errors import OutOfTime
from cancellations.permits import MAX_OPEN_S
from cancellations.protocol import session_key
from cancellations.protocol.guards import guard_key
from cancellations.results import by_answer
from cancellations.settlement import Postponed
from stage import (
    LEASE_S,
    NOT_SENT,
    READ_TIMEOUT,
    Sleeper,
    SleepyKeys,
    SlowTable,
    a_stage,
    accepted,
    status,
)


def test_a_canceled_session_settles_its_request() -> None:
    stage = a_stage(200)
    request = accepted(stage)
    assert stage.cancel(request) == Outcome("canceled", None, request.id, some_evidence(200))
    assert status(stage, request) == "canceled"
    assert stage.stored(session_key(request))["state"] == "canceled"


def test_the_happy_path_is_four_writes_and_one_read_of_the_guard() -> None:
    stage = a_stage(200)
    stage.cancel(accepted(stage))
    assert (stage.table.writes, stage.table.reads) == (4, [guard_key("acme")])
    assert (stage.prevail.looks, stage.queue.sent) == (0, [])


@pytest.mark.parametrize("without_email", [True, False])
def test_the_email_flag_reaches_prevail(without_email: bool) -> None:
    stage = a_stage(200)
    stage.cancel(accepted(stage, cancel_without_email=without_email))
    assert stage.prevail.patched == [("s1", without_email)]


def test_the_token_names_the_organization_and_lives_at_most_300_seconds() -> None:
    stage = a_stage(200)
    stage.cancel(accepted(stage))
    claims = jwt.decode(stage.prevail.tokens[0], API_KEY, algorithms=["HS256"], options={"verify_exp": False})
    assert claims["slug"] == "acme"
    assert 0 < claims["exp"] - stage.clock() <= 300


def test_the_same_message_again_sends_nothing() -> None:
    stage = a_stage(200)
    request = accepted(stage)
    first = stage.cancel(request)
    again = stage.cancel(request)
    assert isinstance(first, Outcome)
    assert again == replace(first, evidence=LEDGER)
    assert len(stage.prevail.patched) == 1


def test_a_second_request_for_the_session_settles_as_already_canceled() -> None:
    stage = a_stage(200)
    first, second = accepted(stage), accepted(stage, event_id="second")
    stage.cancel(first)
    assert stage.cancel(second) == Outcome("already_canceled", None, first.id, LEDGER)
    assert len(stage.prevail.patched) == 1


def test_where_two_requests_differ_on_email_the_second_says_so() -> None:
    stage = a_stage(200)
    first, second = accepted(stage), accepted(stage, event_id="second", cancel_without_email=True)
    stage.cancel(first)
    assert stage.cancel(second) == Outcome("already_canceled", "email_differs", first.id, LEDGER)


def test_a_hundred_refusals_close_a_session_for_nobody() -> None:
    stage = a_stage(403, s1="active")
    for number in range(100):
        stage.clock.now += 60
        stage.cancel(accepted(stage, event_id=f"event-{number}"))
    stage.prevail.answers, stage.prevail.states["s1"] = [answer_for(200)], "ready"
    stage.clock.now += 60
    good = stage.cancel(accepted(stage, event_id="good"))
    assert isinstance(good, Outcome)
    assert good.status == "canceled"


def test_of_many_who_ask_at_once_for_what_prevail_refuses_one_calls() -> None:
    stage = a_stage(409, s1="active")
    requests = [accepted(stage, event_id=f"event-{number}") for number in range(50)]
    outcomes = {stage.cancel(request) for request in requests}
    assert {(one.status, one.reason) for one in outcomes if isinstance(one, Outcome)} == {
        ("refused", "wrong_state")
    }
    assert (len(outcomes), len(stage.prevail.patched)) == (1, 1)


class TestRetry:
    @pytest.mark.parametrize("answer", [NOT_SENT, answer_for(429)])
    def test_what_took_no_effect_comes_again_by_a_fresh_message(self, answer: Answer) -> None:
        stage = a_stage(answer)
        request = accepted(stage)
        postponed = stage.cancel(request)
        assert isinstance(postponed, Postponed)
        assert stage.queue.sent == [(request, postponed.delay)]
        assert status(stage, request) == "retrying"

    def test_the_next_attempt_needs_no_look(self) -> None:
        stage = a_stage(NOT_SENT, answer_for(200))
        request = accepted(stage)
        stage.cancel(request)
        assert stage.cancel(request) == Outcome("canceled", None, request.id, some_evidence(200))
        assert stage.prevail.looks == 0

    def test_prevail_is_not_asked_sooner_than_it_said(self) -> None:
        stage = a_stage(answer_for(429, wait=300.0))
        postponed = stage.cancel(accepted(stage))
        assert isinstance(postponed, Postponed)
        assert postponed.delay == 300

    def test_attempts_are_bounded_and_the_last_one_is_told_to_a_person(self) -> None:
        stage = a_stage(NOT_SENT)
        request = accepted(stage)
        results = []
        for _ in range(MAX_ATTEMPTS):
            results.append(stage.cancel(request))
            stage.clock.now += MAX_OPEN_S
        assert results[-1] == Outcome("needs_review", "attempts_exhausted", evidence=by_answer(NOT_SENT))
        assert stage.cancel(request) == results[-1]
        assert len(stage.prevail.patched) == MAX_ATTEMPTS

    def test_an_old_request_is_told_to_a_person_and_sent_no_more(self) -> None:
        stage = a_stage(200)
        request = accepted(stage)
        stage.clock.now += MAX_AGE_S + 1
        assert stage.cancel(request) == Outcome("needs_review", "too_old")
        assert stage.cancel(replace(request, accepted_at=stage.clock())) == Outcome("needs_review", "too_old")
        assert stage.prevail.patched == []

    def test_an_old_request_whose_session_is_canceled_says_so(self) -> None:
        stage = a_stage(200)
        request = accepted(stage)
        stage.cancel(request)
        stage.clock.now += MAX_AGE_S + 1
        outcome = stage.cancel(request)
        assert isinstance(outcome, Outcome)
        assert outcome.status == "canceled"

    def test_no_call_begins_without_the_time_for_a_whole_one(self) -> None:
        stage = a_stage(200)
        request = accepted(stage)
        with pytest.raises(OutOfTime):
            stage.cancel(request, remaining=CALL_S + AFTERWARDS_S - 0.1)
        assert session_key(request) not in stage.table.items

    def test_no_call_begins_when_the_lease_may_be_over_before_it_is(self) -> None:
        stage = a_stage(200)
        request = accepted(stage)
        stage.table = SlowTable(stage.clock, seconds=LEASE_S - CALL_S)
        stage.ledger.accept(request, stage.clock())
        assert isinstance(stage.cancel(request), Postponed)
        assert stage.prevail.patched == []

    def test_who_slept_through_the_look_sends_nothing(self) -> None:
        stage = a_stage(READ_TIMEOUT)
        stage.choose(on_unknown="retry")
        request = accepted(stage)
        stage.cancel(request)
        stage.clock.now += LOOK_AFTER_S + 1
        stage.prevail = Sleeper(stage.prevail.answers, clock=stage.clock, seconds=LEASE_S)
        assert isinstance(stage.cancel(request), Postponed)
        assert stage.prevail.patched == []

    def test_who_slept_while_the_key_was_fetched_sends_no_second_call(self) -> None:
        stage = a_stage(401, 200)
        request = accepted(stage)
        stage.keys = SleepyKeys(stage.clock, LEASE_S)
        assert isinstance(stage.cancel(request), Postponed)
        assert len(stage.prevail.patched) == 1
