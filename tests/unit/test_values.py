"""What values of a delivery must look like to be believed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.errors import Malformed
from cancellations.source import values
from cancellations.source.values import MAX_NOTE_CHARS, MAX_TIME

HUSH = "hushhush"

WRONG_TYPES = [
    pytest.param(None, "missing", id="null"),
    pytest.param(0, "a number", id="zero"),
    pytest.param(1.5, "a number", id="number"),
    pytest.param(True, "a boolean", id="boolean"),
    pytest.param(["session-1"], "a list", id="list"),
    pytest.param({"$ne": None}, "an object", id="object"),
]


# ── Sessions ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "session", ["1", "a", "_", "-", "session-1", "acme_deposition.2027-01-15", "a..b", "A" * 128]
)
def test_a_session_id_is_taken_as_it_is(session: str) -> None:
    assert values.session_id(session) == session


@pytest.mark.parametrize(("value", "kind"), WRONG_TYPES)
def test_a_session_id_of_another_type_is_malformed(value: object, kind: str) -> None:
    with pytest.raises(Malformed, match=f"remote_session_id is {kind}"):
        values.session_id(value)


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
        values.session_id(session)


# ── Events ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("event", ["1", "evt#1", "a.b", "3fa85f64-5717", "with space", "e" * 256])
def test_an_event_id_is_taken_as_it_is(event: str) -> None:
    assert values.event_id(event) == event


@pytest.mark.parametrize(("value", "kind"), WRONG_TYPES)
def test_an_event_id_of_another_type_is_malformed(value: object, kind: str) -> None:
    with pytest.raises(Malformed, match=f"event_id is {kind}"):
        values.event_id(value)


@pytest.mark.parametrize(
    "event", ["", " ", " evt", "evt ", "evt\n", "e\x00", "e\x7f", "évt", "e" * 257, "e\u200bt"]
)
def test_an_event_id_that_could_look_like_another_is_malformed(event: str) -> None:
    with pytest.raises(Malformed, match="event_id"):
        values.event_id(event)


# ── Events of several parts ───────────────────────────────────────────────────────────────────────

parts = st.lists(st.text(min_size=1) | st.integers(), min_size=2, max_size=4)


def test_an_event_id_of_several_parts_shows_them() -> None:
    assert values.composed_event_id(["uri", 7]) == '["uri",7]'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(["ab", "c"], ["a", "bc"], id="a-letter-over-the-border"),
        pytest.param(["1", "2"], [1, 2], id="text-and-number"),
        pytest.param(['a","b', "c"], ["a", 'b","c'], id="with-the-border-inside"),
        pytest.param(["a", "b"], ["b", "a"], id="in-another-order"),
        pytest.param(["x" * 300, "a"], ["x" * 300, "b"], id="longer-than-an-id-may-be"),
    ],
)
def test_parts_that_differ_make_event_ids_that_differ(one: list[object], other: list[object]) -> None:
    assert values.composed_event_id(one) != values.composed_event_id(other)


@given(parts)
def test_parts_of_any_length_make_an_event_id_that_can_stand(found: list[object]) -> None:
    composed = values.composed_event_id(found)
    assert values.event_id(composed) == composed


@given(parts)
def test_the_same_parts_make_the_same_event_id(found: list[object]) -> None:
    assert values.composed_event_id(found) == values.composed_event_id(json.loads(json.dumps(found)))


@pytest.mark.parametrize(
    ("part", "kind"),
    [(None, "missing"), ("", "empty"), (True, "a boolean"), (1.5, "a number"), ([], "a list")],
)
def test_an_event_id_with_a_part_that_tells_nothing_apart_is_malformed(part: object, kind: str) -> None:
    with pytest.raises(Malformed, match=f"a part of event_id is {kind}"):
        values.composed_event_id(["uri", part])


# ── Ids of senders ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("value", "found"), [("case 7/b", "case 7/b"), (1234, "1234"), (0, "0")])
def test_a_senders_own_id_is_a_text_or_a_whole_number(value: object, found: str) -> None:
    assert values.sender_id(value) == found


@pytest.mark.parametrize("value", [None, True, 1.0, "", " x", "x\n", "é", "x" * 257, ["x"], {}])
def test_a_senders_own_id_of_another_form_is_malformed(value: object) -> None:
    with pytest.raises(Malformed, match="remote_session_id"):
        values.sender_id(value)


# ── E-mails ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("value", "flag"), [(True, True), (False, False), (None, False)])
def test_a_flag_is_what_it_says_and_false_where_it_says_nothing(value: object, *, flag: bool) -> None:
    assert values.flag(value) is flag


@pytest.mark.parametrize("value", ["true", "True", "false", "yes", "", 1, 0, 1.0, [], [True], {}])
def test_a_flag_that_is_not_true_or_false_is_malformed(value: object) -> None:
    with pytest.raises(Malformed, match="cancel_without_email"):
        values.flag(value)


# ── Notes ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_long_note_is_cut() -> None:
    assert values.note("x" * (MAX_NOTE_CHARS + 1), "reason") == "x" * MAX_NOTE_CHARS


def test_a_note_holds_no_signs_that_steer_a_screen() -> None:
    assert values.note("a\n\x1b[2J\u202eb\x00", "reason") == "a  [2J b "


def test_a_note_that_is_missing_is_none() -> None:
    assert values.note(None, "reason") is None


@pytest.mark.parametrize("value", [1, True, [], {}])
def test_a_note_of_another_type_is_malformed(value: object) -> None:
    with pytest.raises(Malformed, match="requested_by"):
        values.note(value, "requested_by")


# ── Times ─────────────────────────────────────────────────────────────────────────────────────────

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "value",
    [
        int(NEW_YEAR),
        NEW_YEAR,
        "2027-01-01T00:00:00Z",
        "2027-01-01T00:00:00.000+00:00",
        "2026-12-31T19:00:00-05:00",
    ],
)
def test_a_time_is_read_from_seconds_or_from_iso_8601(value: object) -> None:
    assert values.moment(value) == NEW_YEAR


def test_a_time_that_is_missing_is_none() -> None:
    assert values.moment(None) is None


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("2027-01-01T00:00:00", id="of-no-offset"),
        pytest.param("2027-01-01", id="of-a-day"),
        pytest.param("1/1/2027", id="of-america"),
        pytest.param("1969-12-31T23:59:59Z", id="before-1970"),
        pytest.param("9999-01-01T00:00:00Z", id="after-2999"),
        pytest.param("", id="empty"),
        pytest.param("1800000000", id="digits"),
        pytest.param(True, id="boolean"),
        pytest.param(-1, id="negative"),
        pytest.param(MAX_TIME, id="the-year-3000"),
        pytest.param(NEW_YEAR * 1000, id="milliseconds"),
        pytest.param([], id="list"),
        pytest.param({}, id="object"),
    ],
)
def test_a_time_that_could_be_another_one_is_malformed(value: object) -> None:
    with pytest.raises(Malformed, match="starts_at"):
        values.moment(value)


# ── Causes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "check",
    [
        values.session_id,
        values.event_id,
        values.sender_id,
        values.flag,
        values.moment,
        lambda value: values.note([value], "reason"),
        lambda value: values.composed_event_id(["a", [value]]),
    ],
    ids=["session", "event", "sender", "flag", "moment", "note", "composed"],
)
def test_no_cause_repeats_the_value(check: Callable[[object], object]) -> None:
    with pytest.raises(Malformed) as malformed:
        check(HUSH + "\n")
    assert HUSH not in str(malformed.value)
