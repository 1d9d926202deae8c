"""What stands in a message on the queue: of this version, and of the version before."""

import json
from typing import Any

import pytest

from builders import NOW, a_request
from cancellations.domain import KNOWN, NEW, Json, Progress
from cancellations.errors import Malformed, NewerVersion
from cancellations.messages import MAX_COUNT, message_for, not_before_in, progress_in, request_in
from cancellations.source import values

REQUEST = a_request(reason="It settled.", starts_at=NOW + 3600, notes=("starts_at was left out",))


@pytest.mark.parametrize(
    "progress",
    [
        NEW,
        KNOWN,
        Progress(slot=NOW + 0.25),
        Progress(counted=True, slot=NOW),
        Progress(counted=True, in_vain=7),
        Progress(counted=True, told=True),
        Progress(counted=True, look=True),
        Progress(counted=True, conflicts=2),
    ],
)
def test_what_is_written_is_read(progress: Progress) -> None:
    message = json.loads(json.dumps(message_for(REQUEST, progress, NOW)))
    assert (request_in(message), progress_in(message), not_before_in(message)) == (REQUEST, progress, NOW)


@pytest.mark.parametrize("count", [-1, 1.5, "7", True, None, [], 10**9])
def test_a_count_is_bounded(count: object) -> None:
    message: Any = {"in_vain": count, "conflicts": count}
    progress = progress_in(message)
    assert 0 <= progress.in_vain == progress.conflicts <= MAX_COUNT


@pytest.mark.parametrize("flag", [1, "true", None, [True]])
def test_a_flag_that_is_none_says_nothing(flag: object) -> None:
    message: Any = {"told": flag, "look": flag, "counted": flag}
    assert progress_in(message) == NEW


def test_a_message_of_a_new_request_is_what_the_version_before_wrote() -> None:
    assert message_for(REQUEST) == {"version": 1, "request": REQUEST.as_json()}


def test_a_message_of_the_version_before_has_passed_nothing() -> None:
    assert progress_in({"version": 1, "request": REQUEST.as_json(), "not_before": NOW}) == NEW


@pytest.mark.parametrize("nonsense", [None, 1, "true", [], {}])
def test_what_no_version_writes_is_taken_for_nothing(nonsense: Json) -> None:
    message: dict[str, Json] = {"version": 1, "request": REQUEST.as_json(), "counted": nonsense}
    assert progress_in(message) == NEW


# ── What no version of ours has written ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("remote_session_id", value) for value in ("victim#", "victim?title=owned&x=", "../../x", "..")),
        *(("remote_session_id", value) for value in ("//evil.example", "victim/cancel?&x=", "", "s" * 129)),
        *(("remote_session_id", value) for value in ("s\ud800", 7, None, ["s1"])),
        *(("event_id", value) for value in ("", "e" * 257, "e\n", "\u00e9", " e", 7, None)),
        *(("organization", value) for value in ("", "acme/../x", "a" * 129, "acme\n", None)),
        *(("source", value) for value in ("", "ACME", "a" * 65, "acme ", None)),
        *(("cancel_without_email", value) for value in ("yes", 0, None)),
        *(
            ("accepted_at", value)
            for value in (-1, values.MAX_TIME, 1e300, 10**400, True, "1800000000", None)
        ),
        *(("accepted_at", value) for value in (float("nan"), float("inf"))),
        *(("starts_at", value) for value in (-1, values.MAX_TIME, float("nan"), True, "tomorrow")),
        *(("notes", value) for value in ("w", ["w" * 501], [7], ["w"] * 17, {"w": "w"})),
        *((note, value) for note in ("reason", "requested_by") for value in ("w" * 501, 7, ["w"])),
    ],
)
def test_a_field_that_no_intake_would_take_is_malformed(field: str, value: Json) -> None:
    with pytest.raises(Malformed):
        request_in({"version": 1, "request": {**REQUEST.as_json(), field: value}})


@pytest.mark.parametrize("time", [-1, values.MAX_TIME, float("nan"), True, "1800000000", [1]])
def test_a_wait_or_slot_that_is_no_time_is_malformed(time: Json) -> None:
    with pytest.raises(Malformed):
        progress_in({"slot": time})
    with pytest.raises(Malformed):
        not_before_in({"not_before": time})


@pytest.mark.parametrize(
    "event_id",
    [
        "!",
        "~" * 256,
        values.composed_event_id([1, "two"]),
        values.composed_event_id(["part" * 99, 2]),
        "[erased]",
        "ask of tuesday",
    ],
)
def test_every_event_id_that_we_have_ever_stored_is_read(event_id: str) -> None:
    """Of a sender, composed, hashed, erased; the last one is a caller's Idempotency-Key."""
    request = a_request(event_id=event_id)
    assert request_in(message_for(request)) == request


@pytest.mark.parametrize("note", ["w" * 500, "", "\u00fc \ufffd"])
def test_every_note_that_an_intake_keeps_is_read(note: str) -> None:
    request = a_request(reason=note, requested_by=note)
    assert request_in(message_for(request)) == request


def test_a_number_that_is_no_version_is_repeated_nowhere() -> None:
    with pytest.raises(NewerVersion, match=r"version 2$"):
        request_in({"version": 2, "request": {}})
    with pytest.raises(Malformed) as fault:
        request_in({"version": 31415926535, "request": {}})
    assert "31415926535" not in str(fault.value)
