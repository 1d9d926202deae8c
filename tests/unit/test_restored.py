"""A canceled session that somebody puts back at Prevail, and asks for anew."""

import pytest

from cancellations.answers import PAGES_UNREAD, answer_for
from cancellations.backoff import REVIEW_AFTER_S
from cancellations.domain import OWN_CALLERS, Outcome
from cancellations.protocol import request_key, session_key
from cancellations.protocol.claiming import RESTORED_AFTER_S
from cancellations.settlement import Postponed
from stage import NOT_SENT, Stage, a_stage, accepted

CANCELED, REVIEWED = ("canceled", None), ("needs_review", "session_restored")


def canceled(*answers: int, **states: str) -> Stage:
    """A session that was canceled a good quarter of an hour ago, and what the list says of it now."""
    stage = a_stage(200, *answers, **states)
    assert isinstance(stage.cancel(accepted(stage)), Outcome)
    stage.clock.now += RESTORED_AFTER_S + 60
    return stage


def asked(stage: Stage, event_id: str = "again", **changes: object) -> Outcome:
    outcome = stage.cancel(accepted(stage, event_id=event_id, **changes))
    assert isinstance(outcome, Outcome)
    return outcome


def came_to(outcome: Outcome) -> tuple[str, str | None]:
    return outcome.status, outcome.reason


@pytest.mark.parametrize("state", ["canceled", "not listed"])
def test_a_session_that_still_is_canceled_is_called_for_by_nobody(state: str) -> None:
    stage = canceled(s1=state)
    outcome = asked(stage)
    assert outcome.status == "already_canceled"
    assert outcome.evidence is not None
    assert (outcome.evidence.kind, outcome.evidence.state) == ("state", state)
    assert (len(stage.prevail.patched), stage.prevail.looks) == (1, 1)


def test_whoever_asks_within_a_quarter_of_an_hour_is_answered_without_a_call() -> None:
    stage = a_stage(200, s1="ready")
    stage.cancel(accepted(stage))
    stage.clock.now += RESTORED_AFTER_S
    assert asked(stage).status == "already_canceled"
    assert (len(stage.prevail.patched), stage.prevail.looks) == (1, 0)


@pytest.mark.parametrize("state", ["initial", "scheduled", "ready"])
def test_a_session_that_was_put_back_is_for_a_person(state: str) -> None:
    stage = canceled(s1=state)
    assert came_to(asked(stage)) == REVIEWED
    assert len(stage.prevail.patched) == 1


def test_a_person_is_asked_once_for_all_who_asked_meanwhile() -> None:
    stage = canceled(s1="ready")
    requests = [accepted(stage, event_id=f"event-{n}") for n in range(20)]
    assert {came_to(outcome) for outcome in map(stage.cancel, requests) if isinstance(outcome, Outcome)} == {
        REVIEWED
    }
    assert (len(stage.prevail.patched), stage.prevail.looks) == (1, 1)


def test_where_it_is_chosen_it_is_canceled_anew_once() -> None:
    stage = canceled(200, s1="ready")
    stage.choose(on_restored="cancel")
    webhook, copy = accepted(stage, event_id="webhook"), accepted(stage, event_id="bus")
    outcomes = [stage.cancel(webhook), stage.cancel(copy)]
    assert [one.status for one in outcomes if isinstance(one, Outcome)] == ["canceled", "already_canceled"]
    assert (len(stage.prevail.patched), stage.stored(session_key(webhook))["canceled_by"]) == (2, webhook.id)


def test_whoever_canceled_it_before_it_was_restored_settles_as_canceled() -> None:
    """Its worker died after it had recorded the effect and before it settled the request."""
    stage = a_stage(200, s1="ready")
    stage.choose(on_restored="cancel")
    first = accepted(stage)
    before = stage.stored(request_key(first.id))
    stage.cancel(first)
    stage.table.items[request_key(first.id)] = before
    stage.clock.now += RESTORED_AFTER_S + 60
    again = accepted(stage, event_id="again")
    stage.cancel(again)
    assert stage.stored(session_key(first))["canceled_by"] == again.id
    outcome = stage.cancel(first)
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.canceled_by) == ("canceled", first.id)
    assert len(stage.prevail.patched) == 2


def test_an_operator_gets_what_was_asked_for() -> None:
    stage = canceled(200, s1="ready")
    assert came_to(asked(stage, source=OWN_CALLERS)) == CANCELED
    assert "restored_at" in stage.stored(session_key(accepted(stage)))


def test_an_operator_is_not_held_up_by_what_others_were_told() -> None:
    stage = canceled(200, s1="ready")
    asked(stage, "another source")
    stage.clock.now += 60
    assert came_to(asked(stage, "operator", source=OWN_CALLERS)) == CANCELED


def test_a_session_that_was_put_back_and_has_begun_is_refused() -> None:
    stage = canceled(s1="active")
    assert came_to(asked(stage)) == ("refused", "wrong_state")
    assert stage.stored(session_key(accepted(stage)))["state"] == "canceled"


def test_a_list_that_cannot_be_read_for_now_is_read_again() -> None:
    stage = canceled()
    stage.prevail.unread = NOT_SENT
    request = accepted(stage, event_id="again")
    assert isinstance(stage.cancel(request), Postponed)
    stage.prevail.states["s1"] = "ready"
    stage.clock.now += 60
    outcome = stage.cancel(request, progress=stage.queue.progress[-1])
    assert isinstance(outcome, Outcome)
    assert came_to(outcome) == REVIEWED
    assert len(stage.prevail.patched) == 1


def test_a_list_that_cannot_be_understood_is_for_a_person_in_the_end() -> None:
    stage = canceled()
    stage.prevail.unread = PAGES_UNREAD
    request = accepted(stage, event_id="again")
    assert isinstance(stage.cancel(request), Postponed)
    stage.clock.now += REVIEW_AFTER_S + 1
    outcome = stage.cancel(request)
    assert isinstance(outcome, Outcome)
    assert came_to(outcome) == ("needs_review", "state_unreadable")


def test_who_sends_without_knowing_the_state_believes_the_ledger() -> None:
    stage = canceled()
    stage.choose(on_unknown="retry")
    stage.prevail.unread = PAGES_UNREAD
    assert asked(stage).status == "already_canceled"
    assert len(stage.prevail.patched) == 1


def test_a_call_that_is_lost_on_the_way_to_a_new_life_is_in_doubt() -> None:
    stage = canceled(s1="ready")
    stage.choose(on_restored="cancel")
    stage.prevail.answers = [answer_for(500), answer_for(200)]
    request = accepted(stage, event_id="again")
    assert isinstance(stage.cancel(request), Postponed)
    stage.prevail.states["s1"] = "canceled"
    stage.clock.now += 1000
    outcome = stage.cancel(request)
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.canceled_by) == ("canceled", request.id)
