"""What an answer of Prevail comes to, where it is no plain success."""

import pytest

from cancellations.answers import NOT_LISTED, UNSENDABLE, answer_for
from cancellations.attempt import CONFLICTS, MENDED_S
from cancellations.backoff import LOOK_AFTER_S
from cancellations.domain import Outcome
from cancellations.protocol import session_key
from cancellations.settlement import Postponed
from stage import Stage, a_stage, accepted, status


def settled(stage: Stage) -> Outcome:
    outcome = stage.cancel(accepted(stage))
    assert isinstance(outcome, Outcome)
    return outcome


# ── Where Prevail objects, the state decides ──────────────────────────────────────────────────────


@pytest.mark.parametrize("code", [400, 409, 422])
@pytest.mark.parametrize(
    ("state", "expected", "reason"),
    [("canceled", "already_canceled", None), ("active", "refused", "wrong_state")],
)
def test_where_prevail_objects_the_state_decides(
    code: int, state: str, expected: str, reason: str | None
) -> None:
    outcome = settled(a_stage(code, s1=state))
    assert (outcome.status, outcome.reason) == (expected, reason)


@pytest.mark.parametrize("code", [400, 422])
def test_an_objection_to_a_session_that_can_be_canceled_is_final(code: int) -> None:
    outcome = settled(a_stage(code, s1="ready"))
    assert (outcome.status, outcome.reason) == ("refused", "not_cancelable")


@pytest.mark.parametrize("state", [None, NOT_LISTED])
def test_where_prevail_objects_and_the_state_is_not_known_a_person_decides(state: str | None) -> None:
    outcome = settled(a_stage(409, **({"s1": state} if state else {})))
    assert (outcome.status, outcome.evidence) == (
        "needs_review",
        f"HTTP 409; state {state or 'not readable: no_list'}",
    )


def test_a_conflict_that_the_state_does_not_explain_may_pass() -> None:
    stage = a_stage(409, 200, s1="ready")
    request = accepted(stage)
    postponed = stage.cancel(request)
    assert isinstance(postponed, Postponed)
    assert (postponed.status, postponed.reason) == ("retrying", "HTTP 409")
    assert stage.cancel(request) == Outcome("canceled", None, request.id, "HTTP 200")


def test_a_conflict_that_does_not_pass_is_final() -> None:
    stage = a_stage(409, s1="ready")
    request = accepted(stage)
    results = [stage.cancel(request) for _ in range(CONFLICTS)]
    assert [type(result) for result in results] == [Postponed] * (CONFLICTS - 1) + [Outcome]
    assert results[-1] == Outcome("refused", "not_cancelable", evidence="HTTP 409; state ready")


def test_what_went_wrong_in_another_way_is_no_conflict() -> None:
    stage = a_stage(*[429] * CONFLICTS, 409, 200, s1="ready")
    request = accepted(stage)
    results = [stage.cancel(request) for _ in range(CONFLICTS + 1)]
    assert [type(result) for result in results] == [Postponed] * (CONFLICTS + 1)


# ── Nobody knows the session, or the address ──────────────────────────────────────────────────────


def test_a_session_that_prevail_neither_knows_nor_lists_is_refused() -> None:
    outcome = settled(a_stage(404, s1=NOT_LISTED))
    assert outcome == Outcome("refused", "not_found", evidence="HTTP 404; not listed")


def test_a_session_that_is_listed_and_not_found_is_refused_and_says_so() -> None:
    outcome = settled(a_stage(404, s1="ready"))
    assert outcome == Outcome("refused", "not_found", evidence="HTTP 404; ready")


def test_a_session_that_is_not_found_because_it_is_canceled_is_canceled() -> None:
    assert settled(a_stage(404, s1="canceled")).status == "already_canceled"


def test_where_the_list_cannot_be_read_either_the_address_is_wrong_and_the_request_is_held() -> None:
    stage = a_stage(404)
    request = accepted(stage)
    reason = "Prevail knows neither the session nor the list: check base_url"
    assert stage.cancel(request) == Postponed("held", reason, MENDED_S, guard="configuration")
    assert status(stage, request) == "held"
    assert stage.stored(session_key(request))["state"] == "idle"


def test_when_the_address_is_mended_what_was_held_goes_on() -> None:
    stage = a_stage(404, 200)
    request = accepted(stage)
    stage.cancel(request)
    assert stage.cancel(request) == Outcome("canceled", None, request.id, "HTTP 200")


# ── A setting is wrong ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", [405, 406, 415])
def test_what_only_a_setting_can_cause_is_held(code: int) -> None:
    stage = a_stage(code)
    request = accepted(stage)
    reason = f"Prevail answers HTTP {code}: check base_url"
    assert stage.cancel(request) == Postponed("held", reason, MENDED_S, guard="configuration")
    assert stage.prevail.looks == 0
    assert stage.stored(session_key(request))["state"] == "idle"


def test_a_call_whose_address_cannot_be_made_is_held() -> None:
    stage = a_stage(UNSENDABLE)
    request = accepted(stage)
    reason = "the address of the call cannot be made: check base_url and remote_session_id"
    assert stage.cancel(request) == Postponed("held", reason, MENDED_S, guard="configuration")
    assert stage.stored(session_key(request))["state"] == "idle"


# ── Not yet ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_accepted_and_not_done_is_looked_into() -> None:
    stage = a_stage(202, s1="canceled")
    request = accepted(stage)
    assert isinstance(stage.cancel(request), Postponed)
    assert status(stage, request) == "outcome_unknown"
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(request) == Outcome("canceled", None, request.id, "state read")
    assert len(stage.prevail.patched) == 1


def test_what_is_too_early_waits_and_needs_no_look() -> None:
    stage = a_stage(425, 200)
    request = accepted(stage)
    postponed = stage.cancel(request)
    assert isinstance(postponed, Postponed)
    assert postponed.status == "retrying"
    assert isinstance(stage.cancel(request), Outcome)
    assert stage.prevail.looks == 0


def test_a_repeated_call_is_known_to_whoever_reads_the_record() -> None:
    stage = a_stage(answer_for(425, "not yet"), 200)
    request = accepted(stage)
    stage.cancel(request)
    stage.cancel(request)
    attempts = stage.stored(session_key(request))["attempts"]
    assert isinstance(attempts, list)
    assert [attempt["answer"] for attempt in attempts if isinstance(attempt, dict)] == [
        "HTTP 425: not yet",
        "HTTP 200",
    ]
