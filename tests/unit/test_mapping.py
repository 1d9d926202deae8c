from typing import Any

import pytest

from builders import NOW, a_payload, some_expressions
from cancellations.domain import Json, Request
from cancellations.errors import Malformed
from cancellations.source.mapping import MAX_NOTE_CHARS, is_cancellation, request_from


def a_document(*, event_id: object = "msg_1", **data: object) -> Any:  # noqa: ANN401 - JSON of any shape
    return {"headers": {"webhook-id": event_id}, "body": a_payload(**data)}


def mapped(document: Json, **written: str | bool) -> Request:
    return request_from(
        some_expressions(**written), document, organization="acme-legal", source="acme", now=NOW
    )


WRONG_TYPES = [
    pytest.param(None, "missing", id="null"),
    pytest.param(0, "a number", id="zero"),
    pytest.param(1.5, "a number", id="number"),
    pytest.param(True, "a boolean", id="boolean"),
    pytest.param(["session-1"], "a list", id="list"),
    pytest.param({"$ne": None}, "an object", id="object"),
]


def test_a_document_becomes_the_request_it_asks_for() -> None:
    document = a_document(cancel_without_email=True, reason="settled", by="clerk@acme.example")
    assert mapped(document, reason="body.data.reason", requested_by="body.data.by") == Request(
        organization="acme-legal",
        source="acme",
        event_id="msg_1",
        remote_session_id="session-1",
        cancel_without_email=True,
        accepted_at=NOW,
        reason="settled",
        requested_by="clerk@acme.example",
    )


# ── Sessions ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "session", ["1", "a", "_", "-", "session-1", "acme_deposition.2027-01-15", "a..b", "A" * 128]
)
def test_a_session_id_is_taken_as_it_is(session: str) -> None:
    assert mapped(a_document(remote_session_id=session)).remote_session_id == session


@pytest.mark.parametrize(("value", "kind"), WRONG_TYPES)
def test_a_session_id_of_another_type_is_malformed(value: object, kind: str) -> None:
    with pytest.raises(Malformed, match=f"remote_session_id is {kind}"):
        mapped(a_document(remote_session_id=value))


@pytest.mark.parametrize(
    "session",
    [
        pytest.param("", id="empty"),
        pytest.param(" ", id="blank"),
        pytest.param(".", id="dot"),
        pytest.param("..", id="dot-dot"),
        pytest.param(".hidden", id="leading-dot"),
        pytest.param("../sessions", id="traversal"),
        pytest.param("a/b", id="slash"),
        pytest.param("a\\b", id="backslash"),
        pytest.param("%2e%2e", id="percent"),
        pytest.param("a?b", id="query"),
        pytest.param("a#b", id="fragment"),
        pytest.param("a;b", id="path-parameter"),
        pytest.param("a:b", id="colon"),
        pytest.param("//evil.example", id="other-host"),
        pytest.param("a b", id="space-inside"),
        pytest.param("session-1 ", id="space-after"),
        pytest.param("session-1\n", id="line-end"),
        pytest.param("a\r\nHost: evil.example", id="header"),
        pytest.param("a\x00b", id="nul"),
        pytest.param("a\x7fb", id="delete"),
        pytest.param("sessión", id="letter-beyond-ascii"),
        pytest.param("\uff53ession", id="fullwidth"),
        pytest.param("session-\u0661", id="arabic-digit"),
        pytest.param("session\u200b", id="zero-width-space"),
        pytest.param("abc\u202e321", id="right-to-left"),
        pytest.param("e\u0301", id="combining"),
        pytest.param("a" * 129, id="129-characters"),
    ],
)
def test_a_session_id_that_is_no_single_path_segment_is_malformed(session: str) -> None:
    with pytest.raises(Malformed, match="remote_session_id"):
        mapped(a_document(remote_session_id=session))


# ── Events ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("event", ["1", "evt#1", "a.b", "3fa85f64-5717", "with space", "e" * 256])
def test_an_event_id_is_taken_as_it_is(event: str) -> None:
    assert mapped(a_document(event_id=event)).event_id == event


@pytest.mark.parametrize(("value", "kind"), WRONG_TYPES)
def test_an_event_id_of_another_type_is_malformed(value: object, kind: str) -> None:
    with pytest.raises(Malformed, match=f"event_id is {kind}"):
        mapped(a_document(event_id=value))


@pytest.mark.parametrize(
    "event", ["", " ", " evt", "evt ", "evt\n", "e\x00", "e\x7f", "évt", "e" * 257, "e\u200bt"]
)
def test_an_event_id_that_could_look_like_another_is_malformed(event: str) -> None:
    with pytest.raises(Malformed, match="event_id"):
        mapped(a_document(event_id=event))


# ── E-mails ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("flag", [True, False])
def test_the_flag_is_taken_as_it_is(*, flag: bool) -> None:
    assert mapped(a_document(cancel_without_email=flag)).cancel_without_email is flag


def test_the_mails_are_sent_where_a_document_says_nothing() -> None:
    assert mapped(a_document()).cancel_without_email is False


@pytest.mark.parametrize("constant", [True, False])
def test_a_constant_flag_stands_whatever_the_document_says(*, constant: bool) -> None:
    document = a_document(cancel_without_email=not constant)
    assert mapped(document, cancel_without_email=constant).cancel_without_email is constant


@pytest.mark.parametrize("value", ["true", "True", "false", "yes", "", 1, 0, 1.0, [], [True], {}])
def test_a_flag_that_is_not_true_or_false_is_malformed(value: object) -> None:
    with pytest.raises(Malformed, match="cancel_without_email"):
        mapped(a_document(cancel_without_email=value))


# ── Notes ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_long_reason_is_cut() -> None:
    request = mapped(a_document(reason="x" * (MAX_NOTE_CHARS + 1)), reason="body.data.reason")
    assert request.reason == "x" * MAX_NOTE_CHARS


def test_a_reason_holds_no_signs_that_steer_a_screen() -> None:
    request = mapped(a_document(reason="a\n\x1b[2J\u202eb\x00"), reason="body.data.reason")
    assert request.reason == "a  [2J b "


def test_a_reason_that_a_document_lacks_is_none() -> None:
    assert mapped(a_document(), reason="body.data.reason").reason is None


@pytest.mark.parametrize("value", [1, True, [], {}])
def test_a_reason_of_another_type_is_malformed(value: object) -> None:
    with pytest.raises(Malformed, match="reason"):
        mapped(a_document(reason=value), reason="body.data.reason")


# ── Filters and expressions ───────────────────────────────────────────────────────────────────────


def test_without_a_filter_every_document_is_a_cancellation() -> None:
    assert is_cancellation(some_expressions(), a_document())


@pytest.mark.parametrize(("kind", "verdict"), [("deposition.canceled", True), ("deposition.moved", False)])
def test_a_filter_decides(kind: str, *, verdict: bool) -> None:
    document: Json = {"headers": {}, "body": {"type": kind}}
    expressions = some_expressions(filter="body.type == 'deposition.canceled'")
    assert is_cancellation(expressions, document) is verdict


@pytest.mark.parametrize("expression", ["body.type", "body.nothing", "body.data", "`1`", "[body.type]"])
def test_a_filter_that_yields_neither_true_nor_false_is_malformed(expression: str) -> None:
    with pytest.raises(Malformed, match="filter"):
        is_cancellation(some_expressions(filter=expression), a_document())


@pytest.mark.parametrize("body", [None, 42, "text", [], [{"data": {"remote_session_id": "session-1"}}]])
def test_a_document_of_another_shape_is_malformed(body: Json) -> None:
    with pytest.raises(Malformed, match="remote_session_id is missing"):
        mapped({"headers": {"webhook-id": "msg_1"}, "body": body})


@pytest.mark.parametrize(
    "expression", ["length(body.data.number)", "sort(body.data.mixed)", "keys(body.type)"]
)
def test_an_expression_that_does_not_fit_the_document_is_malformed(expression: str) -> None:
    with pytest.raises(Malformed, match="does not fit"):
        mapped(a_document(number=1, mixed=[1, "a"]), remote_session_id=expression)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("contains(body.type, body.data.number)", id="TypeError"),
        pytest.param("max_by(body.data.mixed, &@)", id="TypeError-in-a-comparison"),
        pytest.param("ceil(to_number(body.data.huge))", id="OverflowError"),
        pytest.param("floor(to_number(body.data.nan))", id="ValueError"),
    ],
)
def test_an_expression_that_fails_within_jmespath_is_malformed(expression: str) -> None:
    document = a_document(number=1, mixed=[1, "a"], huge="1e999", nan="nan")
    with pytest.raises(Malformed, match="does not fit"):
        mapped(document, remote_session_id=expression)


def test_values_are_data_and_never_expressions() -> None:
    document = a_document(remote_session_id="body.type")
    with_dots = mapped(document)
    assert with_dots.remote_session_id == "body.type"
