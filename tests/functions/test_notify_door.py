"""The door for outcomes that sources are told: the events of events/stream.json, as the rule puts them on the queue."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Never

import pytest

from builders import SIGNING_SECRET, AContext, a_source_table, some_configuration
from cancellations.adapters import ledger_stream
from cancellations.announce import Announce
from cancellations.configuration import Callback, Configuration, load_directory, load_package
from cancellations.errors import ConfigurationError, Unavailable
from cancellations.ports import Reply
from cancellations.wiring import configured as wiring
from fakes import MemoryBus
from functions.around import Around, story
from outcomes import as_event

URL = "https://crm.example.com/outcomes"
FIRST, SECOND = "message-1", "message-2"


def configured(url: str = URL, **_: bool) -> Configuration:
    """The shipped configuration, whose webhook source is called back."""
    shipped = load_package()
    called = replace(shipped.sources["example-crm"], callback=Callback(url, "crm-outcomes"))
    return replace(shipped, sources={**shipped.sources, "example-crm": called})


@pytest.fixture(autouse=True)
def called_back(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "load_package", configured)
    around.secrets.current = {"crm-outcomes": SIGNING_SECRET}


def batch(around: Around) -> dict[str, Any]:
    """Both outcomes of the story; the second is of a source that is not called back."""
    bus = MemoryBus()
    Announce(around.table, bus)(ledger_stream.changes_in(story("stream")), lambda: 60.0)
    events = [{"account": "000000000000", **as_event(one)} for one in bus.told]
    return {
        "Records": [a_record(f"message-{n}", json.dumps(event)) for n, event in enumerate(events, start=1)]
    }


def a_record(name: str, body: str, received: int = 1) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": str(received)}
    return {"messageId": name, "receiptHandle": f"receipt of {name}", "body": body, "attributes": attributes}


def failed(door: ModuleType, event: dict[str, Any]) -> list[str]:
    answer = door.handler(event, AContext())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_an_outcome_is_posted_to_the_source_that_is_called_back(notify: ModuleType, around: Around) -> None:
    assert failed(notify, batch(around)) == []
    ((url, headers, body),) = around.receivers.posted
    told = json.loads(body)
    assert (url, told["type"]) == (URL, "session.canceled")
    assert headers["webhook-id"] == told["data"]["id"]


def test_only_what_was_to_be_told_has_a_line(notify: ModuleType, around: Around) -> None:
    failed(notify, batch(around))
    told = [json.loads(line) for line in around.log.getvalue().splitlines()]
    assert [(line["decision"], line["source"], line["message_id"]) for line in told] == [
        ("notified", "example-crm", FIRST)
    ]


def test_what_failed_comes_again_in_its_own_time(notify: ModuleType, around: Around) -> None:
    around.receivers.answers = [Reply("HTTP 503", 503, 600.0)]
    assert failed(notify, batch(around)) == [FIRST]
    ((receipt, seconds),) = around.outcomes.put_off
    assert receipt == f"receipt of {FIRST}"
    assert 600 <= seconds <= 660


def test_how_often_it_has_come_counts(notify: ModuleType, around: Around) -> None:
    around.receivers.answers = [Reply("ConnectTimeout")]
    event = batch(around)
    event["Records"] = [a_record(FIRST, event["Records"][0]["body"], received=4)]
    failed(notify, event)
    ((_, seconds),) = around.outcomes.put_off
    assert seconds >= 1800


def test_a_message_that_cannot_be_put_off_comes_again_all_the_same(
    notify: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> Never:
        raise Unavailable("the queue")

    monkeypatch.setattr(around.outcomes, "come_back", silent)
    around.receivers.answers = [Reply("HTTP 500", 500)]
    assert failed(notify, batch(around)) == [FIRST]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"source": "com.example.crm"}'])
def test_what_is_no_outcome_comes_again_until_it_is_set_aside(
    notify: ModuleType, around: Around, body: str
) -> None:
    event = batch(around)
    event["Records"].append(a_record("message-3", body))
    assert failed(notify, event) == ["message-3"]
    assert len(around.receivers.posted) == 1


def test_an_accident_with_one_does_not_touch_its_neighbour(
    notify: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around.receivers, "post", broken)
    assert failed(notify, batch(around)) == [FIRST]


def test_a_log_call_that_raises_changes_no_decision(
    notify: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        notify, "logger", SimpleNamespace(info=broken, warning=broken, error=broken, exception=broken)
    )
    assert failed(notify, batch(around)) == []


OF_AN_EVENT = ("id", "source of the request", "occurred_at", "source", "detail-type", "account", "canary")


@pytest.mark.parametrize("name", OF_AN_EVENT)
@pytest.mark.parametrize("canary", ["canary/..", {"canary": "canary"}], ids=["text", "object"])
def test_nothing_of_an_outcome_but_ids_is_in_the_log(
    notify: ModuleType, around: Around, capsys: pytest.CaptureFixture[str], name: str, canary: object
) -> None:
    event = json.loads(batch(around)["Records"][0]["body"])
    if name in ("id", "occurred_at"):
        event["detail"][name] = canary
    elif name == "source of the request":
        event["detail"]["source"] = canary
    else:
        event[name] = canary
    notify.handler({"Records": [a_record(FIRST, json.dumps(event))]}, AContext())
    told = around.log.getvalue()
    assert told
    assert "canary" not in told + capsys.readouterr().out


def test_no_secret_and_no_address_is_in_the_log(notify: ModuleType, around: Around) -> None:
    around.receivers.answers = [Reply("HTTP 503", 503)]
    failed(notify, batch(around))
    assert SIGNING_SECRET not in around.log.getvalue()
    assert '"status":"put off"' in around.log.getvalue()


def test_each_call_back_is_counted(
    notify: ModuleType, around: Around, capsys: pytest.CaptureFixture[str]
) -> None:
    failed(notify, batch(around))
    around.receivers.answers = [Reply("HTTP 503", 503)]
    failed(notify, batch(around))
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"Callbacks' in line]
    names = [
        (name, metric["source"]) for metric in counted for name in metric if name.startswith("Callbacks")
    ]
    assert names == [("CallbacksTold", "example-crm"), ("CallbacksFailed", "example-crm")]


@pytest.fixture
def on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that calls Lambda's own address back."""
    callback = {"url": "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "secret": "crm-outcomes"}
    sources = {"example-crm": a_source_table(callback=callback)}
    directory = some_configuration(tmp_path, sources=sources)
    monkeypatch.setattr(wiring, "load_package", partial(load_directory, directory))


@pytest.mark.usefixtures("on_this_machine")
def test_no_process_starts_that_would_post_to_its_own_machine(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match=r"\[example-crm.callback\] url is on this machine"):
        around.door("notify", monkeypatch)


@pytest.mark.usefixtures("on_this_machine")
def test_beside_an_emulator_it_may_be(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREVAIL_URL", "http://127.0.0.1:4010")
    assert failed(around.door("notify", monkeypatch), batch(around)) == []


def broken(*_: object, **__: object) -> Never:
    raise ZeroDivisionError("an accident")
