"""The use case behind the queue, on in-memory adapters."""

from dataclasses import dataclass, field, replace

import jwt
import pytest

from builders import a_request
from cancellations.answers import Answer, answer_for
from cancellations.backoff import SETTLING_S
from cancellations.cancel import (
    AFTERWARDS_S,
    CALL_S,
    HOLD_S,
    MAX_AGE_S,
    MAX_ATTEMPTS,
    REVIEW_AFTER_S,
    Cancel,
)
from cancellations.domain import OnUnknown, Organization, Outcome, Request
from cancellations.errors import OutOfTime
from cancellations.ledger import Ledger
from cancellations.protocol import request_key, session_key
from cancellations.protocol.sessions import MAX_OUTCOMES
from cancellations.settlement import Postponed, Settlement
from cancellations.writes import Item, Write
from fakes import Clock, MemoryKeys, MemoryQueue, MemoryTable, ScriptedPrevail

LEASE_S = 180.0
API_KEY = "0123456789abcdef0123456789abcdef"
READ_TIMEOUT = Answer("unknown", "ReadTimeout")
NOT_SENT = Answer("not_sent", "ConnectTimeout")


@dataclass
class Stage:
    """A cancel use case with everything around it in reach."""

    prevail: ScriptedPrevail
    table: MemoryTable = field(default_factory=MemoryTable)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    clock: Clock = field(default_factory=Clock)
    keys: MemoryKeys = field(default_factory=lambda: MemoryKeys({"acme": API_KEY}))
    names: int = 0
    on_unknown: OnUnknown = "hold"

    def name(self) -> str:
        self.names += 1
        return f"owner-{self.names}"

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.table, self.name, lease_s=LEASE_S)

    def cancel(self, request: Request, remaining: float = 60.0) -> Outcome | Postponed:
        organizations = {"acme": Organization("acme", "https://prevail.example", "acme", self.on_unknown)}
        settlement = Settlement(self.ledger, self.queue, self.clock)
        return Cancel(organizations, settlement, self.keys, self.prevail, lambda: 0.5)(
            request, lambda: remaining
        )

    def stored(self, key: str) -> Item:
        return self.table.items[key]


def a_stage(*answers: Answer | int, **states: str) -> Stage:
    scripted = [answer_for(answer) if isinstance(answer, int) else answer for answer in answers]
    return Stage(ScriptedPrevail(scripted, states=states))


def accepted(stage: Stage, **changes: object) -> Request:
    request = a_request(organization="acme", remote_session_id="s1", accepted_at=stage.clock(), **changes)
    stage.ledger.accept(request, stage.clock())
    return request


def status(stage: Stage, request: Request) -> object:
    return stage.stored(request_key(request.id))["status"]


def test_a_canceled_session_settles_its_request() -> None:
    stage = a_stage(200)
    request = accepted(stage)
    assert stage.cancel(request) == Outcome("canceled", None, request.id, "HTTP 200")
    assert status(stage, request) == "canceled"
    assert stage.stored(session_key(request))["state"] == "canceled"


def test_the_happy_path_is_four_writes_and_no_read() -> None:
    stage = a_stage(200)
    stage.cancel(accepted(stage))
    assert (stage.table.writes, stage.prevail.looks, stage.queue.sent) == (4, 0, [])


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
    assert again == replace(first, evidence="ledger")
    assert len(stage.prevail.patched) == 1


def test_a_second_request_for_the_session_settles_as_already_canceled() -> None:
    stage = a_stage(200)
    first, second = accepted(stage), accepted(stage, event_id="second")
    stage.cancel(first)
    assert stage.cancel(second) == Outcome("already_canceled", None, first.id, "ledger")
    assert len(stage.prevail.patched) == 1


def test_where_two_requests_differ_on_email_the_second_says_so() -> None:
    stage = a_stage(200)
    first, second = accepted(stage), accepted(stage, event_id="second", cancel_without_email=True)
    stage.cancel(first)
    assert stage.cancel(second) == Outcome("already_canceled", "email_differs", first.id, "ledger")


def test_a_session_that_too_many_have_asked_for_is_told_to_a_person() -> None:
    stage = a_stage(403)
    for number in range(MAX_OUTCOMES):
        stage.cancel(accepted(stage, event_id=f"event-{number}"))
    assert stage.cancel(accepted(stage, event_id="one more")) == Outcome("needs_review", "too_many_requests")
    assert len(stage.prevail.patched) == MAX_OUTCOMES


@pytest.mark.parametrize(
    ("code", "reason"), [(403, "not_permitted"), (404, "not_found"), (302, "redirected"), (308, "redirected")]
)
def test_a_refusal_is_final_for_the_request(code: int, reason: str) -> None:
    stage = a_stage(code)
    request = accepted(stage)
    assert stage.cancel(request) == Outcome("refused", reason, evidence=f"HTTP {code}")
    assert stage.stored(session_key(request))["state"] == "idle"


@pytest.mark.parametrize("code", [400, 409, 422])
@pytest.mark.parametrize(
    ("state", "expected", "reason"),
    [
        ("canceled", "already_canceled", None),
        ("active", "refused", "wrong_state"),
        ("ready", "refused", "not_cancelable"),
    ],
)
def test_where_prevail_objects_the_state_decides(
    code: int, state: str, expected: str, reason: str | None
) -> None:
    stage = a_stage(code, s1=state)
    outcome = stage.cancel(accepted(stage))
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.reason) == (expected, reason)


def test_where_prevail_objects_and_the_state_is_not_readable_a_person_decides() -> None:
    stage = a_stage(409)
    outcome = stage.cancel(accepted(stage))
    assert isinstance(outcome, Outcome)
    assert outcome.status == "needs_review"


class TestRetry:
    @pytest.mark.parametrize("answer", [NOT_SENT, answer_for(429), answer_for(503)])
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
        assert stage.cancel(request) == Outcome("canceled", None, request.id, "HTTP 200")
        assert stage.prevail.looks == 0

    def test_prevail_is_not_asked_sooner_than_it_said(self) -> None:
        stage = a_stage(answer_for(429, wait=300.0))
        postponed = stage.cancel(accepted(stage))
        assert isinstance(postponed, Postponed)
        assert postponed.delay == 300

    def test_attempts_are_bounded_and_the_last_one_is_told_to_a_person(self) -> None:
        stage = a_stage(NOT_SENT)
        request = accepted(stage)
        results = [stage.cancel(request) for _ in range(MAX_ATTEMPTS)]
        assert results[-1] == Outcome("needs_review", "attempts_exhausted", evidence="ConnectTimeout")
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
        assert stage.prevail.patched == []
        assert stage.stored(session_key(request))["state"] == "idle"

    def test_no_call_begins_when_the_lease_may_be_over_before_it_is(self) -> None:
        stage = a_stage(200)
        request = accepted(stage)
        stage.table = SlowTable(stage.clock, seconds=LEASE_S - CALL_S)
        stage.ledger.accept(request, stage.clock())
        with pytest.raises(OutOfTime):
            stage.cancel(request)
        assert stage.prevail.patched == []


class TestDoubt:
    def test_after_an_ambiguous_attempt_the_state_is_read_before_any_patch(self) -> None:
        stage = a_stage(READ_TIMEOUT, answer_for(200), s1="ready")
        request = accepted(stage)
        stage.cancel(request)
        stage.clock.now += SETTLING_S + 1
        assert stage.cancel(request) == Outcome("canceled", None, request.id, "HTTP 200")
        assert stage.prevail.looks == 1

    def test_where_the_attempt_took_effect_nothing_is_sent_again(self) -> None:
        stage = a_stage(READ_TIMEOUT, s1="canceled")
        request = accepted(stage)
        stage.cancel(request)
        stage.clock.now += SETTLING_S + 1
        assert stage.cancel(request) == Outcome("canceled", None, request.id, "state read")
        assert len(stage.prevail.patched) == 1

    def test_the_answer_is_not_read_before_the_settling_time(self) -> None:
        stage = a_stage(READ_TIMEOUT, s1="ready")
        request = accepted(stage)
        first = stage.cancel(request)
        assert isinstance(first, Postponed)
        assert first.delay >= SETTLING_S
        stage.clock.now += SETTLING_S - 1
        assert isinstance(stage.cancel(request), Postponed)
        assert (stage.prevail.looks, len(stage.prevail.patched)) == (0, 1)

    def test_an_unreadable_state_is_looked_for_again_and_nothing_is_sent(self) -> None:
        stage = a_stage(READ_TIMEOUT)
        request = accepted(stage)
        stage.cancel(request)
        stage.clock.now += SETTLING_S + 1
        again = stage.cancel(request)
        assert isinstance(again, Postponed)
        assert (again.status, len(stage.prevail.patched)) == ("outcome_unknown", 1)

    def test_a_doubt_that_stays_is_told_to_a_person(self) -> None:
        stage = a_stage(READ_TIMEOUT)
        request = accepted(stage)
        stage.cancel(request)
        stage.clock.now += REVIEW_AFTER_S + 2
        outcome = stage.cancel(request)
        assert isinstance(outcome, Outcome)
        assert (outcome.status, outcome.reason) == ("needs_review", "outcome_unknown")
        assert stage.cancel(request) == outcome
        assert len(stage.prevail.patched) == 1

    def test_an_organization_may_choose_to_try_again_without_a_look(self) -> None:
        stage = a_stage(READ_TIMEOUT, answer_for(200))
        stage.on_unknown = "retry"
        request = accepted(stage)
        stage.cancel(request)
        stage.clock.now += SETTLING_S + 1
        outcome = stage.cancel(request)
        assert isinstance(outcome, Outcome)
        assert outcome.status == "canceled"

    def test_a_doubt_of_an_old_request_is_looked_into_as_long_as_any_other(self) -> None:
        stage = a_stage(READ_TIMEOUT)
        request = accepted(stage)
        stage.clock.now += REVIEW_AFTER_S + 1
        stage.cancel(request)
        stage.clock.now += SETTLING_S + 1
        assert isinstance(stage.cancel(request), Postponed)

    def test_a_success_after_a_look_is_ours(self) -> None:
        stage = a_stage(READ_TIMEOUT, answer_for(200), s1="ready")
        first, second = accepted(stage), accepted(stage, event_id="second")
        stage.cancel(first)
        stage.clock.now += SETTLING_S + 1
        assert stage.cancel(second) == Outcome("canceled", None, second.id, "HTTP 200")
        assert stage.cancel(first) == Outcome("already_canceled", None, second.id, "ledger")

    def test_what_a_person_must_review_stays_in_doubt_for_others(self) -> None:
        stage = a_stage(READ_TIMEOUT, answer_for(409), answer_for(200))
        stage.on_unknown = "retry"
        first, second = accepted(stage), accepted(stage, event_id="second")
        stage.cancel(first)
        stage.clock.now += SETTLING_S + 1
        outcome = stage.cancel(first)
        assert isinstance(outcome, Outcome)
        assert outcome.status == "needs_review"
        stage.on_unknown = "hold"
        stage.clock.now += SETTLING_S + 1
        assert isinstance(stage.cancel(second), Postponed)
        assert len(stage.prevail.patched) == 2

    def test_another_request_looks_too(self) -> None:
        stage = a_stage(READ_TIMEOUT, s1="canceled")
        first, second = accepted(stage), accepted(stage, event_id="second")
        stage.cancel(first)
        stage.clock.now += SETTLING_S + 1
        assert stage.cancel(second) == Outcome("already_canceled", None, first.id, "state read")
        assert stage.cancel(first) == Outcome("canceled", None, first.id, "ledger")


class TestKey:
    def test_a_refused_key_is_fetched_anew_and_tried_once_more(self) -> None:
        stage = a_stage(401, 200)
        outcome = stage.cancel(accepted(stage))
        assert isinstance(outcome, Outcome)
        assert outcome.status == "canceled"
        assert stage.keys.forgotten == ["acme"]

    def test_a_key_that_is_refused_twice_holds_the_request(self) -> None:
        stage = a_stage(401)
        request = accepted(stage)
        assert stage.cancel(request) == Postponed("held", "Prevail refuses the API key", HOLD_S)
        assert len(stage.prevail.patched) == 2

    def test_each_call_has_a_token_of_its_own(self) -> None:
        stage = a_stage(401, 200)
        stage.clock = Ticking()
        stage.cancel(accepted(stage))
        assert len(set(stage.prevail.tokens)) == 2

    def test_without_a_key_nothing_is_claimed_or_sent(self) -> None:
        stage = a_stage(200)
        stage.keys.keys.clear()
        request = accepted(stage)
        postponed = stage.cancel(request)
        assert isinstance(postponed, Postponed)
        assert postponed.status == "held"
        assert session_key(request) not in stage.table.items
        assert stage.prevail.patched == []

    def test_an_organization_that_is_not_configured_is_held(self) -> None:
        stage = a_stage(200)
        request = a_request(organization="other", accepted_at=stage.clock())
        assert isinstance(stage.cancel(request), Postponed)
        assert stage.prevail.patched == []


class SlowTable(MemoryTable):
    """Takes its time for every write."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds

    def write(self, write: Write) -> Item:
        item = super().write(write)
        self._clock.now += self._seconds
        return item


class Ticking(Clock):
    def __call__(self) -> float:
        self.now += 1
        return self.now
