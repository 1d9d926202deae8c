"""`cancelctl privacy export | erase`."""

import json
from pathlib import Path
from typing import Any

import pytest

from builders import a_request
from cancellations.errors import Unavailable
from cancellations.lookup import entry
from cancellations.protocol.erasure import ERASED
from cancellations.writes import Item, Write
from cli.ledger import WholeLedger
from privacy.commands import Terminal

HUSH = "hushhush"
REQUEST = a_request()
WHY = ("--reason", "ticket 7")


def settled(terminal: Terminal) -> None:
    terminal.scene.arrives(reason=f"{HUSH} is ill")
    terminal.scene.take(200)


def exported(terminal: Terminal, *wanted: str) -> list[dict[str, Any]]:
    ended = terminal.cancelctl("privacy", "export", *wanted)
    assert ended.code == 0
    records: list[dict[str, Any]] = json.loads(ended.out)["records"]
    return records


def keys_of(records: list[dict[str, Any]]) -> list[str]:
    return [record["pk"] for record in records]


# ── Export ────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_is_exported_with_its_session_as_they_are_stored(terminal: Terminal) -> None:
    settled(terminal)
    assert exported(terminal, "--request", REQUEST.id) == [*terminal.scene.items().values()]


def test_a_session_is_exported_with_requests_that_never_came_to_it(terminal: Terminal) -> None:
    settled(terminal)
    terminal.scene.arrives(event_id="msg_2")
    terminal.scene.arrives(event_id="msg_3", remote_session_id="another")
    found = keys_of(exported(terminal, "--session", "acme-legal", "session-1"))
    assert found == sorted(
        (f"REQUEST#{REQUEST.id}", f"REQUEST#{a_request(event_id='msg_2').id}", "SESSION#acme-legal#session-1")
    )


def test_a_session_is_exported_with_the_ids_of_senders_that_mean_it_and_what_was_done_to_it(
    terminal: Terminal,
) -> None:
    settled(terminal)
    terminal.scene.table.write(entry("acme", "case-7", "session-1"))
    terminal.cancelctl("privacy", "erase", "--request", REQUEST.id, *WHY, "--yes")
    kinds = [key.split("#")[0] for key in keys_of(exported(terminal, "--session", "acme-legal", "session-1"))]
    assert kinds == ["LOOKUP", "REQUEST", "SESSION"]


@pytest.mark.parametrize("wanted", [HUSH, HUSH.upper(), f"{HUSH} IS"])
def test_what_matches_is_found_wherever_it_stands_in_any_case(terminal: Terminal, wanted: str) -> None:
    settled(terminal)
    terminal.scene.arrives(event_id="msg_2", remote_session_id="another")
    assert keys_of(exported(terminal, "--matching", wanted)) == [f"REQUEST#{REQUEST.id}"]


def test_every_page_of_a_large_ledger_is_read(terminal: Terminal) -> None:
    for number in range(40):
        terminal.scene.put({"pk": {"S": f"LOOKUP#acme#{number}"}, "padding": {"S": "x" * 30_000}})
    assert len(exported(terminal, "--matching", "LOOKUP#")) == 40


def test_nothing_is_exported_of_what_nobody_has_asked(terminal: Terminal) -> None:
    assert exported(terminal, "--request", "0" * 64) == []


def test_an_export_into_a_file_is_for_its_owner_only(terminal: Terminal, tmp_path: Path) -> None:
    settled(terminal)
    out = tmp_path / "export.json"
    ended = terminal.cancelctl("privacy", "export", "--request", REQUEST.id, "--out", str(out))
    assert (ended.code, ended.out) == (0, "")
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(out.read_text(encoding="utf-8"))["records"]) == 2


def test_an_export_overwrites_nothing(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "export.json"
    out.write_text("mine", encoding="utf-8")
    ended = terminal.cancelctl("privacy", "export", "--request", REQUEST.id, "--out", str(out))
    assert (ended.code, out.read_text(encoding="utf-8")) == (2, "mine")


# ── Which records ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", [("export",), ("erase", *WHY)])
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ((), "write one of"),
        (("--request", "0" * 64, "--matching", HUSH), "write one of"),
        (("--matching", "ab"), "at least 3"),
    ],
)
def test_what_is_asked_for_is_one_thing(
    terminal: Terminal, command: tuple[str, ...], wanted: tuple[str, ...], said: str
) -> None:
    ended = terminal.cancelctl("privacy", *command, *wanted)
    assert (ended.code, said in ended.err) == (2, True)


@pytest.mark.parametrize("command", [("privacy", "export", "--matching", HUSH), ("operators", "log")])
def test_a_table_that_cannot_be_read_is_a_failure(terminal: Terminal, command: tuple[str, ...]) -> None:
    terminal.scene.client.delete_table(TableName=terminal.scene.table_name)
    ended = terminal.cancelctl(*command)
    assert (ended.code, "cannot be read" in ended.err) == (1, True)


# ── Erase ─────────────────────────────────────────────────────────────────────────────────────────


def test_without_yes_it_shows_what_would_go_and_changes_nothing(terminal: Terminal) -> None:
    settled(terminal)
    before = terminal.scene.stored()
    ended = terminal.cancelctl("privacy", "erase", "--request", REQUEST.id, *WHY)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        f"REQUEST#{REQUEST.id}  would be erased:",
        "    event_id: 'msg_1'",
        f"    reason: '{HUSH} is ill'",
        "SESSION#acme-legal#session-1  nothing to erase",
    ]
    assert "--yes" in ended.err
    assert terminal.scene.stored() == before


def test_with_yes_the_words_are_gone_and_are_not_said_again(terminal: Terminal) -> None:
    settled(terminal)
    ended = terminal.cancelctl("privacy", "erase", "--matching", HUSH, *WHY, "--yes")
    assert (ended.code, ended.out) == (0, f"REQUEST#{REQUEST.id}  erased: event_id, reason\n")
    assert HUSH not in str(terminal.scene.stored())


def test_a_second_time_nothing_is_written(terminal: Terminal) -> None:
    settled(terminal)
    terminal.cancelctl("privacy", "erase", "--request", REQUEST.id, *WHY, "--yes")
    before = terminal.scene.stored()
    ended = terminal.cancelctl("privacy", "erase", "--request", REQUEST.id, *WHY, "--yes")
    assert (ended.code, ended.out.splitlines()[0]) == (0, f"REQUEST#{REQUEST.id}  nothing to erase")
    assert terminal.scene.stored() == before


def test_it_tells_programs_too(terminal: Terminal) -> None:
    settled(terminal)
    terminal.scene.table.write(entry("acme", "case-7", "session-1"))
    ended = terminal.cancelctl(
        "privacy", "erase", "--session", "acme-legal", "session-1", *WHY, "--yes", "--json"
    )
    assert json.loads(ended.out) == [
        {
            "key": "LOOKUP#acme#case-7",
            "is": "kept",
            "why": "the sender's own id is its key, and deliveries need it",
        },
        {"key": f"REQUEST#{REQUEST.id}", "is": "erased", "parts": ["event_id", "reason"]},
        {"key": "SESSION#acme-legal#session-1", "is": "nothing to erase", "parts": []},
    ]


def test_what_must_be_erased_again_later_is_exit_code_1(terminal: Terminal) -> None:
    terminal.scene.arrives(reason=HUSH)
    ended = terminal.cancelctl("privacy", "erase", "--request", REQUEST.id, *WHY, "--yes")
    assert (ended.code, "has not settled" in ended.out) == (1, True)
    assert terminal.log() == []


def test_what_changed_since_it_was_read_is_read_again(terminal: Terminal) -> None:
    settled(terminal)
    wrote = WholeLedger.write

    def after_another(self: WholeLedger, write: Write) -> Item:
        if write.key.startswith("REQUEST#"):
            terminal.monkeypatch.setattr(WholeLedger, "write", wrote)
            (stored,) = (item for item in terminal.scene.stored() if item["pk"]["S"] == write.key)
            terminal.scene.put({**stored, "reason": {"S": f"{HUSH} and more"}})
        return wrote(self, write)

    terminal.monkeypatch.setattr(WholeLedger, "write", after_another)
    ended = terminal.cancelctl("privacy", "erase", "--request", REQUEST.id, *WHY, "--yes")
    assert (ended.code, terminal.scene.items()[f"REQUEST#{REQUEST.id}"]["reason"]) == (0, ERASED)


def test_a_ledger_that_does_not_answer_is_a_failure(terminal: Terminal) -> None:
    def silent(_self: WholeLedger, _key: str) -> None:
        raise Unavailable("the table did not answer")

    terminal.monkeypatch.setattr(WholeLedger, "read", silent)
    assert terminal.cancelctl("privacy", "export", "--request", REQUEST.id).code == 1
