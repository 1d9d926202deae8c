"""All that an emulator knows can be written out and read back, there or elsewhere."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from prevail.client import AdminRefused, ApiCaller, Emulator
from prevail.server import running
from prevail.tokens import sign

KEY = "acme" * 10


def lived(emulator: Emulator, acme: ApiCaller) -> None:
    """Something of everything."""
    emulator.put_session("s-1", organization="acme", state="ready", title="Doe \u200b v. Roe", case="4711")
    emulator.put_session("s-2", organization="acme", state="initial", postback_url="http://192.0.2.1/")
    emulator.put_faults({"fault": "503", "method": "GET", "count": 3, "for_s": 1000, "seed": 4})
    emulator.put_switches(already_canceled=422)
    emulator.put_switches_of("acme", error_body="html")
    acme.cancel("s-1")
    acme.cancel("s-1")
    acme.sessions()
    acme.edit("s-1", title="x")


def test_another_emulator_goes_on_from_there(emulator: Emulator, acme: ApiCaller) -> None:
    lived(emulator, acme)
    with running() as url:
        other = Emulator(url)
        other.put_state(emulator.state())
        assert other.state() == emulator.state()
        assert (other.sessions(), other.outbox()) == (emulator.sessions(), emulator.outbox())
        caller = ApiCaller(url, sign("acme", KEY, expires_at=time.time() + 300))
        answer = caller.cancel("s-1")
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, "text/html; charset=utf-8")
        assert [caller.sessions().status_code for _ in range(3)] == [503, 503, 200]
        assert other.session("s-1").patches == emulator.session("s-1").patches + 1


def test_what_was_there_is_gone(emulator: Emulator, acme: ApiCaller) -> None:
    empty = emulator.state()
    lived(emulator, acme)
    emulator.put_state(empty)
    assert (emulator.sessions(), emulator.outbox(), emulator.calls(), emulator.faults()) == ([], [], [], [])
    assert emulator.put_switches()["already_canceled"] == 409


def test_keys_are_in_it_and_no_cache_may_keep_it(emulator: Emulator) -> None:
    answer = requests.get(f"{emulator.url}/_emulator/state", timeout=10)
    assert KEY in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_state_is_json_all_through(emulator: Emulator, acme: ApiCaller) -> None:
    lived(emulator, acme)
    state = emulator.state()
    assert json.loads(json.dumps(state)) == state


WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "version": (lambda state: state.update(version=2), "version: must be 1"),
    "unknown": (lambda state: state.update(calls=[]), "calls: is not a field"),
    "organization": (
        lambda state: state["organizations"][0].pop("api_key"),
        "organizations[0].api_key: must be",
    ),
    "session": (
        lambda state: state["sessions"][0].update(state="lost"),
        "sessions[0].state: must be one of initial",
    ),
    "mail": (lambda state: state["outbox"][0].pop("at"), "outbox[0].at: must be a number"),
    "switch": (lambda state: state["switches"].update(x=1), "x: is no switch"),
    "own": (lambda state: state["organization_switches"].update(acme=1), "body: must be an object"),
    "fault": (lambda state: state["faults"][0].update(hits=-1), "rules[0].hits: must be a whole number"),
    "count": (
        lambda state: state["counts"]["patches"].update(s=-1),
        "counts.patches.s: must be a whole number",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_state_is_told_its_field_and_changes_nothing(
    emulator: Emulator, acme: ApiCaller, name: str
) -> None:
    lived(emulator, acme)
    before = emulator.state()
    spoil, told = WRONG[name]
    wrong = emulator.state()
    spoil(wrong)
    with pytest.raises(AdminRefused) as refused:
        emulator.put_state(wrong)
    assert str(refused.value).startswith(told)
    assert emulator.state() == before
