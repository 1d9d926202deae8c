"""docs/emulator.md cannot fall behind: its tables are those of the code, and what it shows works."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from prevail.admin import Admin
from prevail.client import Emulator, send
from prevail.controls import Controls
from prevail.faults import kinds, magic
from prevail.operations import OPERATIONS
from prevail.retry_after import RETRY_AFTER
from prevail.server import listening
from prevail.service import Service
from prevail.switch import spelled
from prevail.switches import SWITCHES, read_texts
from prevail.tls import KINDS as TLS_KINDS
from prevail.tls import TlsListeners

DOCUMENT = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")
LINES = DOCUMENT.splitlines()


def test_every_switch_is_a_row() -> None:
    rows = [
        f"| `{one.name}` | {spelled(one.default)} | {one.choices.removeprefix('one of ')} | {one.why} |"
        for one in SWITCHES.values()
    ]
    assert [row for row in rows if row not in LINES] == []


def test_every_fault_is_a_row() -> None:
    rows = [
        f"| `{kind.grammar.replace('|', '\\|')}` | {kind.does} | {kind.number or ''} |"
        for kind in kinds.KINDS.values()
    ]
    assert [row for row in rows if row not in LINES] == []


def test_every_call_is_a_row() -> None:
    rows = [
        f"| `{one.method} {one.path}` | {one.summary} | {one.basis}: {one.source} |" for one in OPERATIONS
    ]
    assert [row for row in rows if row not in LINES] == []


def test_every_tls_listener_is_a_row() -> None:
    assert [kind for kind, does in TLS_KINDS.items() if f"| `{kind}` | {does} |" not in LINES] == []


def test_every_form_of_retry_after_is_named() -> None:
    assert [form for form in RETRY_AFTER if f"`{form}`" not in DOCUMENT] == []


def own_routes() -> Iterator[str]:
    service = Service(lambda: 0.0)
    tls = TlsListeners(lambda: pytest.fail("no listener"), lambda: listening(0))
    for route in (*Admin(service).routes(), *Controls(service, tls).routes()):
        assert isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield f"{method} /_emulator{route.path}"


def test_every_call_of_its_own_is_named() -> None:
    assert [route for route in own_routes() if f"`{route}" not in DOCUMENT] == []


def test_every_id_that_is_shown_asks_for_faults_that_there_are() -> None:
    shown = re.findall(r"`([\w.-]+--fault-[\w-]+)`", DOCUMENT)
    assert len(shown) >= 3
    assert all(magic.read(name) for name in shown)


def test_every_setting_that_is_shown_can_be_set() -> None:
    shown = re.findall(r"--switch (\w+=\w+)", DOCUMENT)
    assert shown
    assert read_texts(shown)


SHOWN: list[list[str]] = [
    shlex.split(line) for line in re.findall(r"^    (curl -X .*)$", DOCUMENT, re.MULTILINE)
]


def test_the_commands_that_are_shown_are_found() -> None:
    assert len(SHOWN) >= 6


@pytest.mark.parametrize("command", SHOWN, ids=lambda command: command[3].rpartition("/")[2])
def test_a_command_that_is_shown_works(emulator: Emulator, command: list[str]) -> None:
    emulator.put_session("s-1", organization="acme", state="initial")
    method, url, *rest = command[2:]
    body: Any = json.loads(rest[1]) if rest[:1] == ["-d"] else None
    answer = send(method, url.replace("$PREVAIL", emulator.url), timeout_s=10, json=body)
    assert answer.ok, answer.text
