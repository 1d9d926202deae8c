"""Thousands of requests through an outage, a storm and a rotation, on a simulated clock."""

from collections import Counter

import pytest

from cancellations.answers import Answer, answer_for
from cancellations.domain import Organization, Request
from simulation.cluster import START, Cluster, Prevail, Time

HOUR_S = 3600.0
MINUTE_S = 60.0


def an_organization(per_second: float | None) -> Organization:
    return Organization("acme-legal", "https://prevail.example", "acme-legal", per_second=per_second)


def a_request(place: int, at: float) -> Request:
    return Request(
        "acme-legal", "acme", f"event-{place}", f"session-{place}", cancel_without_email=False, accepted_at=at
    )


def most_in_a_second(calls: list[float]) -> int:
    ordered, most, first = sorted(calls), 0, 0
    for last, at in enumerate(ordered):
        while ordered[first] <= at - 1.0 + 1e-6:  # moments are sums of fractions
            first += 1
        most = max(most, last - first + 1)
    return most


class Outage:
    """10,000 requests in six hours without an answer; afterwards Prevail takes 20 calls a second."""

    REQUESTS, BEGINS, ENDS, PER_SECOND = 10_000, START + MINUTE_S, START + MINUTE_S + 6 * HOUR_S, 20.0

    def __init__(self) -> None:
        time = Time()
        self.prevail = Prevail(time, self.down)
        self.cluster = Cluster(an_organization(self.PER_SECOND), self.prevail, time)
        apart = (self.ENDS - self.BEGINS) / self.REQUESTS
        for place in range(self.REQUESTS):
            self.cluster.accept(a_request(place, self.BEGINS + place * apart))
        self.cluster.run()

    def down(self, at: float) -> Answer | None:
        return answer_for(503) if self.BEGINS <= at < self.ENDS else None

    def attempts(self) -> Counter[int]:
        sessions = (item for key, item in self.cluster.table.items.items() if key.startswith("SESSION#"))
        return Counter(len(item["attempts"]) for item in sessions if isinstance(item["attempts"], list))


@pytest.fixture(scope="module")
def outage() -> Outage:
    return Outage()


def test_after_an_outage_every_request_settles_as_canceled(outage: Outage) -> None:
    assert set(outage.cluster.outcomes.values()) == {"canceled"}
    assert len(outage.cluster.outcomes) == outage.REQUESTS


def test_after_an_outage_everything_is_settled_within_half_an_hour(outage: Outage) -> None:
    assert max(outage.cluster.settled.values()) - outage.ENDS < 30 * MINUTE_S


def test_an_outage_burns_no_attempts_but_those_that_probe(outage: Outage) -> None:
    calls_in_vain = sum(1 for at in outage.prevail.calls if at < outage.ENDS)
    assert calls_in_vain < 200  # in six hours, for 10,000 requests
    assert max(outage.attempts()) < 10


def test_after_an_outage_prevail_is_not_run_over(outage: Outage) -> None:
    after = [at for at in outage.prevail.calls if at >= outage.ENDS]
    assert most_in_a_second(after) <= outage.PER_SECOND


def test_a_storm_is_let_through_as_fast_as_allowed_and_no_faster() -> None:
    time = Time()
    prevail = Prevail(time, limit=5.0)
    cluster = Cluster(an_organization(5.0), prevail, time)
    for place in range(2000):
        cluster.accept(a_request(place, START))
    cluster.run()
    assert most_in_a_second(prevail.calls) <= 5
    assert prevail.refused == 0
    assert max(cluster.settled.values()) - START < 1.15 * 2000 / 5


def test_a_storm_without_a_rate_of_ours_is_slowed_down_by_what_prevail_says() -> None:
    time = Time()
    prevail = Prevail(time, limit=5.0)
    cluster = Cluster(an_organization(None), prevail, time)
    for place in range(500):
        cluster.accept(a_request(place, START))
    cluster.run()
    assert set(cluster.outcomes.values()) == {"canceled"}
    assert set(prevail.states.values()) == {1}


def test_a_rotated_key_heals_without_a_person() -> None:
    time = Time()
    rotated_at = START + HOUR_S
    prevail = Prevail(time, needs_key_from=rotated_at)
    cluster = Cluster(an_organization(None), prevail, time)
    for place in range(200):
        cluster.accept(a_request(place, rotated_at + place))
    cluster.run(until=rotated_at + 2 * HOUR_S)
    assert cluster.outcomes == {}
    in_vain = len(prevail.calls)
    cluster.keys.keys["acme-legal"] = prevail.new_key
    cluster.run()
    assert set(cluster.outcomes.values()) == {"canceled"}
    assert in_vain < 20
