"""A list whose pages cannot be selected: a doubt needs a person, unless the request says when the session starts."""

import pytest

from cancellations.answers import PAGES_UNREAD, Unread
from cancellations.backoff import CAP_S, REVIEW_AFTER_S
from cancellations.domain import Outcome
from cancellations.results import by_state
from reliability.scene import Scene

DAY_S = 86_400


@pytest.fixture
def unpaged(scene: Scene) -> Scene:
    """One session to a page, and every page is the first: that of `early`, which starts today."""
    scene.emulator.put_switches(page_parameter="none", page_items=1)
    scene.emulator.put_session(
        "early", organization="acme", state="ready", starts_at=int(scene.clock()) + 3600
    )
    return scene


def test_doubt_over_pages_that_cannot_be_read_needs_a_person(unpaged: Scene) -> None:
    unpaged.emulator.put_faults({"fault": "502-after", "method": "PATCH", "count": 1})
    request, began = unpaged.asked("s-1"), unpaged.clock()
    unpaged.waits(request)
    outcome = unpaged.comes_again(request)
    evidence = by_state(Unread(PAGES_UNREAD))
    assert outcome == Outcome("needs_review", "outcome_unknown", evidence=evidence)
    assert unpaged.counted(request) == (1, 1)
    assert REVIEW_AFTER_S < unpaged.clock() - began < REVIEW_AFTER_S + 2 * CAP_S


def test_doubt_about_a_session_whose_start_is_known_is_resolved(unpaged: Scene) -> None:
    unpaged.emulator.put_faults({"fault": "502-after", "method": "PATCH", "count": 1})
    began = unpaged.clock()
    request = unpaged.asked("s-1", starts_at=int(began) + 10 * DAY_S)
    unpaged.waits(request)
    assert unpaged.comes_again(request).status == "canceled"
    assert unpaged.clock() - began < CAP_S
    assert (unpaged.counted(request), unpaged.mailed(request)) == ((1, 1), 2)


def test_404_is_believed_although_the_pages_cannot_be_read(unpaged: Scene) -> None:
    """The list came with this key from this address, so neither of them is wrong."""
    outcome = unpaged.settled(unpaged.asked("nobody", None))
    assert (outcome.status, outcome.reason) == ("refused", "not_found")
