"""What every bus promises to whoever announces."""

from collections.abc import Iterator

import pytest

from builders import NOW
from buses import BUSES, LISTENED_TO, STRICT_BUSES, Heard
from cancellations.domain import OUTCOMES
from cancellations.errors import Unavailable
from cancellations.ports import MOST_AT_ONCE, Announcement, Bus
from tables import each


@pytest.fixture(params=each(BUSES))
def bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    with BUSES[request.param]() as made:
        yield made.bus


@pytest.fixture(params=each(STRICT_BUSES))
def strict_bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    with STRICT_BUSES[request.param]() as made:
        yield made.bus


@pytest.fixture(params=each(LISTENED_TO))
def heard(request: pytest.FixtureRequest) -> Iterator[Heard]:
    with LISTENED_TO[request.param]() as made:
        yield made


def an_announcement(number: int = 1, detail_type: str = "Session Canceled") -> Announcement:
    return Announcement(detail_type, f"request-{number}", NOW, {"id": f"event-{number}", "words": "Zürich"})


def test_what_is_put_is_heard_by_whoever_listens(heard: Heard) -> None:
    assert heard.bus.put([an_announcement()]) == [None]
    (event,) = heard.events()
    assert event == {
        "source": OUTCOMES,
        "detail-type": "Session Canceled",
        "detail": {"id": "event-1", "words": "Zürich"},
    }


def test_as_many_as_may_be_put_at_once_are_heard(heard: Heard) -> None:
    announcements = [an_announcement(number) for number in range(MOST_AT_ONCE)]
    assert heard.bus.put(announcements) == [None] * MOST_AT_ONCE
    told = sorted(event["detail"]["id"] for event in heard.events())
    assert told == [f"event-{number}" for number in range(MOST_AT_ONCE)]


@pytest.mark.parametrize("number", [0, MOST_AT_ONCE + 1])
def test_fewer_or_more_than_may_be_put_at_once_are_not_put(bus: Bus, number: int) -> None:
    with pytest.raises(Unavailable):
        bus.put([an_announcement(place) for place in range(number)])


def test_one_that_is_refused_is_told_at_its_place_and_its_neighbours_are_put(strict_bus: Bus) -> None:
    put = strict_bus.put([an_announcement(1), an_announcement(2, detail_type=""), an_announcement(3)])
    assert (put[0], put[2]) == (None, None)
    assert put[1]
