"""Structured and batched events; binary ones have a file of their own."""

import base64
import json

import pytest

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source import bodies
from cancellations.source.bodies import batch

STRUCTURED = "application/cloudevents+json; charset=UTF-8"
BATCHED = "application/cloudevents-batch+json; charset=UTF-8"


def an_event(**changes: Json) -> dict[str, Json]:
    """A valid event; `changes` replace or add attributes."""
    event: dict[str, Json] = {
        "specversion": "1.0",
        "id": "off-1",
        "source": "/crm/depositions",
        "type": "example.deposition.canceled",
    }
    return event | changes


def without(name: str) -> dict[str, Json]:
    return {key: value for key, value in an_event().items() if key != name}


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def read(document: Json | bytes, content_type: str = STRUCTURED) -> Json:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return bodies.read("cloudevents", Delivery("acme", {"content-type": content_type}, raw))


# ── One event ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "event",
    [
        an_event(),
        an_event(data={"remote_session_id": "session-1"}),
        an_event(data=None),
        an_event(data="text that looks like JSON: {}"),
        an_event(datacontenttype="text/xml", data="<off/>"),
        an_event(datacontenttype=None, subject=None, time=None),
        an_event(sequence=7, urgent=True, x9="nein, danke"),
    ],
)
def test_an_event_is_read_as_it_is(event: Json) -> None:
    assert read(event) == event


@pytest.mark.parametrize("content_type", ["Application/CloudEvents+JSON", "application/cloudevents+json"])
def test_the_name_of_the_format_has_no_case(content_type: str) -> None:
    assert read(an_event(), content_type) == an_event()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/cloudevents",
        "application/cloudevents+avro",
        "application/cloudevents+xml",
        "application/cloudevents-batch",
        "application/cloudevents-batch+protobuf",
        "application/cloudevents-stream+json",
    ],
)
def test_another_format_of_events_is_unsupported(content_type: str) -> None:
    with pytest.raises(UnsupportedBody, match="formats of CloudEvents"):
        read(an_event(), content_type)


BAD_EVENTS: dict[str, tuple[Json, str]] = {
    "a-list": ([an_event()], "not an object"),
    "text": ("event", "not an object"),
    "null": (None, "not an object"),
    "no-version": (without("specversion"), "specversion"),
    "no-id": (without("id"), "id is missing"),
    "no-source": (without("source"), "source is missing"),
    "no-type": (without("type"), "type is missing"),
    "null-id": (an_event(id=None), "id is missing"),
    "empty-id": (an_event(id=""), "id is missing"),
    "number-as-id": (an_event(id=7), "id is missing"),
    "empty-source": (an_event(source=""), "source is missing"),
    "true-as-type": (an_event(type=True), "type is missing"),
    "number-as-version": (an_event(specversion=1), "specversion"),
    "version-0.3": (an_event(specversion="0.3"), "specversion"),
    "version-1": (an_event(specversion="1"), "specversion"),
    "version-1.0.2": (an_event(specversion="1.0.2"), "specversion"),
    "upper-case-name": (an_event(traceParent="1"), "attribute's name"),
    "name-with-a-sign": (an_event(trace_parent="1"), "attribute's name"),
    "name-beyond-ascii": (an_event(naïve="1"), "attribute's name"),
    "name-with-a-line": (an_event(**{"a\n": "1"}), "attribute's name"),
    "no-name": (an_event(**{"": "1"}), "attribute's name"),
    "name-of-a-fault": (an_event(**{batch.NOT_AN_EVENT: "no"}), "attribute's name"),
    "object-as-attribute": (an_event(trace={}), "neither text"),
    "list-as-attribute": (an_event(trace=[]), "neither text"),
    "fraction-as-attribute": (an_event(sequence=1.5), "neither text"),
    "line-in-an-id": (an_event(id="off\n1"), "control character"),
    "nul-in-a-subject": (an_event(subject="session-1\x00"), "control character"),
    "c1-control": (an_event(subject="session\x85"), "control character"),
    "content-type-no-media-type": (an_event(datacontenttype="json"), "no media type"),
    "content-type-empty": (an_event(datacontenttype=""), "no media type"),
    "content-type-a-number": (an_event(datacontenttype=1), "no media type"),
    "data-in-two-forms": (an_event(data={}, data_base64="e30="), "both data and data_base64"),
    "data-null-in-two-forms": (an_event(data=None, data_base64="e30="), "both data and data_base64"),
    "base64-a-number": (an_event(data_base64=1), "not base64"),
    "base64-url-safe": (an_event(data_base64="-_-_"), "not base64"),
    "base64-unpadded": (an_event(data_base64="e30"), "not base64"),
    "base64-with-lines": (an_event(data_base64="e3\n0="), "not base64"),
    "base64-spelt-otherwise": (an_event(data_base64="e31="), "not base64"),
    "base64-beyond-ascii": (an_event(data_base64="é30="), "not base64"),
    "base64-with-more-after": (an_event(data_base64="e30=e30="), "not base64"),
    "base64-no-json": (an_event(data_base64=base64_of(b"off")), "not JSON"),
    "base64-key-twice": (an_event(data_base64=base64_of(b'{"a": 1, "a": 2}')), "same key twice"),
    "base64-too-deep": (an_event(data_base64=base64_of(b"[" * 33 + b"]" * 33)), "nested deeper"),
    "base64-nothing": (an_event(data_base64=""), "not JSON"),
    "base64-text-not-utf-8": (
        an_event(datacontenttype="text/plain", data_base64=base64_of(b"\xff")),
        "not UTF-8",
    ),
}


@pytest.mark.parametrize(("event", "cause"), BAD_EVENTS.values(), ids=BAD_EVENTS)
def test_a_bad_event_is_malformed(event: Json, cause: str) -> None:
    with pytest.raises(Malformed, match=cause):
        read(event)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"id": "1", "id": "2"}', b"\xef\xbb\xbf{}", "{}".encode("utf-16")]
)
def test_the_json_of_an_event_is_read_strictly(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


def test_the_cause_names_nothing_of_the_document() -> None:
    with pytest.raises(Malformed) as refused:
        read(an_event(hushHush="hushhush"))
    assert "hush" not in str(refused.value).lower()


def test_headers_add_nothing_to_a_structured_event() -> None:
    headers = {"content-type": STRUCTURED, "ce-id": "other", "ce-data": "other", "ce-subject": "other"}
    delivery = Delivery("acme", headers, json.dumps(an_event()).encode())
    assert bodies.read("cloudevents", delivery) == an_event()


# ── data_base64 ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/vnd.crm+json; charset=UTF-8", "a/json"]
)
def test_encoded_json_becomes_data(content_type: str) -> None:
    event = an_event(datacontenttype=content_type)
    assert read(event | {"data_base64": base64_of(b'{"a": [1]}')}) == event | {"data": {"a": [1]}}


@pytest.mark.parametrize("event", [an_event(), an_event(datacontenttype=None)])
def test_encoded_data_of_no_content_type_is_json(event: dict[str, Json]) -> None:
    assert read(event | {"data_base64": base64_of(b"[]")}) == event | {"data": []}


def test_encoded_text_becomes_data() -> None:
    event = an_event(datacontenttype="text/plain")
    assert read(event | {"data_base64": base64_of("é".encode())}) == event | {"data": "é"}


@pytest.mark.parametrize(
    "content_type", ["application/pdf", "text/plain; charset=latin-1", "application/json; charset=utf-16"]
)
def test_what_is_neither_json_nor_text_stays_encoded(content_type: str) -> None:
    event = an_event(datacontenttype=content_type, data_base64=base64_of(b"\xff\xfe"))
    assert read(event) == event


def test_encoded_data_that_is_null_is_none() -> None:
    assert read(an_event(data_base64=None, data=1)) == an_event(data=1)


# ── Batches ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("events", [[], [an_event()], [an_event(id="1"), an_event(id="2", data=[])]])
def test_a_batch_is_read_as_it_is(events: list[Json]) -> None:
    assert read(events, BATCHED) == events


@pytest.mark.parametrize("document", [an_event(), {}, None, "[]"])
def test_a_batch_that_is_no_list_is_malformed(document: Json) -> None:
    with pytest.raises(Malformed, match="not a list"):
        read(document, BATCHED)


@pytest.mark.parametrize("event", [event for event, _ in BAD_EVENTS.values()], ids=BAD_EVENTS)
def test_a_bad_event_leaves_its_neighbours_as_they_are(event: Json) -> None:
    events = read([an_event(id="1"), event, an_event(id="2", data_base64="e30=")], BATCHED)
    assert isinstance(events, list)
    assert [events[0], events[2]] == [an_event(id="1"), an_event(id="2", data={})]


@pytest.mark.parametrize(("event", "cause"), BAD_EVENTS.values(), ids=BAD_EVENTS)
def test_in_the_place_of_a_bad_event_stands_its_fault_and_nothing_else(event: Json, cause: str) -> None:
    events = read([event], BATCHED)
    assert isinstance(events, list)
    assert cause in (batch.fault_of(events[0]) or "")
    assert isinstance(events[0], dict)
    assert list(events[0]) == [batch.NOT_AN_EVENT]


@pytest.mark.parametrize("element", [an_event(), [], None, "text", {batch.NOT_AN_EVENT: None}])
def test_what_reports_no_fault_has_none(element: Json) -> None:
    assert batch.fault_of(element) is None


def test_a_batch_that_is_not_json_is_malformed_as_a_whole() -> None:
    with pytest.raises(Malformed, match="same key twice"):
        read(b'[{"id": "1", "id": "2"}]', BATCHED)
