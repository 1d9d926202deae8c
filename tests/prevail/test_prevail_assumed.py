"""Every answer of the table can be had, and is what the table says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import pytest
import requests

from prevail.assumed import ANSWERS, AnswerName
from prevail.client import ApiCaller, Emulator

NAMES: tuple[AnswerName, ...] = get_args(AnswerName.__value__)


@dataclass(frozen=True, slots=True)
class Town:
    emulator: Emulator
    acme: ApiCaller
    initech: ApiCaller


PROVOKE: dict[AnswerName, Callable[[Town], requests.Response]] = {
    "unknown_route": lambda town: town.acme.ask("GET", "/api/v1/sessions/ready"),
    "unauthorized": lambda town: ApiCaller(town.acme.url, "x.y.z").cancel("ready"),
    "invalid_cancel_without_email": lambda town: town.acme.cancel("ready", cancel_without_email="maybe"),
    "invalid_time": lambda town: town.acme.sessions(start_time="now"),
    "invalid_page": lambda town: town.acme.sessions(page="0"),
    "unknown_session": lambda town: town.acme.cancel("nowhere"),
    "foreign_session": lambda town: town.acme.cancel("theirs"),
    "self_service_disabled": lambda town: town.initech.cancel("asked-for"),
    "already_canceled": lambda town: town.acme.cancel("canceled"),
    "wrong_state": lambda town: town.acme.cancel("active"),
    "canceled": lambda town: town.acme.cancel("ready"),
    "listed": lambda town: town.acme.sessions(),
}

STATUSES: dict[AnswerName, int] = {
    "unknown_route": 404,
    "unauthorized": 401,
    "invalid_cancel_without_email": 422,
    "invalid_time": 422,
    "invalid_page": 422,
    "unknown_session": 404,
    "foreign_session": 404,
    "self_service_disabled": 403,
    "already_canceled": 409,
    "wrong_state": 409,
    "canceled": 200,
    "listed": 200,
}


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
    assert answer.status_code == row.status == STATUSES[name]
    assert row.body is None or answer.json() == row.body


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_why(name: AnswerName) -> None:
    assert ANSWERS[name].why


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"canceled", "listed"}))
def test_a_refusal_changes_nothing(town: Town, name: AnswerName) -> None:
    PROVOKE[name](town)
    totals = town.emulator.totals()
    assert (totals.state_changes, totals.emails) == (0, 0)


def test_the_table_holds_every_name() -> None:
    assert set(ANSWERS) == set(NAMES)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_cancel_is_a_patch(town: Town, method: str) -> None:
    answer = town.acme.ask(method, "/api/v1/sessions/ready/cancel")
    assert (answer.status_code, town.emulator.session("ready").state) == (404, "ready")
