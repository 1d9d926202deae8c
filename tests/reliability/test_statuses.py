"""What Prevail's statuses come to: rows 37, 40 to 46, 49 and 51 of the fault matrix. 401 has a module of its own.

| row | what of it is held elsewhere | by |
|---|---|---|
| 37 | no state to be had | `test_where_prevail_objects_and_the_state_is_not_known_a_person_decides` |
| 42 | every such status is held | `test_what_only_a_setting_can_cause_is_held` |
| 46 | too early needs no look | `test_what_is_too_early_waits_and_needs_no_look` |
| 49 | a day is the end | `test_an_old_request_is_told_to_a_person_and_sent_no_more` |

A 200 is believed: nobody looks after it (row 51).
"""

import pytest

from builders import API_KEY
from cancellations.backoff import CAP_S, REVIEW_AFTER_S
from cancellations.cancel import MAX_AGE_S
from cancellations.domain import Outcome
from cancellations.objections import CONFLICTS
from cancellations.permits import OPEN_S, SPREAD_S, TOLERATED
from cancellations.protocol.conditions import REFUSAL_STANDS_S
from cancellations.settlement import Postponed
from prevail.client import ApiCaller
from prevail.tokens import sign
from reliability.scene import Scene, at

UNKNOWN, AGAIN, HELD = "outcome_unknown", "retrying", "held"


def already_canceled(scene: Scene, session: str) -> None:
    """By somebody past the product."""
    token = sign("acme", API_KEY, expires_at=scene.clock() + 60)
    assert ApiCaller(scene.emulator.url, token).cancel(session).status_code == 200


# ── Final ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [400, 422])
def test_row_37_an_objection_to_a_session_that_can_be_canceled_is_final(scene: Scene, status: int) -> None:
    scene.emulator.put_faults({"fault": str(status), "method": "PATCH"})
    request = scene.asked("s-1")
    outcome = scene.settled(request)
    assert (outcome.status, outcome.reason) == ("refused", "not_cancelable")
    assert scene.attempt(request) == outcome
    assert scene.counted(request) == (1, 0)


def test_row_40_a_403_is_final_for_its_request(scene: Scene) -> None:
    scene.emulator.put_organization("acme", api_key=API_KEY, self_service=False)
    request = scene.asked("s-1")
    outcome = scene.settled(request)
    assert (outcome.status, outcome.reason) == ("refused", "not_permitted")
    assert scene.attempt(request) == outcome
    assert scene.counted(request) == (1, 0)


def test_row_40_after_a_403_the_session_may_be_asked_for_again(scene: Scene) -> None:
    scene.emulator.put_organization("acme", api_key=API_KEY, self_service=False)
    scene.settled(scene.asked("s-1"))
    scene.emulator.put_organization("acme", api_key=API_KEY)
    scene.clock.now += REFUSAL_STANDS_S + 1
    assert scene.settled(scene.asked("s-1", event="again")).status == "canceled"


def test_row_41_an_unknown_session_is_refused(scene: Scene) -> None:
    request = scene.asked("nobody", None)
    outcome = scene.settled(request)
    assert (outcome.status, outcome.reason) == ("refused", "not_found")
    assert scene.methods() == ["PATCH", "GET"]


def test_row_41_an_address_that_nobody_knows_holds_until_it_is_mended(scene: Scene) -> None:
    request, right = scene.asked("s-1"), scene.organization
    scene.organization = at(scene, f"{scene.emulator.url}/nowhere")
    assert scene.waits(request).status == HELD
    scene.organization = right
    assert scene.comes_again(request).status == "canceled"
    assert scene.counted(request) == (1, 1)


@pytest.mark.parametrize("status", [405, 406, 415])
def test_row_42_a_fault_of_configuration_holds_until_it_is_mended(scene: Scene, status: int) -> None:
    scene.emulator.put_faults({"fault": str(status), "method": "PATCH", "count": 3})
    request = scene.asked("s-1")
    assert scene.waits(request).status == HELD
    assert scene.comes_again(request).status == "canceled"
    assert scene.counted(request) == (4, 1)


@pytest.mark.parametrize("status", [409, 422, 400, 404, 200])
def test_row_43_what_is_canceled_already_is_a_success_and_mails_nobody_again(
    scene: Scene, status: int
) -> None:
    scene.emulator.put_switches(already_canceled=status)
    request = scene.asked("s-1")
    already_canceled(scene, "s-1")
    outcome = scene.settled(request)
    assert outcome.status == ("canceled" if status == 200 else "already_canceled")
    assert (scene.counted(request), scene.mailed(request)) == ((2, 1), 2)


@pytest.mark.parametrize("status", [409, 422, 400])
def test_row_44_a_session_that_has_begun_is_refused_once(scene: Scene, status: int) -> None:
    scene.emulator.put_switches(wrong_state=status)
    request = scene.asked("s-1", "active")
    outcome = scene.settled(request)
    assert (outcome.status, outcome.reason) == ("refused", "wrong_state")
    assert scene.attempt(request) == outcome
    assert scene.counted(request) == (1, 0)


# ── The same to all ──


@pytest.mark.parametrize("fault", ["405", "redirect-302-other"], ids=["405", "redirect"])
def test_row_40_and_42_what_every_call_is_told_is_soon_asked_by_few(scene: Scene, fault: str) -> None:
    """Those after the first five wait, and go on once it is mended."""
    scene.emulator.put_faults({"fault": fault})
    worker, requests = scene.process(), [scene.asked(f"s-{n}") for n in range(TOLERATED + 20)]
    first = [scene.attempt(request, worker) for request in requests]
    assert all(isinstance(result, Postponed) for result in first)
    assert scene.methods() == ["PATCH", "GET"] * TOLERATED
    scene.emulator.put_faults()
    scene.clock.now += OPEN_S + SPREAD_S + 1
    last = scene.attempt(requests[-1], worker)
    assert isinstance(last, Outcome)
    assert last.status == "canceled"


def test_row_40_a_403_to_all_is_a_key_that_is_refused(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "403"})
    requests = [scene.asked(f"s-{n}") for n in range(5)]
    assert {scene.waits(request).waits.guard for request in requests} == {"key"}
    assert scene.methods() == ["PATCH", "GET"]
    scene.emulator.put_faults()
    assert scene.comes_again(requests[-1]).status == "canceled"


@pytest.mark.parametrize("fault", ["403", "405", "redirect-302-other", "401", "404", "500"])
def test_rows_40_to_42_while_the_list_can_be_read_nobody_waits_for_anothers_fault(
    scene: Scene, fault: str
) -> None:
    worker = scene.process()
    for n in range(2 * TOLERATED):
        scene.emulator.put_faults({"fault": fault, "method": "PATCH", "count": 1})
        scene.attempt(scene.asked(f"s-{n}"), worker)
    scene.emulator.put_faults()
    good = scene.attempt(scene.asked("good"), worker)
    assert isinstance(good, Outcome)
    assert good.status == "canceled"


def test_row_41_an_address_that_nobody_knows_is_soon_asked_by_few(scene: Scene) -> None:
    scene.organization = at(scene, f"{scene.emulator.url}/nowhere")
    worker = scene.process()
    held = [scene.waits(scene.asked(f"s-{n}"), worker).status for n in range(TOLERATED + 20)]
    assert held == [HELD] * TOLERATED + [AGAIN] * 20
    assert scene.methods() == ["PATCH", "GET"] * TOLERATED


def test_row_41_sessions_that_nobody_knows_hold_no_others(scene: Scene) -> None:
    worker = scene.process()
    for n in range(3 * TOLERATED):
        assert isinstance(scene.attempt(scene.asked(f"nobody-{n}", None), worker), Outcome)


# ── For a while ───────────────────────────────────────────────────────────────────────────────────


def test_row_45_a_conflict_that_passes_is_tried_again(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "409", "method": "PATCH", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).status == AGAIN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.counted(request), scene.blind()) == ((2, 1), 0)


def test_row_45_a_conflict_that_does_not_pass_is_tried_a_few_times(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "409", "method": "PATCH"})
    request = scene.asked("s-1")
    outcome = scene.settled(request)
    assert (outcome.status, outcome.reason) == ("refused", "not_cancelable")
    assert scene.counted(request) == (CONFLICTS, 0)


@pytest.mark.parametrize("status", [408, 418, 500, 501, 502, 503, 504, 520])
@pytest.mark.parametrize(("when", "patches"), [("after", 1), ("before", 2)])
def test_row_46_and_49_an_ambiguous_status_is_looked_into_before_anything_is_sent(
    scene: Scene, status: int, when: str, patches: int
) -> None:
    scene.emulator.put_faults({"fault": f"{status}-{when}", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).status == UNKNOWN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.counted(request), scene.mailed(request), scene.blind()) == ((patches, 1), 2, 0)


def test_row_46_what_is_too_early_is_tried_again(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "425", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).status == AGAIN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.counted(request), scene.mailed(request)) == ((2, 1), 2)


@pytest.mark.parametrize(
    ("listing", "reason", "after_s"),
    [("403", "outcome_unknown", REVIEW_AFTER_S), ("500", "too_old", MAX_AGE_S)],
    ids=["refused", "down"],
)
def test_row_49_in_doubt_a_list_that_cannot_be_read_sends_nothing_and_in_the_end_people_are_told(
    scene: Scene, listing: str, reason: str, after_s: float
) -> None:
    """Where the list answers no one an hour is enough; where it is down, it may come back while the request lives."""
    scene.emulator.put_faults({"fault": "502-after", "method": "PATCH"}, {"fault": listing, "method": "GET"})
    request, began = scene.asked("s-1"), scene.clock()
    scene.waits(request)
    outcome = scene.comes_again(request, times=200)
    assert (outcome.status, outcome.reason) == ("needs_review", reason)
    assert (scene.counted(request), scene.mailed(request)) == ((1, 1), 2)
    assert after_s < scene.clock() - began < after_s + 2 * CAP_S


def test_row_51_a_200_is_believed(scene: Scene) -> None:
    """The table would have somebody look again; no status and no state tells when that is worth it."""
    scene.emulator.put_faults({"fault": "uncommitted", "count": 1})
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert (scene.counted(request), scene.methods()) == ((1, 0), ["PATCH"])
