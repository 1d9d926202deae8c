from typing import Any

import pytest

from asking import CALLER, a_question_event, an_ask, an_ask_event
from builders import a_delivery, a_webhook_event
from cancellations.adapters import http_events
from cancellations.errors import Forbidden, Malformed

# ── Deliveries ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", "naïve \N{GRINNING FACE}".encode()])
def test_a_body_in_base64_is_the_bytes_that_were_sent(raw: bytes) -> None:
    assert http_events.delivery_from(a_webhook_event(a_delivery(body=raw))).body == raw


@pytest.mark.parametrize("text", ["{}", "naïve \N{GRINNING FACE}", " \r\n"])
def test_a_body_in_text_is_its_utf_8(text: str) -> None:
    event = a_webhook_event(body=text, isBase64Encoded=False)
    assert http_events.delivery_from(event).body == text.encode()


@pytest.mark.parametrize("body", ["!!!!", "e30", "e30=\n", "é", "e3 0="])
def test_a_body_that_is_not_base64_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        http_events.delivery_from(a_webhook_event(body=body))


def test_a_body_with_a_lone_surrogate_is_bytes_all_the_same() -> None:
    event = a_webhook_event(body="\ud800", isBase64Encoded=False)
    assert http_events.delivery_from(event).body == b"\xed\xa0\x80"


@pytest.mark.parametrize("absent", [None, ""])
def test_a_missing_body_is_empty(absent: str | None) -> None:
    assert http_events.delivery_from(a_webhook_event(body=absent, isBase64Encoded=False)).body == b""


def test_names_of_headers_are_read_in_any_case() -> None:
    event = a_webhook_event()
    event["headers"] = {name.upper(): value for name, value in event["headers"].items()}
    assert dict(http_events.delivery_from(event).headers) == dict(a_delivery().headers)


def test_the_source_is_what_the_route_says() -> None:
    assert http_events.delivery_from(a_webhook_event(a_delivery(source="other"))).source == "other"


def test_an_ask_comes_through_as_it_was_sent() -> None:
    assert http_events.delivery_from(an_ask_event()) == an_ask()


# ── Callers ───────────────────────────────────────────────────────────────────────────────────────


def test_a_caller_is_known_by_their_arn() -> None:
    assert http_events.caller_of(an_ask_event()) == CALLER


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"authorizer": None},
        {"authorizer": {}},
        {"authorizer": {"iam": None}},
        {"authorizer": {"iam": {}}},
        {"authorizer": {"iam": {"userArn": None}}},
        {"authorizer": {"iam": {"userArn": ""}}},
        {"authorizer": {"jwt": {"claims": {"sub": CALLER}}}},
        {"authorizer": {"lambda": {"iam": {"userArn": CALLER}}}},
    ],
    ids=str,
)
def test_a_caller_whom_iam_does_not_know_is_forbidden(context: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        http_events.caller_of(an_ask_event(requestContext=context))


def test_an_event_without_any_context_is_forbidden() -> None:
    event = an_ask_event()
    del event["requestContext"]
    with pytest.raises(Forbidden):
        http_events.caller_of(event)


def test_the_request_that_is_asked_after_is_what_the_address_says() -> None:
    assert http_events.request_id_of(a_question_event("abc")) == "abc"


# ── What the log sees ─────────────────────────────────────────────────────────────────────────────


def test_the_log_sees_route_and_source() -> None:
    assert http_events.seen_in(a_webhook_event(), "request-1") == {
        "route": "POST /v1/webhooks/{source}",
        "source": "acme",
        "lambda_request": "request-1",
    }


@pytest.mark.parametrize("source", ["ACME", "a b", "<script>", "a" * 65, "\n", ""])
def test_what_could_not_be_a_sources_name_is_not_repeated(source: str) -> None:
    seen = http_events.seen_in(a_webhook_event(a_delivery(source=source)), "request-1")
    assert seen["source"] == "(no possible name)"


def test_an_ask_names_no_source() -> None:
    assert "source" not in http_events.seen_in(an_ask_event(), "request-1")


# ── Preferences ───────────────────────────────────────────────────────────────────────────────────


def wait_of(prefer: str | None) -> int | None:
    headers = {} if prefer is None else {"Prefer": prefer}
    return http_events.wait_of(an_ask_event(headers=headers))


@pytest.mark.parametrize(
    "prefer",
    [
        "wait=7",
        "Wait=7",
        " wait = 7 ",
        'wait="7"',
        "wait=007",
        "wait=7; because=we-can",
        "respond-async, wait=7",
        "respond-async,wait=7,handling=lenient",
        'note="a, b", wait=7',
        'note="a \\" , wait=1", wait=7',
        "waiting=1, wait=7",
        "wait=7, wait=1",
        "wait=7, wait=x",
        'wait=7, "',
        "wait=7".ljust(256),
    ],
)
def test_the_first_wait_of_the_preferences_counts(prefer: str) -> None:
    assert wait_of(prefer) == 7


@pytest.mark.parametrize(
    "prefer",
    [
        None,
        "",
        "wait",
        "wait=",
        "wait=0",
        "wait=-1",
        "wait=+1",
        "wait=1.5",
        "wait=1s",
        "wait=x, wait=7",
        "wait=\N{ARABIC-INDIC DIGIT SEVEN}",
        'wait="7',
        "wait='7'",
        "waiting=7",
        "await=7",
        "respond-async",
        'note="wait=7"',
        'note=", wait=7, "',
        ",,,;;;===",
        "wait=9999999",
        '"' * 256,
        '"wait=7, wait=7',
        "wait=7".ljust(257),
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(prefer: str | None) -> None:
    assert wait_of(prefer) is None


def test_cutting_a_long_wait_is_left_to_whoever_waits() -> None:
    assert wait_of("wait=86400") == 86_400
