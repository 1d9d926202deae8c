"""Thousands of requests through an outage, a storm and a rotation, on a simulated clock."""

import math
from collections import Counter

import pytest

from cancellations import rates
from cancellations.answers import Answer, answer_for
from cancellations.domain import Organization, Request
from cancellations.pace import Pace
from cancellations.permits import KEY_AGAIN_S
from cancellations.rates import Rate
from simulation.cluster import START, Cluster, Prevail, Time
from simulation.mutants import Broken

HOUR_S = 3600.0
MINUTE_S = 60.0


def nothing(*_: object, **__: object) -> None:
    return None


def no_slower(rate: Rate, _since: float, _now: float) -> Rate:
    return rate


RATE_MUTANTS = {
    "never-learned": Broken(Pace, "turned_away", nothing),
    "never-raised": Broken(rates, "faster", nothing),
    "never-lowered": Broken(rates, "slower", no_slower),
}
NEVER_FORGOTTEN = Broken(rates, "FORGOTTEN_S", math.inf, too=Broken(rates, "BOUND_S", math.inf))


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


# ── A limit that nobody has configured ────────────────────────────────────────────────────────────


class Storm:
    """500 at once, where Prevail takes 5 calls a second; later, without a limit, 1,000 at once."""

    REQUESTS, LIMIT, LATER, AFTER_S = 500, 5.0, 1000, 2 * HOUR_S

    def __init__(self) -> None:
        self.time = Time()
        self.prevail = Prevail(self.time, limit=self.LIMIT)
        self.cluster = Cluster(an_organization(None), self.prevail, self.time)
        for place in range(self.REQUESTS):
            self.cluster.accept(a_request(place, START))
        self.cluster.run()
        self.took = max(self.cluster.settled.values()) - START
        self.in_vain = self.prevail.refused / len(self.prevail.calls)

    @property
    def is_slowed_down_well(self) -> bool:
        return self.took <= 1.3 * self.REQUESTS / self.LIMIT and self.in_vain < 0.12

    def without_a_limit(self) -> float:
        """How long the second storm takes."""
        self.prevail.limit = None
        at = START + self.AFTER_S
        for place in range(self.LATER):
            self.cluster.accept(a_request(self.REQUESTS + place, at))
        self.cluster.run()
        return max(self.cluster.settled.values()) - at


def test_a_limit_is_learned_from_what_prevail_turns_away() -> None:
    storm = Storm()
    assert storm.is_slowed_down_well
    assert set(storm.cluster.outcomes.values()) == {"canceled"}
    assert set(storm.prevail.states.values()) == {1}


@pytest.mark.parametrize("mutant", RATE_MUTANTS)
def test_a_limit_that_is_learned_badly_shows(mutant: str) -> None:
    with RATE_MUTANTS[mutant].applied():
        assert not Storm().is_slowed_down_well


def test_a_limit_that_is_gone_is_forgotten() -> None:
    assert Storm().without_a_limit() < MINUTE_S


def test_a_limit_that_is_never_forgotten_shows() -> None:
    with NEVER_FORGOTTEN.applied():
        assert Storm().without_a_limit() > 2 * MINUTE_S


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
    assert in_vain < 1.1 * 2 * HOUR_S / KEY_AGAIN_S
