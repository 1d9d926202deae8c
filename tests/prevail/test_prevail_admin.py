"""The emulator's own API: seeding, what it saw, and that it keeps secrets."""

import json
import socket
import time
from typing import Any

import pytest
import requests

from prevail.client import AdminRefused, ApiCaller, Emulator
from prevail.model import Totals
from prevail.seeds import NamedSessionSeed
from prevail.server import listening
from prevail.tokens import sign

KEY = "hooli-key-0123456789abcdef0123456789abcdef"
GETS = [
    "health",
    "sessions",
    "sessions/s-1",
    "outbox",
    "postbacks",
    "calls",
    "totals",
    "switches",
    "faults",
    "tls",
]


def put(url: str, path: str, body: object) -> requests.Response:
    return requests.put(f"{url}/_emulator/{path}", data=json.dumps(body), timeout=10)


def a_seed(remote_session_id: str) -> NamedSessionSeed:
    return {"remote_session_id": remote_session_id, "organization": "acme", "state": "ready"}


def test_an_emulator_is_healthy(emulator: Emulator) -> None:
    assert emulator.healthy()


def test_a_port_without_an_emulator_is_not_healthy() -> None:
    with listening(0) as listener:
        port = listener.getsockname()[1]
    assert not Emulator(f"http://127.0.0.1:{port}").healthy()


def test_the_listener_is_on_loopback() -> None:
    with listening(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_answers_are_sent_without_delay() -> None:
    """Where the protocol is not named asyncio leaves Nagle's algorithm on: 40 ms an answer."""
    with listening(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_session_has_defaults(emulator: Emulator) -> None:
    session = emulator.put_session("s-1", organization="acme", state="ready")
    assert session.participants == ("deponent@example.com", "reporter@example.com")
    assert session == emulator.session("s-1")


def test_a_session_counts_what_came_for_it(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    acme.cancel("s-1", cancel_without_email="maybe")
    acme.cancel("s-1")
    acme.cancel("s-1")
    session = emulator.session("s-1")
    assert (session.patches, session.state_changes, session.emails) == (3, 1, 2)


def test_a_session_put_anew_keeps_its_counts(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    acme.cancel("s-1")
    session = emulator.put_session("s-1", organization="acme", state="active")
    assert (session.state, session.patches, session.state_changes) == ("active", 1, 1)


def test_many_sessions_are_put_at_once(emulator: Emulator) -> None:
    emulator.put_sessions([a_seed("s-1"), a_seed("s-2")])
    assert [session.remote_session_id for session in emulator.sessions()] == ["s-1", "s-2"]


def test_one_wrong_session_stores_none(emulator: Emulator) -> None:
    with pytest.raises(AdminRefused, match=r"^sessions\[1\]\.organization: must exist"):
        emulator.put_sessions([a_seed("s-1"), {**a_seed("s-2"), "organization": "nobody"}])
    assert emulator.sessions() == []


def test_a_session_that_is_not_there_is_not_found(emulator: Emulator) -> None:
    with pytest.raises(AdminRefused) as refused:
        emulator.session("s-1")
    assert refused.value.status == 404


def test_the_totals_count_everything(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_sessions([a_seed("s-1"), a_seed("s-2")])
    acme.cancel("s-1")
    acme.cancel("s-2", cancel_without_email="true")
    ApiCaller(emulator.url, "x.y.z").cancel("s-1")
    totals = emulator.totals()
    assert (totals.patches, totals.state_changes, totals.emails, totals.unauthorized) == (3, 2, 2, 1)


def test_a_call_is_logged_as_it_came(emulator: Emulator, acme: ApiCaller) -> None:
    acme.cancel("s-1", cancel_without_email="true")
    (call,) = emulator.calls()
    assert (call.method, call.path, call.query, call.slug, call.status) == (
        "PATCH",
        "/api/v1/sessions/s-1/cancel",
        "cancel_without_email=true",
        "acme",
        404,
    )


def test_an_unverified_slug_is_not_logged(emulator: Emulator) -> None:
    ApiCaller(emulator.url, sign("acme", "globex" * 10, expires_at=time.time() + 300)).cancel("s-1")
    assert [call.slug for call in emulator.calls()] == [None]


def test_calls_can_be_read_from_an_index_on(emulator: Emulator, acme: ApiCaller) -> None:
    for remote_session_id in ("a", "b", "c"):
        acme.cancel(remote_session_id)
    assert [call.path for call in emulator.calls(since=2)] == ["/api/v1/sessions/c/cancel"]


def test_the_admin_api_is_not_in_the_log(emulator: Emulator) -> None:
    emulator.totals()
    assert emulator.calls() == []


def test_a_reset_forgets_everything(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    acme.cancel("s-1")
    emulator.reset()
    assert (emulator.sessions(), emulator.outbox(), emulator.calls()) == ([], [], [])
    assert emulator.totals() == Totals(patches=0, state_changes=0, emails=0, unauthorized=0)
    assert acme.sessions().status_code == 401


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"api_key": None}, "api_key"),
        ({"api_key": ""}, "api_key"),
        ({"api_key": 7}, "api_key"),
        ({"self_service": "yes"}, "self_service"),
        ({"kind": "partner"}, "kind"),
        ({"key": "x"}, "key"),
    ],
)
def test_a_wrong_organization_is_told_its_field(url: str, change: dict[str, Any], field: str) -> None:
    answer = put(url, "organizations/hooli", {"api_key": KEY, **change})
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"organization": None}, "organization"),
        ({"organization": "nobody"}, "organization"),
        ({"state": None}, "state"),
        ({"state": "cancelled"}, "state"),
        ({"title": ["x"]}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"starts_at": "2026-03-01"}, "starts_at"),
        ({"starts_at": 1.5}, "starts_at"),
        ({"starts_at": True}, "starts_at"),
        ({"starts_at": 10**30}, "starts_at"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"participants": "a@example.com"}, "participants"),
        ({"participants": ["nobody"]}, "participants"),
        ({"start": 1}, "start"),
    ],
)
def test_a_wrong_session_is_told_its_field(emulator: Emulator, change: dict[str, Any], field: str) -> None:
    answer = put(emulator.url, "sessions/s-1", {"organization": "acme", "state": "ready", **change})
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, field)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(url: str, body: bytes) -> None:
    answer = requests.put(f"{url}/_emulator/sessions/s-1", data=body, timeout=10)
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, "body")


@pytest.mark.parametrize("since", ["-1", "x", "", "9" * 5000])
def test_a_wrong_index_is_refused(url: str, since: str) -> None:
    answer = requests.get(f"{url}/_emulator/calls", params={"since": since}, timeout=10)
    assert answer.status_code == 400


def test_nothing_that_can_be_read_holds_a_secret(emulator: Emulator) -> None:
    token = sign("hooli", KEY, expires_at=time.time() + 300)
    emulator.put_organization("hooli", api_key=KEY)
    emulator.put_session("s-1", organization="hooli", state="ready")
    hooli = ApiCaller(emulator.url, token)
    hooli.cancel("s-1", api_key=KEY)
    hooli.cancel("s-1", **{KEY: ""})
    hooli.cancel("s-1", cancel_without_email=token)
    ApiCaller(emulator.url, None).cancel("s-1", jwt_payload=token)
    shown = "".join(requests.get(f"{emulator.url}/_emulator/{path}", timeout=10).text for path in GETS)
    shown += requests.get(emulator.url, timeout=10).text
    assert KEY not in shown
    assert not any(part in shown for part in token.split("."))


@pytest.mark.parametrize("extra", [{}, {"kind": KEY}, {"api_key": [KEY]}])
def test_no_answer_repeats_a_key(emulator: Emulator, extra: dict[str, Any]) -> None:
    assert KEY not in put(emulator.url, "organizations/hooli", {"api_key": KEY, **extra}).text


def test_an_organization_cannot_be_read(emulator: Emulator) -> None:
    assert requests.get(f"{emulator.url}/_emulator/organizations/acme", timeout=10).status_code == 404


@pytest.mark.parametrize("path", ["/", "/_emulator/state", "/_emulator/health"])
@pytest.mark.parametrize(
    "headers", [{"Host": "rebound.example"}, {"Host": ""}, {"Origin": "https://a-page.example"}]
)
def test_a_page_of_elsewhere_sees_nothing(url: str, path: str, headers: dict[str, str]) -> None:
    """What a browser sends for a page that found the port, or that a name server led here."""
    assert requests.get(url + path, headers=headers, timeout=10).status_code == 403


def test_seconds_are_counted_one_by_one(emulator: Emulator, acme: ApiCaller) -> None:
    for _ in range(3):
        acme.sessions()
    totals = emulator.totals()
    assert sum(calls for _, calls in totals.per_second) == 3
    assert totals.busiest_second <= 3
