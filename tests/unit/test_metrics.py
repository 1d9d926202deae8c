"""What happens, as the lines that CloudWatch reads metrics out of."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from builders import a_request
from cancellations.adapters import metrics, threads
from cancellations.adapters.measures import MEASURES, NAMESPACE
from cancellations.admission import Conflicted, Received
from cancellations.announce import Announced, Stopped
from cancellations.answers import Answer, Unread, answer_for
from cancellations.domain import Guard, Outcome
from cancellations.errors import Malformed, SignatureRefused, TooLarge, UnknownRequest
from cancellations.intake import Ignored
from cancellations.ports import Announcement, Came
from cancellations.receive import Arrival, Rejected, Result
from cancellations.settlement import Postponed
from cancellations.sweep import Swept
from cancellations.waits import GUARDS, HeldBy, Waits, after
from cancellations.work import Worked

NOW = 1_800_000_000.0
REQUEST = a_request(accepted_at=NOW - 7.5, reason="hushhush", requested_by="hushhush")
SEEN = {"message_id": "message-1"}
NEW = Received(REQUEST, "queued", replayed=False)

type Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lines:
    """The lines that were written since it was asked last."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "the-stack")
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def readings(line: Mapping[str, Any]) -> dict[str, float]:
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    return {metric["Name"]: line[metric["Name"]][0] for metric in directive["Metrics"]}


def dimensions(line: Mapping[str, Any]) -> dict[str, str]:
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    (named,) = directive["Dimensions"]
    return {name: line[name] for name in named}


def counted(lines: Lines) -> list[str]:
    return [name for line in lines() for name in readings(line)]


def arrival(*results: Result, key: str = "current") -> Arrival:
    return Arrival("acme", results, "several", key)


# ── The form ──────────────────────────────────────────────────────────────────────────────────────


def test_a_line_has_the_stack_and_at_most_one_more_dimension(lines: Lines) -> None:
    metrics.of_work(Worked(REQUEST, Outcome("canceled")), NOW, SEEN)
    (line,) = lines()
    assert dimensions(line) == {"service": "the-stack", "outcome": "canceled"}
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == NAMESPACE


def test_a_line_says_which_request_it_is_about_without_making_it_a_dimension(lines: Lines) -> None:
    metrics.of_work(Worked(REQUEST, Outcome("refused", "wrong_state")), NOW, SEEN)
    (line,) = lines()
    assert (line["request"], line["source"], line["reason"]) == (REQUEST.id, REQUEST.source, "wrong_state")
    assert "hushhush" not in str(line)


def test_a_line_is_written_in_one_piece_for_other_threads_write_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pieces:
        def __init__(self) -> None:
            self.written: list[str] = []

        def write(self, text: str) -> None:
            self.written.append(text)

        def flush(self) -> None:
            """Nothing is kept back."""

    pieces = Pieces()
    monkeypatch.setattr(sys, "stdout", pieces)
    list(threads.each(lambda _: metrics.of_message(SEEN), range(50)))
    assert len(pieces.written) == 50
    assert [text for text in pieces.written if not (json.loads(text) and text.endswith("}\n"))] == []


def test_what_cannot_be_counted_is_nobodys_trouble(lines: Lines) -> None:
    metrics.count("NoSuchMeasure", {})
    assert lines() == []


# ── Receive ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("result", "names"),
    [
        (NEW, ["RequestsAccepted"]),
        (Received(REQUEST, "queued", replayed=True), []),
        (
            Received(REQUEST, "observed", replayed=False),
            ["RequestsAccepted", "RequestsSettled", "TimeToSettle"],
        ),
        (Received(REQUEST, "observed", replayed=True), []),
        (Ignored("acme", "canceled"), []),
        (Conflicted(REQUEST), ["DeliveriesRejected"]),
        (Rejected(Malformed("no session")), ["DeliveriesRejected"]),
    ],
)
def test_each_item_of_a_delivery_is_counted_for_what_became_of_it(
    lines: Lines, result: Result, names: list[str]
) -> None:
    metrics.of_arrival(arrival(result), SEEN)
    assert counted(lines) == names
    metrics.of_work(Worked(None, (result,)), NOW, SEEN)
    assert [name for name in counted(lines) if name != "MessagesReturned"] == names


def test_an_ask_of_a_caller_is_counted_too(lines: Lines) -> None:
    metrics.of_arrival(NEW, SEEN)
    assert counted(lines) == ["RequestsAccepted"]


@pytest.mark.parametrize(
    ("key", "names"), [("current", []), ("key set", []), ("previous", ["OldSigningSecretUsed"])]
)
def test_a_secret_that_is_to_be_retired_is_counted_with_its_source(
    lines: Lines, key: str, names: list[str]
) -> None:
    metrics.of_arrival(arrival(key=key), SEEN)
    found = lines()
    assert [name for line in found for name in readings(line)] == names
    assert [line["source"] for line in found] == ["acme"] * len(names)


@pytest.mark.parametrize(
    ("error", "names"),
    [
        (SignatureRefused("no signature fits"), ["SignaturesRefused"]),
        (SignatureRefused("no signature fits", stranger=True), ["StrangersRefused"]),
        (Malformed("remote_session_id is missing"), ["DeliveriesRejected"]),
        (TooLarge("over the limit"), []),
        (UnknownRequest(), []),
    ],
)
def test_a_refusal_is_counted_by_who_must_look_at_it(
    lines: Lines, error: Exception, names: list[str]
) -> None:
    metrics.of_refusal(error, {"source": "acme"})
    assert counted(lines) == names


def test_what_a_caller_of_the_api_wrote_wrongly_is_its_own_to_read(lines: Lines) -> None:
    metrics.of_refusal(Malformed("remote_session_id is missing"), {"route": "POST /v1/requests"})
    assert counted(lines) == []


# ── Cancel ────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_that_settles_is_counted_by_outcome_with_the_time_it_took(lines: Lines) -> None:
    metrics.of_work(Worked(REQUEST, Outcome("canceled")), NOW, SEEN)
    (line,) = lines()
    assert readings(line) == {"RequestsSettled": 1, "TimeToSettle": 7.5}


def test_a_request_that_had_settled_before_is_not_counted_again(lines: Lines) -> None:
    metrics.of_work(Worked(REQUEST, Outcome("canceled", again=True)), NOW, SEEN)
    assert lines() == []


def test_a_bus_event_that_brings_a_new_request_is_counted_as_accepted(lines: Lines) -> None:
    metrics.of_work(Worked(REQUEST, Outcome("canceled"), "bus-1", accepted=True), NOW, SEEN)
    assert counted(lines)[0] == "RequestsAccepted"


@pytest.mark.parametrize("reason", ["not_permitted", "redirected"])
def test_a_refusal_that_would_meet_everybody_is_counted_apart(lines: Lines, reason: str) -> None:
    metrics.of_work(Worked(REQUEST, Outcome("refused", reason)), NOW, SEEN)
    assert "AccessRefused" in counted(lines)


@pytest.mark.parametrize(("by", "guard"), GUARDS.items())
def test_a_request_that_is_held_is_counted_by_what_holds_it(lines: Lines, by: HeldBy, guard: Guard) -> None:
    metrics.of_work(Worked(REQUEST, Postponed("held", Waits(by), 120)), NOW, SEEN)
    (line,) = lines()
    assert (readings(line), dimensions(line)["guard"]) == ({"RequestsHeld": 1}, guard)


def test_a_request_that_is_held_for_no_guards_sake_is_counted_all_the_same(lines: Lines) -> None:
    metrics.of_work(Worked(REQUEST, Postponed("held", Waits("turn"), 120)), NOW, SEEN)
    assert counted(lines) == ["RequestsHeld"]


@pytest.mark.parametrize(
    ("postponed", "names"),
    [
        (Postponed("retrying", after(answer_for(503), "answer"), 30), []),
        (Postponed("in_flight", Waits("session"), 30), []),
        (Postponed("outcome_unknown", Waits("doubt"), 90), ["OutcomesUnknown"]),
        (Postponed("retrying", after(answer_for(503), "answer"), 30, escalated=True), ["RequestsEscalated"]),
    ],
)
def test_a_request_that_is_put_off_is_counted_where_somebody_may_have_to_act(
    lines: Lines, postponed: Postponed, names: list[str]
) -> None:
    metrics.of_work(Worked(REQUEST, postponed), NOW, SEEN)
    assert counted(lines) == names


def test_a_message_that_is_for_a_person_is_counted_as_one_that_comes_again(lines: Lines) -> None:
    metrics.of_work(Worked(None, (NEW, Rejected(Malformed("no session")))), NOW, SEEN)
    assert counted(lines) == ["RequestsAccepted", "DeliveriesRejected", "MessagesReturned"]


# ── Calls to Prevail ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("came", "meaning", "answer"),
    [
        (Answer("canceled", "success", 200, "hushhush"), "canceled", "HTTP 200"),
        (Answer("unknown", "ReadTimeout"), "unknown", "ReadTimeout"),
        (Unread(Answer("our_key", "unauthorized", 401, "hushhush")), "our_key", "HTTP 401"),
        ("scheduled", "state_read", "state scheduled"),
        ("hushhush", "state_read", "another state"),
    ],
)
def test_a_call_is_measured_by_what_it_came_to_without_a_word_of_prevails(
    lines: Lines, came: Came, meaning: str, answer: str
) -> None:
    metrics.of_call(REQUEST, "cancel", came, 0.25)
    (line,) = lines()
    assert (readings(line), dimensions(line)["meaning"]) == ({"PrevailCallDuration": 250}, meaning)
    assert (line["request"], line["call"], line["answer"]) == (REQUEST.id, "cancel", answer)
    assert "hushhush" not in str(line)


# ── Sweep ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_that_did_nothing_writes_no_line(lines: Lines) -> None:
    metrics.of_sweep(Swept(), NOW)
    assert lines() == []


def test_what_a_run_did_is_counted_and_what_it_gave_up_has_settled(lines: Lines) -> None:
    given_up = ((a_request(event_id="2"), Outcome("needs_review", "pipeline")),)
    metrics.of_sweep(Swept((REQUEST, REQUEST), given_up, ("a row",)), NOW)
    found = {name: value for line in lines() for name, value in readings(line).items()}
    assert {name: found[name] for name in ("RequestsSettled", "RequestsPutBack", "RequestsNotSwept")} == {
        "RequestsSettled": 1,
        "RequestsPutBack": 2,
        "RequestsNotSwept": 1,
    }


# ── Announce ──────────────────────────────────────────────────────────────────────────────────────


def test_events_are_counted_by_kind_and_a_stream_that_stops_is_counted_too(lines: Lines) -> None:
    told = tuple(Announcement("Session Canceled", request_id, NOW, {}) for request_id in ("1", "2"))
    metrics.of_announced(Announced(told, Stopped("7", "the bus refused it")))
    announced, stopped = lines()
    assert (readings(announced), dimensions(announced)["event"]) == ({"Announced": 2}, "Session Canceled")
    assert (readings(stopped), stopped["sequence"]) == ({"AnnouncementsStopped": 1}, "7")


# ── The table ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_is_named_in_pascal_case_and_its_dimension_has_few_values(name: str) -> None:
    measure = MEASURES[name]
    assert name.isalpha()
    assert name[0].isupper()
    assert (measure.dimension is None) == (not measure.values)
    assert len(measure.values) <= 10
