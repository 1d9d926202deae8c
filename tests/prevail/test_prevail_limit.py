"""A rate limit, on the emulator's clock: so many at once, so many a second, and when to come back."""

from collections.abc import Iterator

import pytest

from prevail.client import ApiCaller, Emulator
from prevail.limit import Bucket
from prevail.server import running
from prevail.tokens import sign

NOW = 1_800_000_000


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(clock: Clock) -> Iterator[ApiCaller]:
    """acme, at an emulator that takes two calls at once and one in two seconds after that."""
    with running(clock=clock, switches={"rate_limit_per_s": 0.5, "rate_limit_burst": 2}) as url:
        Emulator(url).put_organization("acme", api_key="acme" * 10)
        yield ApiCaller(url, sign("acme", "acme" * 10, expires_at=NOW + 10_000))


def statuses(caller: ApiCaller, times: int) -> list[int]:
    return [caller.sessions().status_code for _ in range(times)]


def test_a_burst_is_let_through_and_no_more(limited: ApiCaller) -> None:
    assert statuses(limited, 4) == [200, 200, 429, 429]


def test_time_lets_one_more_through(limited: ApiCaller, clock: Clock) -> None:
    statuses(limited, 2)
    clock.now += 2
    assert statuses(limited, 2) == [200, 429]


def test_a_long_time_lets_no_more_through_than_a_burst(limited: ApiCaller, clock: Clock) -> None:
    statuses(limited, 2)
    clock.now += 1000
    assert statuses(limited, 3) == [200, 200, 429]


def test_whoever_is_refused_is_told_when_to_come_back(limited: ApiCaller, clock: Clock) -> None:
    statuses(limited, 2)
    wait = int(limited.sessions().headers["Retry-After"])
    clock.now += wait
    assert (wait, limited.sessions().status_code) == (2, 200)


def test_when_to_come_back_may_be_said_otherwise(limited: ApiCaller) -> None:
    Emulator(limited.url).put_switches(rate_limit_retry_after="date")
    statuses(limited, 2)
    assert limited.sessions().headers["Retry-After"] == "Fri, 15 Jan 2027 08:00:02 GMT"


def test_a_refused_call_has_no_effect_and_is_counted(limited: ApiCaller) -> None:
    emulator = Emulator(limited.url)
    emulator.put_session("s-1", organization="acme", state="ready")
    statuses(limited, 2)
    limited.cancel("s-1")
    totals = emulator.totals()
    assert (emulator.session("s-1").state, totals.rate_limited, totals.patches) == ("ready", 1, 1)


def test_a_stranger_is_limited_too(limited: ApiCaller) -> None:
    statuses(limited, 2)
    assert ApiCaller(limited.url, None).sessions().status_code == 429


def test_what_came_in_each_second_is_in_the_totals(limited: ApiCaller, clock: Clock) -> None:
    statuses(limited, 3)
    clock.now += 2.5
    statuses(limited, 1)
    totals = Emulator(limited.url).totals()
    assert (totals.per_second, totals.busiest_second) == (((NOW, 3), (NOW + 2, 1)), 3)


def test_a_clock_that_goes_back_takes_no_token() -> None:
    bucket = Bucket()
    assert bucket.take(1, 2, NOW) == 0
    assert bucket.take(1, 2, NOW - 100) == 0
    assert bucket.take(1, 2, NOW - 100) == 1


def test_another_rate_begins_with_a_full_bucket() -> None:
    bucket = Bucket()
    assert [bucket.take(1, 1, NOW), bucket.take(1, 1, NOW), bucket.take(2, 1, NOW)] == [0, 1, 0]
