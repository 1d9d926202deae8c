"""What an answer of Prevail comes to, where it is no plain success."""

import pytest

from builders import some_evidence
from cancellations import sentences
from cancellations.answers import (
    LIST_CHANGED,
    NOT_LISTED,
    PAGES_UNREAD,
    TOO_MANY_PAGES,
    UNSENDABLE,
    Answer,
    Unread,
    answer_for,
)
from cancellations.attempt import MENDED_S
from cancellations.backoff import LOOK_AFTER_S
from cancellations.domain import NEW, Outcome, Progress
from cancellations.objections import CONFLICTS
from cancellations.permits import SPREAD_S
from cancellations.protocol import session_key
from cancellations.results import by_answer, by_state
from cancellations.settlement import Postponed
from cancellations.waits import Waits, after
from fakes import NO_LIST
from stage import NOT_SENT, READ_TIMEOUT, Stage, a_stage, accepted, status

HELD_S = int(MENDED_S + SPREAD_S / 2)


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


@pytest.mark.parametrize("code", [400, 409, 422])
def test_where_prevail_objects_and_the_list_makes_no_sense_a_person_decides(code: int) -> None:
    outcome = settled(a_stage(code))
    assert (outcome.status, outcome.evidence) == (
        "needs_review",
        by_answer(answer_for(code), Unread(NO_LIST)),
    )


def test_a_conflict_that_the_state_does_not_explain_may_pass() -> None:
    stage = a_stage(409, 200, s1="ready")
    request = accepted(stage)
    postponed = stage.cancel(request)
    assert isinstance(postponed, Postponed)
    assert (postponed.status, postponed.waits) == ("retrying", after(answer_for(409), "answer"))
    assert stage.cancel(request) == Outcome("canceled", None, request.id, some_evidence(200))


def test_a_conflict_that_does_not_pass_is_final() -> None:
    stage = a_stage(409, s1="ready")
    request = accepted(stage)
    results = [stage.cancel(request) for _ in range(CONFLICTS)]
    assert [type(result) for result in results] == [Postponed] * (CONFLICTS - 1) + [Outcome]
    assert results[-1] == Outcome("refused", "not_cancelable", evidence=by_answer(answer_for(409), "ready"))


def test_what_went_wrong_in_another_way_is_no_conflict() -> None:
    stage = a_stage(*[425] * CONFLICTS, 409, 200, s1="ready")
    request = accepted(stage)
    results = [stage.cancel(request) for _ in range(CONFLICTS + 1)]
    assert [type(result) for result in results] == [Postponed] * (CONFLICTS + 1)


# ── Nobody knows the session, or the address ──────────────────────────────────────────────────────


OBJECTIONS = (302, 307, 400, 401, 403, 404, 405, 409, 410, 415, 422)


@pytest.mark.parametrize("code", OBJECTIONS)
def test_a_session_that_a_readable_list_does_not_know_is_not_found_whatever_prevail_answers(
    code: int,
) -> None:
    outcome = settled(a_stage(code, s1=NOT_LISTED))
    assert outcome == Outcome("refused", "not_found", evidence=by_answer(answer_for(code), NOT_LISTED))


@pytest.mark.parametrize("code", OBJECTIONS)
def test_a_session_that_the_list_calls_canceled_is_canceled_whatever_prevail_answers(code: int) -> None:
    assert settled(a_stage(code, s1="canceled")).status == "already_canceled"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (401, "not_permitted"),
        (403, "not_permitted"),
        (410, "not_permitted"),
        (302, "redirected"),
        (404, "not_found"),
    ],
)
def test_a_session_that_the_list_calls_cancelable_is_refused_as_prevail_says(code: int, reason: str) -> None:
    outcome = settled(a_stage(code, s1="ready"))
    assert outcome == Outcome("refused", reason, evidence=by_answer(answer_for(code), "ready"))


@pytest.mark.parametrize("code", OBJECTIONS)
@pytest.mark.parametrize("state", ["ready", "active", "canceled", NOT_LISTED])
def test_what_prevail_objects_to_one_session_holds_no_other_up(code: int, state: str) -> None:
    stage = a_stage(code)
    process = stage.process()
    for n in range(8):
        stage.prevail.states[f"s-{n}"] = state
        process(accepted(stage, event_id=f"e-{n}", remote_session_id=f"s-{n}"), lambda: 60.0)
    stage.prevail.answers = [answer_for(200)]
    good = process(accepted(stage, event_id="good", remote_session_id="good"), lambda: 60.0)
    assert isinstance(good, Outcome)
    assert good.status == "canceled"


@pytest.mark.parametrize("unread", [answer_for(429), answer_for(503), answer_for(500), NOT_SENT])
@pytest.mark.parametrize("code", OBJECTIONS)
def test_where_the_list_cannot_be_read_for_now_the_look_comes_again_and_no_call(
    code: int, unread: Answer
) -> None:
    stage = a_stage(code, 200)
    stage.prevail.unread = unread
    request = accepted(stage)
    postponed = stage.cancel(request)
    assert isinstance(postponed, Postponed)
    assert postponed.status == "retrying"
    stage.clock.now += 60
    stage.prevail.states["s1"] = "active"
    outcome = stage.cancel(request, progress=stage.queue.progress[-1])
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.reason) == ("refused", "wrong_state")
    assert len(stage.prevail.patched) == 1


@pytest.mark.parametrize("code", [401, 403])
def test_a_key_that_may_neither_cancel_nor_list_is_held_as_a_refused_one(code: int) -> None:
    stage = a_stage(code, 200)
    stage.prevail.unread = answer_for(403)
    held = stage.cancel(accepted(stage))
    assert isinstance(held, Postponed)
    assert (held.status, held.waits) == ("held", Waits("key_refused"))


def test_an_unresolved_doubt_is_not_ended_by_a_list_that_lacks_the_session() -> None:
    """Where canceled sessions leave the list, ours may be missing because our first call canceled it."""
    stage = a_stage(READ_TIMEOUT, 409)
    stage.choose(on_unknown="retry")
    request = accepted(stage)
    stage.cancel(request)
    stage.clock.now += LOOK_AFTER_S + 1
    stage.prevail.states["s1"] = NOT_LISTED
    outcome = stage.cancel(request)
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.reason) == ("needs_review", "outcome_unknown")


def test_a_session_that_is_not_found_because_it_is_canceled_is_canceled() -> None:
    assert settled(a_stage(404, s1="canceled")).status == "already_canceled"


def test_list_that_changed_while_it_was_read_is_read_again() -> None:
    stage = a_stage(404)
    stage.prevail.unread = LIST_CHANGED
    postponed = stage.cancel(accepted(stage))
    assert isinstance(postponed, Postponed)
    assert (postponed.status, stage.queue.progress[-1].look) == ("retrying", True)


@pytest.mark.parametrize("unread", [PAGES_UNREAD, TOO_MANY_PAGES])
def test_404_is_believed_if_a_part_of_the_list_was_read(unread: Answer) -> None:
    stage = a_stage(404)
    stage.prevail.unread = unread
    evidence = by_answer(answer_for(404), Unread(unread))
    assert settled(stage) == Outcome("refused", "not_found", evidence=evidence)


def test_where_the_list_cannot_be_read_either_the_address_is_wrong_and_the_request_is_held() -> None:
    stage = a_stage(404)
    request = accepted(stage)
    waits = after(answer_for(404), "address_wrong", unread="no_list")
    assert stage.cancel(request) == Postponed("held", waits, HELD_S)
    assert status(stage, request) == "held"
    assert stage.stored(session_key(request))["state"] == "idle"


def test_when_the_address_is_mended_what_was_held_goes_on() -> None:
    stage = a_stage(404, 200)
    request = accepted(stage)
    stage.cancel(request)
    assert stage.cancel(request) == Outcome("canceled", None, request.id, some_evidence(200))


# ── A setting is wrong ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", [301, 405, 406, 415])
def test_what_only_a_setting_can_cause_is_held(code: int) -> None:
    stage = a_stage(code)
    request = accepted(stage)
    waits = after(answer_for(code), "address_wrong", unread="no_list")
    assert stage.cancel(request) == Postponed("held", waits, HELD_S)
    assert stage.stored(session_key(request))["state"] == "idle"


def test_a_call_whose_address_cannot_be_made_is_held() -> None:
    stage = a_stage(UNSENDABLE)
    request = accepted(stage)
    waits = after(UNSENDABLE, "address_wrong")
    assert stage.cancel(request) == Postponed("held", waits, HELD_S)
    assert stage.stored(session_key(request))["state"] == "idle"


# ── Not yet ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_accepted_and_not_done_is_looked_into() -> None:
    stage = a_stage(202, s1="canceled")
    request = accepted(stage)
    assert isinstance(stage.cancel(request), Postponed)
    assert status(stage, request) == "outcome_unknown"
    stage.clock.now += LOOK_AFTER_S + 1
    assert stage.cancel(request) == Outcome("canceled", None, request.id, by_state("canceled"))
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
    assert [sentences.attempt(attempt) for attempt in attempts if isinstance(attempt, dict)] == [
        "HTTP 425: not yet",
        "HTTP 200",
    ]


def test_conflicts_are_counted_by_messages_too() -> None:
    """Of a crowd's attempts the session lists the last few: they alone would let a crowd call for ever."""
    stage = a_stage(409, s1="ready")
    message = Progress(counted=True, conflicts=CONFLICTS - 1)
    outcome = stage.cancel(accepted(stage), progress=message)
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.reason) == ("refused", "not_cancelable")


def test_a_conflict_counts_in_the_message_that_follows_it() -> None:
    stage = a_stage(409, s1="ready")
    request = accepted(stage)
    for _ in range(CONFLICTS - 1):
        stage.cancel(request, progress=stage.queue.progress[-1] if stage.queue.progress else NEW)
    assert [progress.conflicts for progress in stage.queue.progress] == [*range(1, CONFLICTS)]
