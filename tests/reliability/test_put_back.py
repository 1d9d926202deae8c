"""Sessions that somebody puts back at Prevail after they were canceled, and refusals that answer several requests."""

from dataclasses import replace

import pytest

from cancellations.domain import OWN_CALLERS, Outcome, Request
from cancellations.protocol.claiming import RESTORED_AFTER_S
from reliability.scene import Scene

LONG_AFTER_S = RESTORED_AFTER_S + 60


def canceled(scene: Scene) -> None:
    assert scene.settled(scene.asked("s-1")).status == "canceled"


def put_back(scene: Scene) -> None:
    scene.emulator.put_session("s-1", organization="acme", state="ready")


def asked_anew(scene: Scene, source: str | None = None) -> Request:
    """Long after the session was canceled, by an event of its own."""
    scene.clock.now += LONG_AFTER_S
    request = scene.asked("s-1", None, event="anew")
    return request if source is None else replace(request, source=source)


def test_restored_session_is_left_to_a_person(scene: Scene) -> None:
    canceled(scene)
    put_back(scene)
    request = asked_anew(scene)
    outcome = scene.settled(request)
    assert (outcome.status, outcome.reason) == ("needs_review", "session_restored")
    assert scene.counted(request) == (1, 1)


def test_restored_session_is_canceled_where_the_organization_says_so(scene: Scene) -> None:
    scene.organization = replace(scene.organization, on_restored="cancel")
    canceled(scene)
    put_back(scene)
    request = asked_anew(scene)
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (2, 2)


def test_restored_session_is_canceled_for_a_caller_with_iam(scene: Scene) -> None:
    canceled(scene)
    put_back(scene)
    request = asked_anew(scene, OWN_CALLERS)
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (2, 2)


def test_session_that_is_still_canceled_gets_a_look_and_no_call(scene: Scene) -> None:
    canceled(scene)
    outcome = scene.settled(asked_anew(scene))
    assert outcome.status == "already_canceled"
    assert outcome.evidence
    assert outcome.evidence.kind == "state"
    assert scene.methods() == ["PATCH", "GET"]


def test_copy_soon_after_the_cancel_gets_no_look(scene: Scene) -> None:
    canceled(scene)
    scene.clock.now += RESTORED_AFTER_S
    assert scene.settled(scene.asked("s-1", None, event="copy")).status == "already_canceled"
    assert scene.methods() == ["PATCH"]


@pytest.mark.parametrize(("listing", "reason"), [("403", "state_unreadable"), ("500", "too_old")])
def test_canceled_session_whose_state_stays_unreadable_gets_no_call(
    scene: Scene, listing: str, reason: str
) -> None:
    canceled(scene)
    scene.emulator.put_faults({"fault": listing, "method": "GET"})
    request = asked_anew(scene)
    scene.waits(request)
    outcome = scene.comes_again(request, times=200)
    assert (outcome.status, outcome.reason) == ("needs_review", reason)
    assert scene.methods().count("PATCH") == 1


def test_refusal_answers_all_who_asked_before_it(scene: Scene) -> None:
    requests = [scene.asked("s-1", "active", event=f"copy-{n}") for n in range(20)]
    outcomes = [scene.attempt(request) for request in requests]
    assert all(isinstance(one, Outcome) and one.reason == "wrong_state" for one in outcomes)
    assert scene.methods() == ["PATCH", "GET"]


def test_request_after_a_refusal_calls_again(scene: Scene) -> None:
    scene.settled(scene.asked("s-1", "active"))
    scene.clock.now += 10
    request = scene.asked("s-1", "ready", event="later")
    assert scene.settled(request).status == "canceled"
