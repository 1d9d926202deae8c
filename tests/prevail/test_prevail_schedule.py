"""Schedule, list requests, edit: the documented rules."""

import time
from typing import Any

import pytest
import requests

from prevail.client import AdminRefused, ApiCaller, Emulator
from prevail.model import State
from prevail.tokens import sign

START = 1_803_920_700  # 2027-03-01 09:05 AM in California


def a_remote_session(**changes: object) -> dict[str, object]:
    """A good one; a change to None leaves the field out."""
    good = {
        "title": "Doe v. Roe",
        "case": "4711",
        "start_date": "2027-03-01",
        "start_time": "09:05 AM",
        "time_zone": "Pacific Time (US & Canada)",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def a_request(remote_session: object = None, **more: object) -> dict[str, object]:
    return {"remote_session": a_remote_session() if remote_session is None else remote_session, **more}


@pytest.fixture
def requester(emulator: Emulator) -> ApiCaller:
    """hooli, whose sessions Prevail schedules."""
    emulator.put_organization("hooli", api_key="hooli" * 8, kind="requests")
    return ApiCaller(emulator.url, sign("hooli", "hooli" * 8, expires_at=time.time() + 300))


def created(caller: ApiCaller, request: dict[str, object] | None = None) -> dict[str, Any]:
    answer = caller.request_session(a_request() if request is None else request)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()["session_request"]
    return row


def listed(caller: ApiCaller) -> dict[str, Any]:
    (row,) = caller.session_requests().json()["session_requests"]
    assert isinstance(row, dict)
    return row


@pytest.mark.parametrize("path", ["/api/v1/session_requests", "/api/v1/sessions"])
def test_with_self_service_a_session_is_ready_at_once(emulator: Emulator, acme: ApiCaller, path: str) -> None:
    row = acme.ask("POST", path, json={"session_request": a_request()}).json()["session_request"]
    assert row["session_state"] == "ready"
    assert emulator.session(row["remote_session_id"]).starts_at == START


def test_a_request_is_initial_and_has_neither_id_nor_address(requester: ApiCaller) -> None:
    row = created(requester)
    assert (row["session_state"], row["remote_session_id"], row["session_url"]) == ("initial", None, None)


def test_without_self_service_a_session_is_initial(initech: ApiCaller) -> None:
    assert created(initech)["session_state"] == "initial"


def test_a_scheduled_request_has_an_id_and_an_address(emulator: Emulator, requester: ApiCaller) -> None:
    created(requester)
    (session,) = emulator.sessions()
    emulator.schedule(session.remote_session_id)
    row = listed(requester)
    assert (row["session_state"], row["remote_session_id"]) == ("scheduled", session.remote_session_id)
    assert requests.get(row["session_url"], timeout=10).status_code == 200


def test_a_canceled_sessions_address_is_disabled(acme: ApiCaller) -> None:
    row = created(acme)
    acme.cancel(row["remote_session_id"])
    assert requests.get(row["session_url"], timeout=10).status_code == 410


def test_a_session_is_scheduled_once(emulator: Emulator, acme: ApiCaller) -> None:
    row = created(acme)
    with pytest.raises(AdminRefused, match="state: must be initial"):
        emulator.schedule(row["remote_session_id"])


def test_a_session_that_does_not_exist_is_not_scheduled(emulator: Emulator) -> None:
    with pytest.raises(AdminRefused) as refused:
        emulator.schedule("nobody")
    assert refused.value.status == 404


def test_the_list_of_requests_shows_what_was_asked_for(acme: ApiCaller) -> None:
    row = created(acme, a_request(a_remote_session(estimated_duration=1.25), invites=["a@example.com"]))
    assert listed(acme) == row
    assert {name: row[name] for name in a_remote_session()} == a_remote_session()
    assert (row["estimated_duration"], row["invites"]) == (1.25, ["a@example.com"])


def test_requests_of_others_are_not_listed(acme: ApiCaller, globex: ApiCaller) -> None:
    created(acme)
    assert globex.session_requests().json()["session_requests"] == []


@pytest.mark.parametrize("form", ["uuid", "token", "number"])
def test_ids_differ_and_fit_into_a_path(emulator: Emulator, acme: ApiCaller, form: str) -> None:
    emulator.put_switches(session_ids=form)
    names = {created(acme)["remote_session_id"] for _ in range(5)}
    assert len(names) == 5
    assert {acme.cancel(name).status_code for name in names} == {200}


def test_the_token_may_carry_the_request(emulator: Emulator) -> None:
    token = sign("acme", "acme" * 10, expires_at=time.time() + 300, session_request=a_request())
    assert ApiCaller(emulator.url, token).ask("POST", "/api/v1/sessions").status_code == 201


@pytest.mark.parametrize(
    "invites",
    [
        {"invites": ["a@example.com", "b@example.com"]},
        {"invites": [{"email": "a@example.com", "access_level": "host"}, {"email": "b@example.com"}]},
        {"invite_emails": ["a@example.com", "b@example.com"]},
        {"invites": ["a@example.com"], "deponent": {"email": "b@example.com", "role": "witness"}},
    ],
)
def test_everybody_is_invited_when_the_session_is_scheduled(
    emulator: Emulator, requester: ApiCaller, invites: dict[str, object]
) -> None:
    created(requester, a_request(**invites))
    (session,) = emulator.sessions()
    assert emulator.outbox() == []
    emulator.schedule(session.remote_session_id)
    assert [(mail.to, mail.about) for mail in emulator.outbox()] == [
        ("a@example.com", "invited"),
        ("b@example.com", "invited"),
    ]


def test_invitations_are_counted_apart_from_the_mails_of_cancels(emulator: Emulator, acme: ApiCaller) -> None:
    name = created(acme, a_request(invites=["a@example.com", "b@example.com"]))["remote_session_id"]
    acme.cancel(name, cancel_without_email="true")
    session, totals = emulator.session(name), emulator.totals()
    assert (session.invitations, session.emails) == (totals.invitations, totals.emails) == (2, 0)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (None, "session_request"),
        ([], "session_request"),
        ({}, "session_request.remote_session"),
        (a_request(a_remote_session(title=None)), "session_request.remote_session.title"),
        (a_request(a_remote_session(title="")), "session_request.remote_session.title"),
        (a_request(a_remote_session(title="x" * 1001)), "session_request.remote_session.title"),
        (a_request(a_remote_session(case=None)), "session_request.remote_session.case"),
        (a_request(a_remote_session(start_date="03/01/2027")), "session_request.remote_session.start_date"),
        (a_request(a_remote_session(start_date="2027-02-29")), "session_request.remote_session.start_date"),
        (a_request(a_remote_session(start_date="20270301")), "session_request.remote_session.start_date"),
        (a_request(a_remote_session(start_time="13:05")), "session_request.remote_session.start_time"),
        (a_request(a_remote_session(start_time="13:05 PM")), "session_request.remote_session.start_time"),
        (a_request(a_remote_session(time_zone="Mars")), "session_request.remote_session.time_zone"),
        (a_request(a_remote_session(time_zone=None)), "session_request.remote_session.time_zone"),
        (
            a_request(a_remote_session(estimated_duration=-1)),
            "session_request.remote_session.estimated_duration",
        ),
        (a_request(invites="a@example.com"), "session_request.invites"),
        (a_request(invites=["nobody"]), "session_request.invites[0]"),
        (a_request(invites=[{"access_level": "host"}]), "session_request.invites[0]"),
        (
            a_request(invites=[{"email": "a@b", "access_level": "king"}]),
            "session_request.invites[0].access_level",
        ),
        (a_request(deponent=[]), "session_request.deponent"),
        (a_request(deponent={"role": "judge"}), "session_request.deponent.role"),
        (a_request(session_details=""), "session_request.session_details"),
        (a_request(postback_url=7), "session_request.postback_url"),
    ],
)
def test_a_wrong_request_is_told_its_field_and_makes_nothing(
    emulator: Emulator, acme: ApiCaller, request_: dict[str, object], field: str
) -> None:
    answer = acme.request_session(request_)
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (422, field)
    assert emulator.sessions() == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000, b" " * 1_100_000])
def test_a_body_that_is_no_object_is_refused(acme: ApiCaller, body: bytes) -> None:
    url = f"{acme.url}/api/v1/session_requests"
    assert requests.post(url, data=body, headers=acme.headers, timeout=10).status_code == 422


@pytest.mark.parametrize(
    ("time_zone", "shown"),
    [
        ("America/New_York", "America/New_York"),
        ("(GMT-07:00) Arizona", "(GMT-07:00) Arizona"),
        ("Hawaii", "Hawaii"),
    ],
)
def test_zones_of_rails_and_of_iana_are_taken(acme: ApiCaller, time_zone: str, shown: str) -> None:
    row = created(acme, a_request(a_remote_session(time_zone=time_zone)))
    assert (row["start_date"], row["start_time"], row["time_zone"]) == ("2027-03-01", "09:05 AM", shown)


@pytest.mark.parametrize("start_time", ["12:00 AM", "12:30 PM", "01:05 PM"])
def test_a_start_comes_back_as_it_was_said(acme: ApiCaller, start_time: str) -> None:
    assert created(acme, a_request(a_remote_session(start_time=start_time)))["start_time"] == start_time


@pytest.mark.parametrize("state", ["initial", "scheduled", "ready", "active", "canceled"])
def test_scheduled_and_ready_can_be_edited(emulator: Emulator, acme: ApiCaller, state: State) -> None:
    emulator.put_session("s-1", organization="acme", state=state, title="before")
    answer = acme.edit("s-1", title="after")
    expected = (200, "after") if state in {"scheduled", "ready"} else (409, "before")
    assert (answer.status_code, emulator.session("s-1").title) == expected


def test_an_edit_answers_the_documented_body(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    answer = acme.edit("s-1", **a_remote_session(case=None, estimated_duration=3.5))
    assert answer.json() == {
        "sessions": [
            {
                "remote_session_id": "s-1",
                "title": "Doe v. Roe",
                "start_date": "2027-03-01",
                "start_time": "09:05 AM",
                "time_zone": "Pacific Time (US & Canada)",
                "state": "ready",
                "estimated_duration": 3.5,
            }
        ]
    }


def test_an_edit_leaves_what_it_does_not_name(emulator: Emulator, acme: ApiCaller) -> None:
    before = emulator.put_session("s-1", organization="acme", state="ready")
    acme.edit("s-1")
    after = emulator.session("s-1")
    assert (after.title, after.starts_at, after.participants) == (
        before.title,
        before.starts_at,
        before.participants,
    )


@pytest.mark.parametrize("left_out", ["start_date", "start_time", "time_zone"])
def test_a_start_is_edited_whole(emulator: Emulator, acme: ApiCaller, left_out: str) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    answer = acme.edit("s-1", **a_remote_session(**{left_out: None}))
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (422, f"remote_session.{left_out}")


def test_participants_are_added_and_none_is_removed(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready", participants=["a@example.com"])
    acme.edit("s-1", invites=["b@example.com", "a@example.com", "b@example.com"])
    acme.edit("s-1", invites=[])
    assert emulator.session("s-1").participants == ("a@example.com", "b@example.com")


def test_only_new_participants_are_invited(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready", participants=["a@example.com"])
    acme.edit("s-1", invites=["a@example.com", "b@example.com"])
    assert [mail.to for mail in emulator.outbox()] == ["b@example.com"]


def test_another_organization_cannot_edit(emulator: Emulator, globex: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    assert globex.edit("s-1", title="x").status_code == 404


def test_without_self_service_nothing_is_edited(emulator: Emulator, initech: ApiCaller) -> None:
    emulator.put_session("s-1", organization="initech", state="scheduled")
    assert initech.edit("s-1", title="x").status_code == 403


def test_an_edited_start_moves_the_session_in_the_list(emulator: Emulator, acme: ApiCaller) -> None:
    for n, name in enumerate(("a", "b")):
        emulator.put_session(name, organization="acme", state="ready", starts_at=START - 9000 + n)
    acme.sessions()
    acme.edit("a", **a_remote_session(case=None))
    assert [row["remote_session_id"] for row in acme.sessions().json()["sessions"]] == ["b", "a"]
