"""What stands in a message on the queue: of this version, and of the version before."""

import json

import pytest

from builders import NOW, a_request
from cancellations.domain import KNOWN, NEW, Json, Progress
from cancellations.messages import message_for, progress_in, request_in

REQUEST = a_request(reason="It settled.", starts_at=NOW + 3600)


@pytest.mark.parametrize("progress", [NEW, KNOWN, Progress(slot=NOW + 0.25), Progress(True, NOW)])  # noqa: FBT003 - its only flag
def test_what_is_written_is_read(progress: Progress) -> None:
    message = json.loads(json.dumps(message_for(REQUEST, progress, NOW)))
    assert (request_in(message), progress_in(message), message["not_before"]) == (REQUEST, progress, NOW)


def test_a_message_of_a_new_request_is_what_the_version_before_wrote() -> None:
    assert message_for(REQUEST) == {"version": 1, "request": REQUEST.as_json()}


def test_a_message_of_the_version_before_has_passed_nothing() -> None:
    assert progress_in({"version": 1, "request": REQUEST.as_json(), "not_before": NOW}) == NEW


@pytest.mark.parametrize("nonsense", [None, 1, "true", [], {}])
def test_what_no_version_writes_is_taken_for_nothing(nonsense: Json) -> None:
    message: dict[str, Json] = {"version": 1, "request": REQUEST.as_json(), "counted": nonsense}
    assert progress_in(message) == NEW
