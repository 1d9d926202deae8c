"""Every answer of the table can be had, is what the table says, and has each status that its switch allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

import pytest
import requests

from prevail.assumed import ANSWERS, CANCELED, AnswerName
from prevail.client import ApiCaller, Emulator

NAMES: tuple[AnswerName, ...] = get_args(AnswerName.__value__)
CHANGES = {"canceled", "edited", "requested"}
A_REQUEST: dict[str, Any] = {
    "remote_session": {
        "title": "Doe v. Roe",
        "case": "4711",
        "start_date": "2027-03-01",
        "start_time": "09:05 AM",
        "time_zone": "Pacific Time (US & Canada)",
    }
}


@dataclass(frozen=True, slots=True)
class Town:
    emulator: Emulator
    acme: ApiCaller
    initech: ApiCaller

    def over_the_limit(self) -> requests.Response:
        self.emulator.put_switches(rate_limit_per_s=0.001)
        self.acme.sessions()
        return self.acme.sessions()

    def looked_up(self, remote_session_id: str) -> requests.Response:
        self.emulator.put_switches(session_lookup=True)
        return self.acme.ask("GET", f"/api/v1/sessions/{remote_session_id}")

    def filtered(self, state: str) -> requests.Response:
        self.emulator.put_switches(state_filter="state")
        return self.acme.sessions(state=state)


PROVOKE: dict[AnswerName, Callable[[Town], requests.Response]] = {
    "rate_limited": lambda town: town.over_the_limit(),
    "unknown_route": lambda town: town.acme.ask("GET", "/api/v1/sessions/ready"),
    "unauthorized": lambda town: ApiCaller(town.acme.url, "x.y.z").cancel("ready"),
    "invalid_cancel_without_email": lambda town: town.acme.cancel("ready", cancel_without_email="maybe"),
    "invalid_time": lambda town: town.acme.sessions(start_time="now"),
    "invalid_page": lambda town: town.acme.sessions(page="0"),
    "invalid_state": lambda town: town.filtered("postponed"),
    "unknown_session": lambda town: town.acme.cancel("nowhere"),
    "foreign_session": lambda town: town.acme.cancel("theirs"),
    "self_service_disabled": lambda town: town.initech.cancel("asked-for"),
    "already_canceled": lambda town: town.acme.cancel("canceled"),
    "wrong_state": lambda town: town.acme.cancel("active"),
    "not_editable": lambda town: town.acme.edit("active", title="x"),
    "invalid_body": lambda town: town.acme.request_session({}),
    "canceled": lambda town: town.acme.cancel("ready"),
    "edited": lambda town: town.acme.edit("ready", title="x"),
    "requested": lambda town: town.acme.request_session(A_REQUEST),
    "listed": lambda town: town.acme.sessions(),
    "requests_listed": lambda town: town.acme.session_requests(),
    "shown": lambda town: town.looked_up("ready"),
}

STATUSES: dict[AnswerName, int] = {
    "rate_limited": 429,
    "unknown_route": 404,
    "unauthorized": 401,
    "invalid_cancel_without_email": 422,
    "invalid_time": 422,
    "invalid_page": 422,
    "invalid_state": 422,
    "unknown_session": 404,
    "foreign_session": 404,
    "self_service_disabled": 403,
    "already_canceled": 409,
    "wrong_state": 409,
    "not_editable": 409,
    "invalid_body": 422,
    "canceled": 200,
    "edited": 200,
    "requested": 201,
    "listed": 200,
    "requests_listed": 200,
    "shown": 200,
}
CHOICES = [(row.name, status) for row in ANSWERS.values() for status in row.statuses[1:]]
REFUSALS = [row.name for row in ANSWERS.values() if row.refuses]


@pytest.fixture
def town(emulator: Emulator, acme: ApiCaller, initech: ApiCaller) -> Town:
    for state in ("ready", "active", "canceled"):
        emulator.put_session(state, organization="acme", state=state)
    emulator.put_session("theirs", organization="globex", state="ready")
    emulator.put_session("asked-for", organization="initech", state="scheduled")
    return Town(emulator, acme, initech)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_comes_from_its_row(town: Town, name: AnswerName) -> None:
    answer = PROVOKE[name](town)
    row = ANSWERS[name]
    assert town.emulator.calls()[-1].answer == name
    assert answer.status_code == row.statuses[0] == STATUSES[name]
    assert row.body is None or answer.json() == row.body


@pytest.mark.parametrize(("name", "status"), CHOICES)
def test_a_switch_decides_on_the_status(town: Town, name: AnswerName, status: int) -> None:
    town.emulator.put_switches(**{name: status})
    assert PROVOKE[name](town).status_code == status


def test_every_row_says_why() -> None:
    assert all(row.why for row in ANSWERS.values())


@pytest.mark.parametrize("name", sorted(set(NAMES) - CHANGES))
def test_a_refusal_changes_nothing(town: Town, name: AnswerName) -> None:
    before = town.emulator.sessions()
    PROVOKE[name](town)
    assert [one.state for one in town.emulator.sessions()] == [one.state for one in before]
    assert town.emulator.outbox() == []


def test_the_table_holds_every_name() -> None:
    assert set(ANSWERS) == set(NAMES) == set(PROVOKE)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_cancel_is_a_patch(town: Town, method: str) -> None:
    answer = town.acme.ask(method, "/api/v1/sessions/ready/cancel")
    assert (answer.status_code, town.emulator.session("ready").state) == (404, "ready")


@pytest.mark.parametrize("name", ["already_canceled", "wrong_state"])
def test_a_refusal_may_look_like_a_success(town: Town, name: AnswerName) -> None:
    town.emulator.put_switches(**{name: 200})
    assert PROVOKE[name](town).json() == CANCELED


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize(
    ("kind", "content_type", "begins"),
    [("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"), ("nothing", None, b"")],
)
def test_errors_may_have_another_body_or_none(
    town: Town, name: AnswerName, kind: str, content_type: str | None, begins: bytes
) -> None:
    town.emulator.put_switches(error_body=kind)
    answer = PROVOKE[name](town)
    assert answer.status_code == STATUSES[name]
    assert answer.headers.get("Content-Type") == content_type
    assert answer.content.startswith(begins)
    assert bool(answer.content) is bool(begins)


def test_a_204_has_no_body(town: Town) -> None:
    town.emulator.put_switches(canceled=204)
    answer = town.acme.cancel("ready")
    assert (answer.content, answer.headers.get("Content-Length")) == (b"", None)
