"""What Prevail does not document can be set: each switch does what it says, for everybody or for one."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from prevail.client import AdminRefused, ApiCaller, Emulator
from prevail.fields import BadField
from prevail.model import State
from prevail.server import running
from prevail.switch import Numbers
from prevail.switches import SWITCHES, Switches, read_texts
from prevail.tokens import signed

NOW = 1_800_000_000


def a_caller(emulator: Emulator, expires_at: float, algorithm: str = "HS256") -> ApiCaller:
    claims = {"slug": "acme", "exp": expires_at}
    return ApiCaller(emulator.url, signed(claims, "acme" * 10, algorithm))


@pytest.fixture
def at_now() -> Iterator[Emulator]:
    """An emulator whose clock stands at NOW."""
    with running(clock=lambda: NOW) as url:
        emulator = Emulator(url)
        emulator.put_organization("acme", api_key="acme" * 10)
        yield emulator


def test_every_default_is_allowed_and_stands_at_the_start(emulator: Emulator) -> None:
    defaults = {name: switch.read(switch.default) for name, switch in SWITCHES.items()}
    assert emulator.put_switches() == defaults


def test_every_switch_says_why() -> None:
    assert [name for name, switch in SWITCHES.items() if len(switch.why) < 10] == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"already_cancelled": 409}, "already_cancelled: is no switch; the switches are "),
        ({"already_canceled": 418}, "already_canceled: must be one of 409, 422, 400, 200, 404"),
        ({"already_canceled": "409"}, "already_canceled: must be one of"),
        ({"already_canceled": True}, "already_canceled: must be one of"),
        ({"second_cancel_mails": 1}, "second_cancel_mails: must be one of false, true"),
        ({"error_body": "xml"}, "error_body: must be one of json, html, nothing"),
        ({"token_leeway_s": -1}, "token_leeway_s: must be a number from 0 to 86400"),
        ({"token_leeway_s": True}, "token_leeway_s: must be a number"),
        ({"token_leeway_s": None}, "token_leeway_s: must be a number"),
    ],
)
def test_a_wrong_switch_is_told_what_would_be_right(
    emulator: Emulator, body: dict[str, Any], told: str
) -> None:
    with pytest.raises(AdminRefused) as refused:
        emulator.put_switches(**body)
    assert str(refused.value).startswith(told)


def test_one_wrong_switch_sets_none(emulator: Emulator) -> None:
    with pytest.raises(AdminRefused):
        emulator.put_switches(canceled=202, error_body="xml")
    assert emulator.put_switches()["canceled"] == 200


def test_switches_that_are_not_named_stay(emulator: Emulator) -> None:
    emulator.put_switches(canceled=202)
    assert emulator.put_switches(error_body="html")["canceled"] == 202


def test_a_switch_of_one_organization_is_its_own(
    emulator: Emulator, acme: ApiCaller, globex: ApiCaller
) -> None:
    emulator.put_switches_of("acme", unknown_session=410)
    assert (acme.cancel("x").status_code, globex.cancel("x").status_code) == (410, 404)


def test_an_organization_follows_everybody_in_the_rest(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_switches_of("acme", unknown_session=410)
    emulator.put_switches(error_body="nothing")
    answer = acme.cancel("x")
    assert (answer.status_code, answer.content) == (410, b"")


@pytest.mark.parametrize("name", ["rate_limit_per_s", "clock_ahead_s"])
def test_what_is_about_the_whole_emulator_is_for_no_single_organization(
    emulator: Emulator, name: str
) -> None:
    with pytest.raises(AdminRefused, match="set it at /_emulator/switches"):
        emulator.put_switches_of("acme", **{name: 5})


def test_an_organization_must_exist_to_have_switches(emulator: Emulator) -> None:
    with pytest.raises(AdminRefused, match="slug: must be an organization"):
        emulator.put_switches_of("nobody", canceled=202)


def test_a_reset_goes_back_to_how_it_began() -> None:
    with running(switches={"canceled": 202}) as url:
        emulator = Emulator(url)
        emulator.put_switches(canceled=204, edited=204)
        emulator.reset()
        stands = emulator.put_switches()
    assert (stands["canceled"], stands["edited"]) == (202, 200)


def test_a_command_line_sets_words_and_numbers() -> None:
    texts = ["canceled=204", "second_cancel_mails=true", "error_body=html", "token_leeway_s=2.5"]
    assert read_texts(texts) == {
        "canceled": 204,
        "second_cancel_mails": True,
        "error_body": "html",
        "token_leeway_s": 2.5,
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("canceled", "canceled: must be name=value"),
        ("cancelled=200", "cancelled: is no switch"),
        ("canceled=OK", "canceled: must be one of 200, 202, 204"),
        ("second_cancel_mails=1", "second_cancel_mails: must be one of false, true"),
        ("token_leeway_s=nan", "token_leeway_s: must be a number"),
    ],
)
def test_a_wrong_setting_is_told_what_would_be_right(text: str, told: str) -> None:
    with pytest.raises(BadField, match=told):
        read_texts([text])


def test_every_choice_can_be_set() -> None:
    for name, switch in SWITCHES.items():
        for one in () if isinstance(switch.allowed, Numbers) else switch.allowed:
            assert Switches().having({name: switch.read(one)}).values()[name] == one


def test_a_second_cancel_may_mail_again(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready", participants=["a@example.com"])
    emulator.put_switches(second_cancel_mails=True)
    acme.cancel("s-1")
    acme.cancel("s-1")
    assert (emulator.session("s-1").emails, emulator.session("s-1").state_changes) == (2, 1)


def test_canceled_sessions_may_leave_the_lists(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="canceled")
    emulator.put_switches(canceled_sessions="hidden")
    assert acme.sessions().json()["sessions"] == acme.session_requests().json()["session_requests"] == []


def test_an_initial_session_may_have_no_id_to_cancel_it_by(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="initial")
    emulator.put_switches(initial_cancel="unknown")
    assert acme.cancel("s-1").status_code == 404


@pytest.mark.parametrize(("state", "status"), [("initial", 200), ("scheduled", 403)])
def test_a_request_may_be_withdrawn_without_self_service(
    emulator: Emulator, initech: ApiCaller, state: State, status: int
) -> None:
    emulator.put_session("s-1", organization="initech", state=state)
    emulator.put_switches(initial_needs_self_service=False)
    assert initech.cancel("s-1").status_code == status


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_one_algorithm_is_good_and_the_others_are_not(emulator: Emulator, algorithm: str) -> None:
    emulator.put_switches(token_algorithm="HS512")
    status = a_caller(emulator, time.time() + 300, algorithm).sessions().status_code
    assert (status == 200) is (algorithm == "HS512")


@pytest.mark.parametrize(("exp", "status"), [(NOW - 60, 401), (NOW - 59, 200)])
def test_an_expired_token_may_be_good_for_a_while(at_now: Emulator, exp: float, status: int) -> None:
    at_now.put_switches(token_leeway_s=60)
    assert a_caller(at_now, exp).sessions().status_code == status


@pytest.mark.parametrize(("exp", "status"), [(NOW + 300, 200), (NOW + 301, 401)])
def test_a_token_may_be_too_long_lived(at_now: Emulator, exp: float, status: int) -> None:
    at_now.put_switches(token_longest_life_s=300)
    assert a_caller(at_now, exp).sessions().status_code == status


def test_the_emulators_clock_may_be_ahead(at_now: Emulator) -> None:
    at_now.put_switches(clock_ahead_s=600)
    answer = a_caller(at_now, NOW + 300).sessions()
    assert (answer.status_code, answer.headers["Date"]) == (401, "Fri, 15 Jan 2027 08:10:00 GMT")


def test_the_window_may_be_of_starts_alone(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready", starts_at=NOW)
    emulator.put_switches(list_window="starts_before")
    assert acme.sessions(end_time=str(NOW)).json()["pagy"]["count"] == 1


@pytest.mark.parametrize(("parameter", "shown"), [("p", ["b"]), ("none", ["a"])])
def test_pages_may_be_asked_for_otherwise_or_not_at_all(
    emulator: Emulator, acme: ApiCaller, parameter: str, shown: list[str]
) -> None:
    for start, name in enumerate("ab"):
        emulator.put_session(name, organization="acme", state="ready", starts_at=NOW + start)
    emulator.put_switches(page_parameter=parameter, page_items=1)
    rows = acme.sessions(page="0", p="2").json()["sessions"]
    assert [row["remote_session_id"] for row in rows] == shown


@pytest.mark.parametrize("parameter", ["state", "session_state"])
def test_the_lists_may_be_filtered_by_state(emulator: Emulator, acme: ApiCaller, parameter: str) -> None:
    for state in ("ready", "canceled"):
        emulator.put_session(state, organization="acme", state=state)
    emulator.put_switches(state_filter=parameter)
    asked = {parameter: "canceled"}
    assert [row["remote_session_id"] for row in acme.sessions(**asked).json()["sessions"]] == ["canceled"]
    assert acme.session_requests(**asked).json()["pagy"]["count"] == 1


def test_a_session_may_be_looked_up(emulator: Emulator, acme: ApiCaller, globex: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    emulator.put_switches(session_lookup=True)
    (row,) = acme.ask("GET", "/api/v1/sessions/s-1").json()["sessions"]
    assert (row["remote_session_id"], row["state"]) == ("s-1", "ready")
    assert globex.ask("GET", "/api/v1/sessions/s-1").status_code == 404


@pytest.mark.parametrize(("switch", "statuses"), [("ignored", [200, 409]), ("replayed", [200, 200])])
def test_an_idempotency_key_may_be_honored(
    emulator: Emulator, acme: ApiCaller, switch: str, statuses: list[int]
) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    emulator.put_switches(idempotency_key=switch)
    acme.headers["Idempotency-Key"] = "one"
    assert [acme.cancel("s-1").status_code for _ in range(2)] == statuses
    assert emulator.session("s-1").state_changes == 1
