"""Every change by hand is written down before it is made, and stays as it was written."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from moto import mock_aws

from builders import NOW, a_request
from cancellations.domain import OWN_CALLERS
from cancellations.errors import Unavailable
from cancellations.protocol.operators import PREFIX, Entry, note
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.writes import ConditionFailed, Write
from cli import cancel, operators
from cli.ledger import WholeLedger
from house.template import of_type
from privacy.commands import ARN, Terminal
from stack import StackError
from trial.gallery import Ask
from trial.senders import EVENTS

REQUEST = a_request()
MAP = ("sources", "map", "clio", "7", "session-7", "--table", "ledger", "--config", str(EVENTS / "config"))
PAUSE = ("guards", "pause", "acme-legal", "--reason", "a test")


def test_a_pause_is_on_the_log_with_who_what_when_and_why(terminal: Terminal) -> None:
    terminal.cancelctl(*PAUSE)
    (entry,) = terminal.log()
    assert {name: entry[name] for name in entry if name not in ("pk", "before", "after")} == {
        "schema": 1,
        "at": NOW,
        "who": "somebody",
        "what": "guards pause",
        "about": "GUARD#acme-legal",
        "why": "a test",
        "expires_at": int(NOW) + KEPT_FOR_S,
    }


def test_what_was_before_and_after_is_on_the_log(terminal: Terminal) -> None:
    terminal.cancelctl(*PAUSE, "--by", "on call")
    terminal.scene.clock.now += 60
    terminal.cancelctl("guards", "resume", "acme-legal")
    paused, resumed = terminal.log()
    assert (paused["before"], paused["after"]) == ({}, {"paused_by": "on call", "paused_reason": "a test"})
    assert resumed["before"] == {"paused_by": "on call", "paused_reason": "a test", "paused_at": NOW}
    assert resumed["after"] == {"paused_by": None, "paused_reason": None, "paused_at": None}


@pytest.mark.parametrize(
    ("command", "what", "about"),
    [
        (("guards", "resume", "acme-legal"), "guards resume", "GUARD#acme-legal"),
        (("guards", "release", "acme"), "guards release", "CAP#acme"),
        (MAP, "sources map", "LOOKUP#clio#7"),
        (
            ("privacy", "erase", "--request", REQUEST.id, "--reason", "t", "--yes"),
            "privacy erase",
            f"REQUEST#{REQUEST.id}",
        ),
    ],
)
def test_every_command_that_changes_the_ledger_is_on_the_log(
    terminal: Terminal, command: tuple[str, ...], what: str, about: str
) -> None:
    terminal.scene.arrives()
    terminal.scene.take(200)
    assert terminal.cancelctl(*command).code == 0
    assert [(entry["what"], entry["about"]) for entry in terminal.log()] == [(what, about)]


def test_no_word_that_is_erased_is_on_the_log(terminal: Terminal) -> None:
    terminal.scene.arrives(reason="hushhush")
    terminal.scene.take(200)
    terminal.cancelctl("privacy", "erase", "--matching", "hushhush", "--reason", "ticket 7", "--yes")
    (entry,) = terminal.log()
    assert entry["after"] == {"erased": ["event_id", "reason"]}
    assert "hushhush" not in str(entry)


def test_a_change_is_written_down_before_it_is_made(terminal: Terminal) -> None:
    wrote = WholeLedger.write
    written: list[str] = []

    def noted(self: WholeLedger, write: Write) -> object:
        written.append(write.key.split("#")[0])
        return wrote(self, write)

    terminal.monkeypatch.setattr(WholeLedger, "write", noted)
    terminal.cancelctl(*PAUSE)
    assert written == ["OPERATOR", "GUARD"]


def test_what_cannot_be_written_down_is_not_done(terminal: Terminal) -> None:
    def silent(_self: WholeLedger, write: Write) -> object:
        raise Unavailable(f"the table did not answer for {write.key}")

    terminal.monkeypatch.setattr(WholeLedger, "write", silent)
    assert terminal.cancelctl(*PAUSE).code == 1
    assert terminal.scene.stored() == []


def test_a_change_that_was_refused_is_on_the_log_as_that(terminal: Terminal) -> None:
    terminal.scene.put({"pk": {"S": "GUARD#acme-legal"}, "schema": {"N": "2"}})
    ended = terminal.cancelctl(*PAUSE)
    assert (ended.code, "a newer version" in ended.err) == (2, True)
    assert {entry["what"] for entry in terminal.log()} == {"guards pause", "guards pause, which was not done"}


def test_an_entry_is_never_written_over(terminal: Terminal) -> None:
    write = note(Entry(NOW, "somebody", "guards pause", "GUARD#acme-legal"), token="name")
    terminal.ledger.write(write)
    with pytest.raises(ConditionFailed):
        terminal.ledger.write(note(Entry(NOW, "another", "nothing", "GUARD#acme-legal"), token="name"))
    assert [entry["who"] for entry in terminal.log()] == ["somebody"]


def test_showing_and_exporting_write_nothing(terminal: Terminal) -> None:
    for command in (
        ("guards", "show", "acme-legal"),
        ("privacy", "export", "--matching", "acme"),
        ("operators", "log"),
    ):
        assert terminal.cancelctl(*command).code == 0
    assert terminal.scene.stored() == []


# ── Who ───────────────────────────────────────────────────────────────────────────────────────────


def test_in_aws_it_is_whoever_aws_knows(terminal: Terminal) -> None:
    terminal.cancelctl(*PAUSE, "--table", "ledger", "--by", "on call")
    (entry,) = terminal.log()
    assert entry["who"] == ARN


def test_where_aws_cannot_say_who_it_is_nothing_is_changed(terminal: Terminal) -> None:
    def nobody() -> str:
        raise StackError("AWS cannot say who you are")

    terminal.monkeypatch.setattr(operators, "caller_arn", nobody)
    assert terminal.cancelctl(*PAUSE, "--table", "ledger").code == 1
    assert terminal.scene.stored() == []


def test_aws_is_asked_for_the_callers_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        assert operators.caller_arn().startswith("arn:aws:sts::123456789012:")


# ── Showing ───────────────────────────────────────────────────────────────────────────────────────


def test_the_log_is_shown_in_the_order_of_time(terminal: Terminal) -> None:
    terminal.cancelctl(*PAUSE)
    terminal.scene.clock.now += 60
    terminal.cancelctl("guards", "release", "acme", "--reason", "it is meant")
    assert terminal.cancelctl("operators", "log").out.splitlines() == [
        "2027-01-15T08:00:00Z  guards pause  GUARD#acme-legal  by somebody: a test",
        "2027-01-15T08:01:00Z  guards release  CAP#acme  by somebody: it is meant",
    ]


def test_the_log_is_shown_of_some_records_and_to_programs(terminal: Terminal) -> None:
    terminal.cancelctl(*PAUSE)
    terminal.cancelctl("guards", "release", "acme")
    shown = json.loads(terminal.cancelctl("operators", "log", "--about", "CAP#", "--json").out)
    assert [entry["what"] for entry in shown] == ["guards release"]


# ── Asking by hand ────────────────────────────────────────────────────────────────────────────────


def test_who_asks_by_hand_is_on_the_log_without_the_reason(terminal: Terminal) -> None:
    """It stands in the request, from where it can be erased."""
    ask = Ask("key-1", {"organization": "acme-legal", "remote_session_id": "s1", "reason": "hushhush"})
    cancel.note_ask(terminal.ledger, None, "somebody", ask)
    (entry,) = terminal.log()
    request = a_request(source=OWN_CALLERS, event_id="key-1").id
    assert (entry["what"], entry["about"], entry["after"]) == (
        "cancel",
        "SESSION#acme-legal#s1",
        {"request": request},
    )
    assert "hushhush" not in str(entry)


def test_where_to_write_it_goes_with_an_address(terminal: Terminal) -> None:
    assert terminal.cancelctl("cancel", "acme-legal", "s1", "--table", "ledger").code == 2


# ── Functions ─────────────────────────────────────────────────────────────────────────────────────


def writing_statements() -> list[dict[str, Any]]:
    policies = (policy for role in of_type("AWS::IAM::Role").values() for policy in role.get("Policies", []))
    written = (statement for policy in policies for statement in policy["PolicyDocument"]["Statement"])
    either = (part for s in written for part in (s["Fn::If"][1:] if "Fn::If" in s else [s]))
    statements = [statement for statement in either if "Effect" in statement]
    writing = re.compile(r"dynamodb:(Update|Put|Delete|Batch|Transact|PartiQL)")
    return [s for s in statements if s["Effect"] == "Allow" and writing.search(str(s["Action"]))]


def test_no_function_may_write_to_the_log() -> None:
    for statement in writing_statements():
        (keys,) = (
            c["dynamodb:LeadingKeys"] for op, c in statement["Condition"].items() if "StringLike" in op
        )
        assert [pattern for pattern in keys if fnmatchcase(f"{PREFIX}2027", pattern)] == []
    assert writing_statements()
