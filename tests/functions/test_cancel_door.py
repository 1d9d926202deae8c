"""The door for messages, with the story of events/queue.json: one accepted request and one bus event."""

import json
from types import ModuleType
from typing import Any, Never

import pytest

from builders import AContext
from cancellations.answers import answer_for
from cancellations.domain import idempotency_key
from functions.around import AT, Around, story

TUESDAY = idempotency_key("example-legal", "example-crm", "msg_31415926")
WEDNESDAY = idempotency_key("example-legal", "example-bus", "crm-2718")
FIRST, SECOND = "message-1", "message-2"


@pytest.fixture(autouse=True)
def accepted(around: Around) -> None:
    """The request of the first message; the bus event of the second is accepted by the worker."""
    assert around.accepted().id == TUESDAY


def failed(door: ModuleType, event: dict[str, Any]) -> list[str]:
    """The ids of the messages that come again."""
    answer = door.handler(event, AContext())
    assert answer.keys() == {"batchItemFailures"}
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def with_body(message: str, body: str) -> dict[str, Any]:
    """The story with another body in one of its messages."""
    told = story("queue")
    (record,) = (record for record in told["Records"] if record["messageId"] == message)
    record["body"] = body
    return told


def test_both_messages_of_the_story_settle(cancel: ModuleType, around: Around) -> None:
    assert failed(cancel, story("queue")) == []
    assert sorted(around.prevail.patched) == [("session-of-tuesday", True), ("session-of-wednesday", False)]
    assert (around.settled(TUESDAY), around.settled(WEDNESDAY)) == ("canceled", "canceled")


def test_the_story_told_twice_is_sent_once(cancel: ModuleType, around: Around) -> None:
    for _ in range(2):
        assert failed(cancel, story("queue")) == []
    assert len(around.prevail.patched) == 2


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "{}", '{"version": 2, "request": {}}'])
def test_of_a_batch_only_the_bad_message_comes_again(cancel: ModuleType, around: Around, body: str) -> None:
    assert failed(cancel, with_body(FIRST, body)) == [FIRST]
    assert around.settled(WEDNESDAY) == "canceled"


@pytest.mark.parametrize("session", ["../../x", "victim#", "victim?title=owned&x=", "//evil.example"])
def test_forged_messages_end_as_dead_letters_and_open_no_breaker(
    cancel: ModuleType, around: Around, session: str
) -> None:
    forged = json.loads(story("queue")["Records"][0]["body"])
    forged["request"]["remote_session_id"] = session
    for _ in range(6):
        assert failed(cancel, with_body(FIRST, json.dumps(forged))) == [FIRST]
    assert {patched for patched, _ in around.prevail.patched} == {"session-of-wednesday"}
    assert [key for key in around.table.items if key.startswith("GUARD#")] == []


@pytest.mark.parametrize(
    ("message", "session"), [(FIRST, "session-of-tuesday"), (SECOND, "session-of-wednesday")]
)
def test_an_accident_with_one_message_does_not_touch_its_neighbour(
    cancel: ModuleType, around: Around, message: str, session: str
) -> None:
    around.prevail.over = session
    assert failed(cancel, story("queue")) == [message]
    assert [patched for patched, _ in around.prevail.patched] != []
    assert session not in [patched for patched, _ in around.prevail.patched]


def test_a_message_that_comes_again_is_told_with_its_cause_and_without_its_body(
    cancel: ModuleType, around: Around
) -> None:
    failed(cancel, with_body(FIRST, '{"version": 1, "request": {"reason": "hushhush"}}'))
    told = around.log.getvalue()
    assert FIRST in told
    assert "Malformed" in told
    assert "hushhush" not in told


@pytest.mark.parametrize(
    ("line", "event", "again"),
    [
        ("info", story("queue"), []),
        ("error", with_body(FIRST, "{}"), [FIRST]),
    ],
)
def test_a_log_call_that_raises_changes_no_decision(
    cancel: ModuleType, monkeypatch: pytest.MonkeyPatch, line: str, event: dict[str, Any], again: list[str]
) -> None:
    monkeypatch.setattr(cancel.logger, line, broken)
    assert failed(cancel, event) == again


def test_an_accident_that_cannot_be_logged_stays_one_messages_own(
    cancel: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.prevail.over = "session-of-tuesday"
    monkeypatch.setattr(cancel.logger, "exception", broken)
    assert failed(cancel, story("queue")) == [FIRST]


# ── The deposition is about to begin ──────────────────────────────────────────────────────────────


@pytest.fixture
def soon(around: Around) -> dict[str, Any]:
    """The first message, of a deposition that begins in half an hour; Prevail does not answer."""
    around.prevail.answers = [answer_for(503, wait=1200.0)]
    told = story("queue")
    told["Records"] = [record for record in told["Records"] if record["messageId"] == FIRST]
    (record,) = told["Records"]
    message = json.loads(record["body"])
    message["request"]["starts_at"] = AT + 1800
    record["body"] = json.dumps(message)
    return told


def test_a_request_that_may_be_late_is_marked(
    cancel: ModuleType, around: Around, soon: dict[str, Any]
) -> None:
    assert failed(cancel, soon) == []
    assert around.request(TUESDAY)["escalated_at"] == AT


def test_a_request_that_may_be_late_is_logged_as_a_warning_once(
    cancel: ModuleType, around: Around, soon: dict[str, Any]
) -> None:
    for _ in range(2):
        failed(cancel, soon)
        around.clock.now += 60
    lines = [json.loads(line) for line in around.log.getvalue().splitlines()]
    levels = [(line["level"], line.get("escalated")) for line in lines if line.get("decision") == "postponed"]
    assert levels == [("WARNING", True), ("INFO", None)]


def test_a_request_that_may_be_late_is_counted_once(
    cancel: ModuleType, around: Around, soon: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        failed(cancel, soon)
        around.clock.now += 60
    counted = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if "RequestsEscalated" in line
    ]
    assert [(metric["RequestsEscalated"], metric["source"]) for metric in counted] == [([1.0], "example-crm")]


def test_a_request_that_is_in_time_is_neither_marked_nor_counted(
    cancel: ModuleType, around: Around, capsys: pytest.CaptureFixture[str]
) -> None:
    around.prevail.answers = [answer_for(503)]
    failed(cancel, story("queue"))
    assert "escalated_at" not in around.request(TUESDAY)
    assert "RequestsEscalated" not in capsys.readouterr().out
    assert "WARNING" not in around.log.getvalue()


def broken(*_: object, **__: object) -> Never:
    raise ZeroDivisionError("an accident")
