"""What the doors write: one line for each decision, ids that lead on, and nothing that must stay secret."""

import base64
import json
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from asking import an_ask, an_ask_event
from builders import AContext
from cancellations.answers import Answer, Unread
from cancellations.ask import FIELDS
from cancellations.domain import Organization, idempotency_key
from cancellations.errors import Unavailable
from cancellations.protocol import guards
from cancellations.protocol.requests import SWEEP_AFTER_S
from cancellations.source.presets import STANDARD_WEBHOOKS
from cancellations.source.verification.keys import HmacKey
from functions.around import AT, Around, story

CANARY = "canary"
KEY = base64.b64encode(CANARY.encode() * 6)
SIGNING_SECRET = "whsec_" + KEY.decode()
API_KEY = CANARY * 6
TUESDAY = idempotency_key("example-legal", "example-crm", "msg_31415926")
WEDNESDAY = idempotency_key("example-legal", "example-bus", "crm-2718")
DETAIL = {"event_id": "crm-1", "remote_session_id": "session-1", "cancel_without_email": False}

type Written = Callable[[], list[dict[str, Any]]]
"""Every line since it was asked last: the logger's, then those of metrics."""


@pytest.fixture
def written(around: Around, capsys: pytest.CaptureFixture[str]) -> Written:
    def lines() -> list[dict[str, Any]]:
        text = around.log.getvalue() + capsys.readouterr().out
        around.log.seek(0)
        around.log.truncate()
        return [json.loads(line) for line in text.splitlines()]

    return lines


@pytest.fixture(autouse=True)
def secretive(around: Around) -> None:
    around.secrets.current = {"example-crm": SIGNING_SECRET}
    around.keys.keys = {"example-legal": API_KEY}


def decided(lines: list[dict[str, Any]]) -> list[str]:
    """The decisions of the logger's lines; a line of metrics has none, but for calls."""
    return [line["decision"] for line in lines if "_aws" not in line]


def a_webhook(body: bytes | None = None, *, source: str = "example-crm", **headers: str) -> dict[str, Any]:
    """The story's delivery, signed with the secret of these tests; `headers` change it after that."""
    event = story("webhook")
    raw = event["body"].encode() if body is None else body
    key = HmacKey(base64.b64decode(KEY), "v1,")
    signature = STANDARD_WEBHOOKS.sign(key, raw, AT, "msg_31415926")
    event["headers"] = {**event["headers"], "webhook-signature": signature, **headers}
    event["body"], event["isBase64Encoded"] = base64.b64encode(raw).decode(), True
    event["pathParameters"] = {"source": source}
    return event


def a_cancellation(**data: object) -> bytes:
    asked = {"remote_session_id": "session-of-tuesday", "cancel_without_email": True, **data}
    return json.dumps({"type": "deposition.canceled", "data": asked}).encode()


def a_batch(*bodies: str, **attributes: str) -> dict[str, Any]:
    record = story("queue")["Records"][0]
    attributes = {**record["attributes"], **attributes}
    return {
        "Records": [
            {**record, "messageId": f"message-{n}", "body": body, "attributes": attributes}
            for n, body in enumerate(bodies, 1)
        ]
    }


def a_bus_event(**changes: object) -> str:
    return json.dumps({**json.loads(story("queue")["Records"][1]["body"]), **changes})


def an_asking(**asked: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a caller writes
    return an_ask_event(an_ask(**{"organization": "example-legal", **asked}))


def a_message(**changes: object) -> str:
    """The story's first message, with other fields in its request."""
    message = json.loads(ACCEPTED)
    return json.dumps({**message, "request": {**message["request"], **changes}})


ACCEPTED: str = story("queue")["Records"][0]["body"]

# ── One line for each decision ────────────────────────────────────────────────────────────────────

OTHER = a_cancellation(remote_session_id="session-of-thursday")
NO_CANCELLATION = b'{"type":"deposition.created","data":{}}'


@pytest.mark.parametrize(
    ("event", "decisions"),
    [
        (a_webhook(), ["accepted"]),
        (a_webhook(NO_CANCELLATION), ["ignored"]),
        (a_webhook(a_cancellation(remote_session_id=7)), ["refused"]),
        (a_webhook(None, **{"webhook-signature": "v1,AAAA"}), ["refused"]),
        (a_webhook(source="nobodys"), ["refused"]),
        (an_ask_event(an_ask(organization="example-legal")), ["accepted"]),
        (an_ask_event(an_ask(organization="nobodys")), ["refused"]),
    ],
)
def test_a_delivery_has_one_line_with_its_decision(
    receive: ModuleType, written: Written, event: dict[str, Any], decisions: list[str]
) -> None:
    receive.handler(event, AContext())
    assert decided(written()) == decisions


def test_a_delivery_that_comes_again_is_a_duplicate_and_another_under_its_id_a_conflict(
    receive: ModuleType, written: Written
) -> None:
    for event in (a_webhook(), a_webhook(), a_webhook(OTHER)):
        receive.handler(event, AContext())
    assert decided(written()) == ["accepted", "duplicate", "conflict"]


@pytest.mark.parametrize(
    ("bodies", "decisions"),
    [
        ([ACCEPTED], ["settled"]),
        ([ACCEPTED, ACCEPTED], ["settled", "duplicate"]),
        ([a_bus_event()], ["settled"]),
        ([a_bus_event(account="999999999999")], ["comes again"]),
        (["no JSON"], ["comes again"]),
    ],
)
def test_a_message_has_one_line_with_its_decision(
    cancel: ModuleType, around: Around, written: Written, bodies: list[str], decisions: list[str]
) -> None:
    around.accepted()
    for body in bodies:
        cancel.handler(a_batch(body), AContext())
        around.clock.now += 1
    assert decided(written()) == decisions


def test_a_request_that_is_held_has_one_line_that_says_by_what(
    cancel: ModuleType, around: Around, written: Written
) -> None:
    around.accepted()
    around.table.write(guards.pause("example-legal", by="ops", reason=CANARY, now=AT))
    cancel.handler(a_batch(ACCEPTED), AContext())
    lines = written()
    assert decided(lines) == ["postponed"]
    assert (lines[0]["status"], lines[0]["guard"]) == ("held", "pause")
    assert CANARY not in str(lines)


def test_a_request_that_is_swept_has_a_line_and_the_run_another(
    sweep: ModuleType, around: Around, written: Written
) -> None:
    request = around.accepted()
    around.clock.now += SWEEP_AFTER_S[0] + 1
    sweep.handler({}, AContext())
    lines = written()
    assert decided(lines) == ["put back", "swept"]
    assert lines[0]["request"] == request.id


# ── From the delivery to every attempt ────────────────────────────────────────────────────────────


def test_one_id_leads_from_the_delivery_to_the_call_and_the_outcome(
    receive: ModuleType, around: Around, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive.handler(a_webhook(), AContext())
    around.door("cancel", monkeypatch).handler(a_batch(ACCEPTED), AContext())
    told = Counter(
        line["decision"] for line in written() if line.get("request") == TUESDAY and "decision" in line
    )
    assert told == {"accepted": 1, "called": 1, "settled": 1}


def test_a_line_of_a_delivery_has_the_gateways_id_and_lambdas(receive: ModuleType, written: Written) -> None:
    receive.handler(a_webhook(), AContext())
    (line,) = (line for line in written() if "_aws" not in line)
    assert (line["delivery"], line["lambda_request"]) == ("request-1", "lambda-request-1")


def test_a_line_of_a_message_has_its_id_and_how_often_it_came(
    cancel: ModuleType, around: Around, written: Written
) -> None:
    around.accepted()
    cancel.handler(a_batch(ACCEPTED, ApproximateReceiveCount="3"), AContext())
    (line,) = (line for line in written() if "_aws" not in line)
    assert (line["message_id"], line["receives"]) == ("message-1", "3")


def test_a_line_of_a_bus_event_has_the_id_of_the_event(cancel: ModuleType, written: Written) -> None:
    cancel.handler(a_batch(a_bus_event()), AContext())
    (line,) = (line for line in written() if "_aws" not in line)
    assert line["delivery"] == "a60b361a-61af-4bd0-bb46-935e47704082"


def test_a_line_has_the_trace_of_its_own_function_and_of_the_one_that_sent_the_message(
    cancel: ModuleType, around: Around, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.accepted()
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-aaaaaaaaaaaaaaaaaaaaaaaa;Parent=1;Sampled=1")
    header = "Root=1-5759e988-bbbbbbbbbbbbbbbbbbbbbbbb;Parent=53995c3f42cd8ad8;Sampled=1"
    cancel.handler(a_batch(ACCEPTED, AWSTraceHeader=header), AContext())
    (line,) = (line for line in written() if "_aws" not in line)
    assert line["xray_trace_id"] == "1-5759e988-aaaaaaaaaaaaaaaaaaaaaaaa"
    assert line["delivery_trace"] == "1-5759e988-bbbbbbbbbbbbbbbbbbbbbbbb"


def test_what_is_no_trace_is_not_repeated(cancel: ModuleType, around: Around, written: Written) -> None:
    around.accepted()
    cancel.handler(a_batch(ACCEPTED, AWSTraceHeader=f"Root={CANARY}"), AContext())
    assert CANARY not in str(written())


# ── What must stay secret ─────────────────────────────────────────────────────────────────────────

WORDS = a_cancellation(reason=CANARY)
DATA = ("event_id", "remote_session_id", "cancel_without_email", "reason", "requested_by", "starts_at")
HEADERS = (CANARY, "prefer", "host", "user-agent", "x-hook-secret", "ce-id", "ce-time", "x-forwarded-for")
TOKEN_LIKE = "eyJhbGciOiJIUzI1NiJ9." + CANARY


@pytest.mark.parametrize(
    "event",
    [
        a_webhook(WORDS),
        a_webhook(WORDS, **{"webhook-signature": f"v1,{CANARY}"}),
        a_webhook(WORDS, **{"webhook-timestamp": CANARY}),
        a_webhook(WORDS, **{"webhook-id": CANARY * 99}),
        a_webhook(WORDS, authorization=f"Bearer {TOKEN_LIKE}", cookie=CANARY),
        a_webhook(WORDS, source=f"{CANARY}/.."),
        a_webhook(a_cancellation(remote_session_id=f"../{CANARY}")),
        a_webhook(a_cancellation(cancel_without_email=CANARY)),
        a_webhook(a_cancellation(reason=[CANARY])),
        a_webhook(CANARY.encode()),
        a_webhook(b'{"' + CANARY.encode() + b'": 1, "' + CANARY.encode() + b'": 2}'),
        a_webhook(b"\xff" + CANARY.encode()),
        a_webhook(WORDS, **{"content-type": CANARY}),
        a_webhook(WORDS, **{"content-encoding": CANARY}),
        {**a_webhook(), "body": f"!{CANARY}!"},
        {**a_webhook(), "headers": {CANARY: None}},
        an_ask_event(an_ask(organization="example-legal", reason=CANARY)),
        an_ask_event(an_ask(organization=CANARY)),
        an_ask_event(an_ask(organization="example-legal", key=f"{CANARY} ü")),
        an_ask_event(an_ask(f"{CANARY}".encode())),
        an_asking(**{CANARY: 1, "reasons": CANARY}),
        *(an_asking(**{name: [CANARY]}) for name in FIELDS),
        *(an_asking(**{name: {CANARY: 1}}) for name in FIELDS),
        an_ask_event(an_ask(organization="example-legal", media_type=f"text/{CANARY}")),
        an_ask_event(an_ask(organization="example-legal"), headers={CANARY: CANARY, "prefer": CANARY}),
        an_ask_event(an_ask(organization="example-legal"), queryStringParameters={CANARY: CANARY}),
        *(a_webhook(WORDS, **{header: CANARY}) for header in HEADERS),
        a_webhook(b'{"type":"deposition.canceled","' + CANARY.encode() + b'":{}}'),
        a_webhook(json.dumps({"type": CANARY, "data": {CANARY: CANARY}}).encode()),
        *(a_webhook(a_cancellation(**{name: {CANARY: [CANARY]}})) for name in DATA),
        a_webhook(a_cancellation(**{CANARY: CANARY})),
    ],
)
def test_no_header_no_body_and_no_secret_of_a_delivery_is_in_any_line(
    receive: ModuleType, written: Written, event: dict[str, Any]
) -> None:
    receive.handler(event, AContext())
    lines = written()
    assert len(decided(lines)) == 1
    assert CANARY not in str(lines)
    assert KEY.decode() not in str(lines)


ANSWERS = [
    Answer("canceled", "success", 200, CANARY),
    Answer("our_key", "unauthorized", 401, f"{TOKEN_LIKE} is refused"),
    Answer("ask_the_list", "not_permitted", 403, CANARY),
    Answer("ask_the_list", "bad_request", 400, CANARY),
    Answer("ask_the_list", "not_found", 404, CANARY),
    Answer("unknown", "unavailable", 503, CANARY),
    Answer("misconfigured", "method_not_allowed", 405, CANARY),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.reason)
@pytest.mark.parametrize("state", [CANARY, None])
def test_no_token_no_key_and_no_word_of_prevail_is_in_any_line(
    cancel: ModuleType, around: Around, written: Written, answer: Answer, state: str | None
) -> None:
    around.accepted()
    around.prevail.answers = [answer]
    around.prevail.states = {"session-of-tuesday": state} if state else {}
    around.prevail.unread = answer
    message = json.loads(ACCEPTED)
    message["request"] |= {"reason": CANARY, "requested_by": CANARY}
    cancel.handler(a_batch(json.dumps(message)), AContext())
    lines = written()
    assert len(decided(lines)) == 1
    assert [secret for secret in (CANARY, *around.prevail.tokens) if secret in str(lines)] == []


@pytest.mark.parametrize(
    "body",
    [
        CANARY,
        json.dumps({"version": 1, "request": {"reason": CANARY}}),
        json.dumps({"version": 1, "request": CANARY}),
        a_bus_event(detail={**DETAIL, "reason": CANARY}),
        a_bus_event(detail={**DETAIL, "reason": [CANARY]}),
        a_bus_event(detail=CANARY),
        a_bus_event(source=CANARY),
        *(a_bus_event(**{name: CANARY}) for name in ("id", "account", "detail-type", "region", CANARY)),
        *(a_bus_event(**{name: {CANARY: CANARY}}) for name in ("id", "account", "source", "detail", "time")),
        *(a_bus_event(detail={**DETAIL, name: {CANARY: CANARY}}) for name in (*DETAIL, "reason", CANARY)),
        *(a_message(**{name: f"{CANARY}/.."}) for name in ("organization", "source", "remote_session_id")),
        *(a_message(**{name: CANARY}) for name in ("cancel_without_email", "accepted_at", "starts_at")),
        *(a_message(**{name: [CANARY]}) for name in json.loads(ACCEPTED)["request"]),
        a_message(event_id=f" {CANARY}"),
        a_message(reason=CANARY * 99),
        a_message(**{CANARY: CANARY}),
        json.dumps({**json.loads(ACCEPTED), "slot": CANARY}),
        json.dumps({**json.loads(ACCEPTED), "not_before": CANARY}),
        json.dumps({"version": CANARY, "request": {}}),
    ],
)
def test_nothing_of_a_message_but_ids_is_in_any_line(cancel: ModuleType, written: Written, body: str) -> None:
    cancel.handler(a_batch(body), AContext())
    lines = written()
    assert len(decided(lines)) == 1
    assert CANARY not in str(lines)


def test_what_an_accident_in_a_message_says_is_in_no_line(
    cancel: ModuleType, around: Around, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quoting(organization: Organization, *_: object, token: str, **__: object) -> Answer:
        raise RuntimeError(f"{organization.slug}: {token} {CANARY}")

    monkeypatch.setattr(around.prevail, "cancel", quoting)
    around.accepted()
    cancel.handler(a_batch(ACCEPTED), AContext())
    (line,) = (line for line in written() if "_aws" not in line)
    assert (line["decision"], line["error"]) == ("accident", "RuntimeError")
    assert CANARY not in str(line)
    assert "eyJ" not in str(line)


def test_what_an_accident_in_a_delivery_says_is_in_no_line(
    receive: ModuleType, around: Around, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quoting(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(around.table, "write", quoting)
    receive.handler(a_webhook(WORDS), AContext())
    (line,) = (line for line in written() if "_aws" not in line)
    assert (line["decision"], line["error"]) == ("accident", "RuntimeError")
    assert CANARY not in str(line)


def test_a_delivery_that_could_not_be_stored_comes_again(
    receive: ModuleType, around: Around, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise Unavailable("the ledger's table did not answer")

    monkeypatch.setattr(around.table, "write", silent)
    receive.handler(a_webhook(), AContext())
    assert decided(written()) == ["comes again"]


def test_a_state_that_cannot_be_read_is_told_by_what_came_instead(
    cancel: ModuleType, around: Around, written: Written
) -> None:
    around.accepted()
    around.prevail.answers = [Answer("ask_the_list", "bad_request", 400, CANARY)]
    around.prevail.unread = Unread(Answer("unknown", "unavailable", 503, CANARY)).answer
    cancel.handler(a_batch(ACCEPTED), AContext())
    calls = [line for line in written() if line.get("decision") == "called"]
    assert [(line["call"], line["answer"]) for line in calls] == [
        ("cancel", "HTTP 400"),
        ("state", "HTTP 503"),
    ]
