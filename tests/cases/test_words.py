"""`reason` and `requested_by` as senders write them: text if it can be, else left out with a note."""

import json

import pytest

from cases.desk import Desk, reported
from cases.tables import KEYED_JSON, asked, tool

GITHUB = "https://github.com"
MAX_CHARS = 500

AS_TEXT = [
    pytest.param("Settled", "settled", id="a text"),
    pytest.param(3, "3", id="a number"),
    pytest.param(True, "true", id="a boolean"),
    pytest.param(["Settled"], "settled", id="a list of one"),
]


@pytest.mark.parametrize("field", ["reason", "requested_by"])
@pytest.mark.parametrize(("written", "kept"), AS_TEXT)
def test_a_scalar_becomes_text(desk: Desk, field: str, written: object, kept: str) -> None:
    tried = desk.deliver("tool", tool(), asked(reason=written, by=written), KEYED_JSON)
    assert tried.request[field].lower() == kept


def test_a_list_of_words_becomes_one_text(desk: Desk) -> None:
    tried = desk.deliver("tool", tool(), asked(reason=["Settled", "Witness ill"]), KEYED_JSON)
    assert "Settled" in tried.request["reason"]
    assert "Witness ill" in tried.request["reason"]


RICH_TEXT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Settled"}]}],
}

LEFT_OUT = [
    pytest.param({"value": "x"}, id="an object"),
    reported(f"{GITHUB}/atlassian/gajira-create/issues/35", RICH_TEXT),
    reported(
        f"{GITHUB}/n8n-io/n8n/pull/2128",
        [{"type": "text", "plain_text": "Settled", "text": {"content": "Settled"}}],
    ),
]


@pytest.mark.parametrize(("key", "field"), [("reason", "reason"), ("by", "requested_by")])
@pytest.mark.parametrize("written", LEFT_OUT)
def test_what_is_no_text_is_left_out_with_a_note(desk: Desk, key: str, field: str, written: object) -> None:
    tried = desk.deliver("tool", tool(), asked(**{key: written}), KEYED_JSON)
    assert tried.answer == 202, tried.said
    assert tried.request.get(field) is None
    assert any(field in note for note in tried.request["notes"])


@pytest.mark.parametrize(
    "written",
    [
        reported(f"{GITHUB}/webhookdb/webhookdb/pull/751", "Settled\0today"),
        reported(f"{GITHUB}/Kilo-Org/cloud/pull/6245", "Settled\r\ntoday\x1b[31m"),
    ],
)
def test_control_characters_never_refuse_a_cancellation(desk: Desk, written: str) -> None:
    reason = desk.deliver("tool", tool(), asked(reason=written), KEYED_JSON).request["reason"]
    assert reason.startswith("Settled")
    assert reason.isprintable()


def test_a_long_reason_is_cut_between_characters(desk: Desk) -> None:
    """https://github.com/elizaOS/eliza/pull/18079: cut in UTF-16, half of the last sign would stay."""
    reason = desk.deliver("tool", tool(), asked(reason="🚸" * 2_000), KEYED_JSON).request["reason"]
    assert reason == "🚸" * MAX_CHARS


def test_a_pair_of_escapes_is_one_sign(desk: Desk) -> None:
    """https://github.com/agent0ai/agent-zero/issues/1773"""
    body = '{"remote_session_id": "session-of-tuesday", "reason": "off \\ud83c\\udf78"}'
    assert desk.deliver("tool", tool(), body, KEYED_JSON).request["reason"] == "off 🍸"


def test_half_of_a_sign_is_refused_by_name(desk: Desk) -> None:
    """https://github.com/ThomasKliszowski/json_reindent/issues/12: such a text has no bytes in UTF-8."""
    body = '{"remote_session_id": "session-of-tuesday", "reason": "off \\ud83d"}'
    tried = desk.deliver("tool", tool(), body, KEYED_JSON)
    assert tried.refused("surrogate")
    assert tried.answer == 400


def test_one_description_does_not_hide_another(desk: Desk) -> None:
    """Each field that was left out has a note of its own; the session is cancelled all the same."""
    body = asked(reason={"a": 1}, by={"id": 5}, starts_at="tomorrow")
    request = desk.deliver("tool", tool(), body, KEYED_JSON).request
    assert request["remote_session_id"] == "session-of-tuesday"
    assert [
        field
        for field in ("reason", "requested_by", "starts_at")
        if not any(field in note for note in request["notes"])
    ] == []


def test_notes_repeat_no_value(desk: Desk) -> None:
    request = desk.deliver("tool", tool(), asked(starts_at="at-the-usual-hour"), KEYED_JSON).request
    assert "at-the-usual-hour" not in json.dumps(request["notes"])
