"""The door for the ledger's stream, with the story of events/stream.json: one request settles, another is held."""

import json
from types import ModuleType
from typing import Any, Never

import pytest

from builders import AContext
from cancellations.domain import idempotency_key
from cancellations.errors import Unavailable
from functions.around import Around, story
from outcomes import as_event, faults_of

TUESDAY = idempotency_key("example-legal", "example-crm", "msg_31415926")
WEDNESDAY = idempotency_key("example-legal", "example-bus", "crm-2718")
FIRST, SECOND = f"{1:021}", f"{2:021}"


def again(door: ModuleType, event: dict[str, Any] | None = None) -> list[str]:
    """The sequence numbers from which on all comes again."""
    answer = door.handler(event or story("stream"), AContext())
    assert answer.keys() == {"batchItemFailures"}
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def lines(around: Around) -> list[dict[str, Any]]:
    return [json.loads(line) for line in around.log.getvalue().splitlines()]


def test_the_story_is_announced_in_its_order(announce: ModuleType, around: Around) -> None:
    assert again(announce) == []
    told = [(one.detail_type, one.request_id) for one in around.bus.told]
    assert told == [("Session Canceled", TUESDAY), ("Cancellation Held", WEDNESDAY)]


def test_what_is_announced_is_what_the_schema_says(announce: ModuleType, around: Around) -> None:
    again(announce)
    assert [faults_of(as_event(one)) for one in around.bus.told] == [[], []]


@pytest.mark.parametrize(
    ("refused", "comes_again"), [("Session Canceled", [FIRST]), ("Cancellation Held", [SECOND])]
)
def test_what_the_bus_refuses_comes_again_and_all_after_it(
    announce: ModuleType, around: Around, refused: str, comes_again: list[str]
) -> None:
    around.bus.refuse = {refused: "InternalFailure"}
    assert again(announce) == comes_again


def test_a_batch_that_comes_again_is_told_with_the_same_ids(announce: ModuleType, around: Around) -> None:
    for _ in range(2):
        again(announce)
    ids = [one.detail["id"] for one in around.bus.told]
    assert ids[:2] == ids[2:]


def test_changes_that_the_filters_let_through_in_vain_are_no_news(
    announce: ModuleType, around: Around
) -> None:
    told = story("stream")
    for record in told["Records"]:
        record["dynamodb"]["OldImage"] = record["dynamodb"]["NewImage"]
    assert again(announce, told) == []
    assert around.bus.calls == []


def test_a_record_that_expires_is_no_news(announce: ModuleType, around: Around) -> None:
    told = story("stream")
    for record in told["Records"]:
        del record["dynamodb"]["NewImage"]
    assert again(announce, told) == []
    assert around.bus.calls == []


def test_a_record_that_cannot_be_read_comes_again(announce: ModuleType, around: Around) -> None:
    told = story("stream")
    del told["Records"][1]["dynamodb"]["NewImage"]["remote_session_id"]
    assert again(announce, told) == [SECOND]
    assert [one.request_id for one in around.bus.told] == [TUESDAY]


def test_each_event_has_a_line_and_a_count(
    announce: ModuleType, around: Around, capsys: pytest.CaptureFixture[str]
) -> None:
    again(announce)
    told = [(line["event"], line["id"]) for line in lines(around) if line.get("decision") == "announced"]
    assert told == [(one.detail_type, one.detail["id"]) for one in around.bus.told]
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"Announced"' in line]
    assert [(metric["event"], metric["Announced"]) for metric in counted] == [
        ("Session Canceled", [1.0]),
        ("Cancellation Held", [1.0]),
    ]


def test_a_stream_that_stands_still_is_an_error_in_the_log_with_its_cause(
    announce: ModuleType, around: Around
) -> None:
    around.bus.refuse = {"Session Canceled": "InternalFailure"}
    again(announce)
    (line,) = (line for line in lines(around) if line["level"] == "ERROR")
    assert (line["sequence"], line["cause"]) == (FIRST, "the bus refused it: InternalFailure")


def test_no_words_of_people_are_in_the_log(announce: ModuleType, around: Around) -> None:
    again(announce)
    assert "The case settled." not in around.log.getvalue()


def test_a_log_call_that_raises_changes_no_decision(
    announce: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce.logger, "info", broken)
    assert again(announce) == []
    assert len(around.bus.told) == 2


def test_an_accident_is_an_error_of_the_function(
    announce: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around.bus, "put", broken)
    with pytest.raises(ZeroDivisionError):
        again(announce)


def test_a_bus_that_does_not_answer_is_no_error_of_the_function(
    announce: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> Never:
        raise Unavailable("the bus did not answer")

    monkeypatch.setattr(around.bus, "put", silent)
    assert again(announce) == [FIRST]


def broken(*_: object, **__: object) -> Never:
    raise ZeroDivisionError("an accident")
