"""Hostile deliveries through the real door: what is sent, and the status that it must get.

Whatever the status, nothing is stored, nothing is queued, and the sender is never told to come again (5xx).
"""

import base64
import gzip
import hmac
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from builders import (
    IS_CANCELED,
    KEY,
    NOW,
    SIGNING_SECRET,
    AContext,
    a_body,
    a_bus_source,
    a_delivery,
    a_payload,
    a_receive,
    a_source,
    a_webhook_event,
    door,
    some_expressions,
)
from cancellations.adapters import http_api
from cancellations.errors import SignatureRefused
from cancellations.receive import MAX_BODY_BYTES
from cancellations.wiring import process
from cancellations.wiring import receive as wiring
from fakes import MemoryQueue, MemoryTable

EXPRESSIONS = some_expressions(
    event_id='body.id || headers."webhook-id"',
    reason="body.data.reason",
    filters={"filter": IS_CANCELED},
)
IGNORED = 200
"""A signed event that the source's filter calls no cancellation: answered, and nothing more."""


@dataclass(frozen=True, slots=True)
class Door:
    """The receive function with everything behind it in memory."""

    module: ModuleType
    table: MemoryTable
    queue: MemoryQueue
    log: io.StringIO

    def __call__(self, event: Mapping[str, Any]) -> http_api.Response:
        response: http_api.Response = self.module.handler(event, AContext())
        return response


@pytest.fixture
def receive_door(monkeypatch: pytest.MonkeyPatch) -> Door:
    table, queue, log = MemoryTable(), MemoryQueue(), io.StringIO()
    receive = a_receive(
        a_source(expressions=EXPRESSIONS),
        a_bus_source(),
        table=table,
        queue=queue,
    )
    monkeypatch.setattr(wiring, "receive", lambda: receive)
    monkeypatch.setattr(process, "clock", lambda: NOW)
    module = door("receive")
    monkeypatch.setattr(module.logger.registered_handler, "stream", log)
    return Door(module, table, queue, log)


# ── What is sent ──────────────────────────────────────────────────────────────────────────────────


def header(name: str, value: str | None) -> dict[str, Any]:
    return a_webhook_event(a_delivery(headers={name: value}))


def signature(value: str) -> dict[str, Any]:
    return header("webhook-signature", value)


def raw(body: bytes) -> dict[str, Any]:
    return a_webhook_event(a_delivery(body=body))


def document(**changes: object) -> dict[str, Any]:
    return raw(json.dumps({**a_payload(), **changes}).encode())


def data(**changes: object) -> dict[str, Any]:
    return raw(a_body(**changes))


def session(value: object) -> dict[str, Any]:
    return data(remote_session_id=value)


def at(timestamp: str) -> dict[str, Any]:
    """Signed, at a time in any spelling."""
    signed = hmac.digest(KEY, f"msg_1.{timestamp}.".encode() + a_body(), "sha256")
    headers = {
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }
    return a_webhook_event(a_delivery(headers=headers))


def to(source: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a delivery takes
    return a_webhook_event(a_delivery(source=source, **changes))


def without_headers() -> dict[str, Any]:
    event = a_webhook_event()
    del event["headers"]
    return event


RIGHT = a_delivery().headers["webhook-signature"]
WRONG = "v1," + base64.b64encode(bytes(32)).decode()

ODD_SIGNATURES = (
    *(
        "",
        "v1,",
        RIGHT[3:],
        "v2," + RIGHT[3:],
        "v1a," + RIGHT[3:],
        RIGHT[:-10],
        RIGHT[:12] + "!" + RIGHT[12:],
    ),
    *("v1," + base64.b64decode(RIGHT[3:]).hex(), "v1,üüü", f"{WRONG},{RIGHT}", SIGNING_SECRET),
    *(" ".join([WRONG] * 10 + [RIGHT]), " ".join([WRONG] * 1000)),
)
ODD_TIMES = (
    *("NaN", "-inf", "\u0661\u0668" + "\u0660" * 8, "1_800_000_000", "1800000000.0", "18e8", "+1800000000"),
    *(" 1800000000 ", "1800000000\n", hex(int(NOW)), "1800000000000", "1799999640", "1800000360", "1" * 5000),
)
ODD_SOURCES = ("", "nobody", "on-the-bus", "ACME", "acme ", "arn:aws:secretsmanager:x", "../acme", "\ud800")
ODD_JSON = (
    *(b"", b"<cancel/>", b"{'type': None}", a_body() * 2, b"\xef\xbb\xbf" + a_body(), b'{"type": "\xe9"}'),
    *(b'{"type": "\xc1\x81"}', a_body().replace(b'{"remote', b'{"remote_session_id": "other", "remote')),
    *(a_body().replace(b'{"type"', b'{"%b": "x", "type"' % key) for key in (b"type", b"t\\u0079pe")),
    *(a_body().replace(b'{"type"', b'{"x": %b, "type"' % n) for n in (b"NaN", b"1e400", b"1" * 5000)),
    *(a_body().replace(b'{"type"', b'{"x": %b, "type"' % t) for t in (b'"\\ud800"', b"[" * 32 + b"]" * 32)),
    *(a_body().replace(b'{"type"', b'{"\\udfff": 1, "type"'), b'{"a":' * 20_000),
)
ODD_EVENT_IDS = (1, True, ["evt_1"], {"id": 1}, "evt_1\n", " evt", "evt\x00", "e" * 3000, "evt_\u0661")
ODD_SESSIONS: tuple[object, ...] = (
    *(None, 0, 1, 1.5, True, [], ["session-1"], {}, {"$gt": ""}),
    *("", " ", ".", "..", ".env", "/", "a/b", "../x", "..\\x", "%2e%2e", "a%2Fb", "a%252Fb"),
    *("a?b", "a#b", "a;b", "a:b", "a b", "a ", " a", "a\n", "a\r\nX: y", "a\x00", "a\x7f", "a\tb"),
    *("//evil.example", "https://evil.example", "javascript:x", "${jndi:x}", "' OR 1=1", "{{7*7}}"),
    *("é", "e\u0301", "\uff41", "a\u200b", "a\u202eb", "\u0430", "\U0001f600", "x" * 129, "x" * 5000),
)
ODD_FLAGS: tuple[object, ...] = ("true", "True", "yes", "", 1, 0, 1.0, [], {}, [True])


def named(kind: str, value: object) -> str:
    return f"{kind} {value!r}"[:50]


FORGED: dict[str, dict[str, Any]] = {
    "signature missing": header("webhook-signature", None),
    "signature of another key": a_webhook_event(a_delivery(key=KEY[::-1])),
    "id missing": header("webhook-id", None),
    "id of another message": header("webhook-id", "msg_2"),
    "id not ascii": header("webhook-id", "msg_ü"),
    "id of nine thousand characters": a_webhook_event(a_delivery(message_id="m" * 9000)),
    "time missing": header("webhook-timestamp", None),
    "time of another signature": header("webhook-timestamp", str(int(NOW) - 1)),
    "headers missing": without_headers(),
    "body dropped": a_webhook_event(body=None, isBase64Encoded=False),
    "body changed": a_webhook_event(body=base64.b64encode(a_body(reason="x")).decode()),
    "body with one space more": a_webhook_event(body=base64.b64encode(a_body() + b" ").decode()),
    "body in utf-16": a_webhook_event(body=base64.b64encode(a_body().decode().encode("utf-16")).decode()),
    "body with a lone surrogate": a_webhook_event(body="\ud800", isBase64Encoded=False),
    "body in base64 that says it is text": a_webhook_event(isBase64Encoded=False),
    **{named("signature", value): signature(value) for value in ODD_SIGNATURES},
    **{named("time", value): at(value) for value in ODD_TIMES},
    **{named("source", value): to(value) for value in ODD_SOURCES},
    **{named("source, key of zeros,", value): to(value, key=bytes(32)) for value in ("acme", *ODD_SOURCES)},
}
MALFORMED: dict[str, dict[str, Any]] = {
    "id with a dot": a_webhook_event(a_delivery(message_id=f"msg_1.{int(NOW)}")),
    "id of five thousand characters": a_webhook_event(a_delivery(message_id="m" * 5000)),
    "body not base64": a_webhook_event(body="?"),
    **{named("json", value): raw(value) for value in ODD_JSON},
    **{named("event", value): document(id=value) for value in ODD_EVENT_IDS},
    **{named("session", value): session(value) for value in ODD_SESSIONS},
    **{named("flag", value): data(cancel_without_email=value) for value in ODD_FLAGS},
}
OTHERS: dict[str, tuple[dict[str, Any], int]] = {
    "too large": (raw(a_body().ljust(MAX_BODY_BYTES + 1)), 413),
    "too large and forged": (a_webhook_event(a_delivery(body=bytes(MAX_BODY_BYTES + 1), key=KEY[::-1])), 413),
    "compressed": (header("content-encoding", "gzip"), 415),
    "a coding that nobody knows": (header("content-encoding", "x" * 8000), 415),
    "compressed, among labels that are none": (
        header("content-encoding", "utf-8, gzip" + ",none" * 1000),
        415,
    ),
    "parameters without end": (header("content-type", "application/json" + "; a =" * 20_000 + '"'), 415),
    "media types without end": (header("content-type", "application/json," * 6_000), 415),
    "a charset that is none": (header("content-type", "application/json; charset=unicode_escape"), 415),
    "a bomb": (raw(gzip.compress(bytes(10_000_000))), 400),
    "a form": (header("content-type", "application/x-www-form-urlencoded"), 415),
    "plain text": (header("content-type", "text/plain"), 415),
    "xml": (header("content-type", "application/xml"), 415),
    "utf-7": (header("content-type", "application/json; charset=utf-7"), 415),
    "another method": (a_webhook_event(routeKey="GET /v1/webhooks/{source}"), 404),
    "no route": (a_webhook_event(routeKey="$default"), 404),
    "another kind of event": (document(type="deposition.created"), IGNORED),
    "another spelling of the event": (document(type="Deposition.Canceled"), IGNORED),
    "an event of no kind": (document(type=None), IGNORED),
}
SIGNED_BUT_NO_EVENT = {
    "an array of events": raw(b"[" + a_body() + b"]"),
    "a number": raw(b"42"),
    "json in a string": raw(json.dumps(a_body().decode()).encode()),
    "a header in the id": a_webhook_event(
        a_delivery(message_id="msg_1\r\nX: y", body=json.dumps({**a_payload(), "id": "evt_1"}).encode())
    ),
}
HOSTILE = [
    *((name, event, 401) for name, event in FORGED.items()),
    *((name, event, 400) for name, event in MALFORMED.items()),
    *((name, event, status) for name, (event, status) in OTHERS.items()),
]
HARMLESS: dict[str, dict[str, Any]] = {
    "good": a_webhook_event(),
    "headers in upper case": a_webhook_event(headers={k.upper(): v for k, v in a_delivery().headers.items()}),
    "body as text": a_webhook_event(body=a_body().decode(), isBase64Encoded=False),
    "fields with odd names": document(__proto__={"admin": True}, constructor=1, __class__="os.system"),
    "reason an object": data(reason={"text": "x"}),
    "an expression as a value": data(path="data.*|[?contains(@,'x')]"),
    "a separator in the event id": document(id="evt#1"),
    "the right signature among others": signature(f"{WRONG} v2,x {RIGHT}"),
}


# ── What must happen ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("event", "status"),
    [(event, status) for _, event, status in HOSTILE],
    ids=[name for name, _, _ in HOSTILE],
)
def test_a_hostile_delivery_gets_its_status_and_leaves_nothing(
    receive_door: Door, event: dict[str, Any], status: int
) -> None:
    assert receive_door(event)["statusCode"] == status
    assert (receive_door.table.writes, receive_door.queue.sent) == (0, [])


@pytest.mark.parametrize("event", SIGNED_BUT_NO_EVENT.values(), ids=SIGNED_BUT_NO_EVENT)
def test_a_signed_delivery_that_is_no_event_is_malformed(receive_door: Door, event: dict[str, Any]) -> None:
    assert receive_door(event)["statusCode"] == 400


@pytest.mark.parametrize("event", HARMLESS.values(), ids=HARMLESS)
def test_a_harmless_delivery_is_received(receive_door: Door, event: dict[str, Any]) -> None:
    assert receive_door(event)["statusCode"] == 202
    assert len(receive_door.queue.sent) == 1


@pytest.mark.parametrize("event", FORGED.values(), ids=FORGED)
def test_every_forged_delivery_gets_the_same_bytes(receive_door: Door, event: dict[str, Any]) -> None:
    assert json.dumps(receive_door(event)) == json.dumps(http_api.response_to(SignatureRefused("any")))


@pytest.mark.parametrize("source", ["nobody", "on-the-bus"])
def test_a_dotted_id_does_not_tell_unknown_sources_apart(receive_door: Door, source: str) -> None:
    assert receive_door(to(source, message_id="msg.1", key=bytes(32)))["statusCode"] == 401


def test_a_signed_delivery_that_comes_again_sends_nothing_more(receive_door: Door) -> None:
    statuses = [receive_door(a_webhook_event())["statusCode"] for _ in range(5)]
    assert statuses == [202] * 5
    assert len(receive_door.queue.sent) == 1


def test_an_event_that_is_signed_anew_sends_nothing_more(receive_door: Door) -> None:
    body = json.dumps({**a_payload(), "id": "evt_1"}).encode()
    for message_id in ("msg_1", "msg_2"):
        assert (
            receive_door(a_webhook_event(a_delivery(body=body, message_id=message_id)))["statusCode"] == 202
        )
    assert len(receive_door.queue.sent) == 1


def test_the_first_of_two_payloads_stands(receive_door: Door) -> None:
    receive_door(a_webhook_event())
    assert receive_door(session("session-2"))["statusCode"] == 422
    assert [request.remote_session_id for request, _ in receive_door.queue.sent] == ["session-1"]


@pytest.mark.parametrize(
    "value", ['x\n{"level": "INFO", "message": "forged"}', "x\r\nINFO", "\u2028x", "\x1b[2J"]
)
def test_a_hostile_value_makes_no_line_of_its_own_in_the_log(receive_door: Door, value: str) -> None:
    receive_door(session(value))
    receive_door(data(reason=value))
    receive_door(to(value))
    lines = receive_door.log.getvalue().removesuffix("\n").split("\n")
    assert [json.loads(line)["message"] for line in lines] == ["refused", "received", "refused"]


def test_no_signature_no_secret_and_no_words_of_the_sender_are_logged(receive_door: Door) -> None:
    event = data(reason="hushhush")
    for each in (event, *FORGED.values()):
        receive_door(each)
    logged = receive_door.log.getvalue()
    hushed = (SIGNING_SECRET[6:], RIGHT[3:20], event["headers"]["webhook-signature"][3:20], "hushhush")
    assert [word for word in hushed if word in logged] == []


def test_an_accident_is_a_503_that_does_not_tell_of_itself(
    receive_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("hushhush")

    monkeypatch.setattr(wiring, "receive", broken)
    response = receive_door(a_webhook_event())
    assert (response["statusCode"], response["headers"]["retry-after"]) == (503, "30")
    assert "hushhush" not in json.dumps(response)
