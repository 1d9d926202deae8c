from collections.abc import Callable
from itertools import pairwise

import pytest

from builders import NOW, a_request, some_evidence, some_names
from cancellations.admission import Conflicted, Received
from cancellations.domain import Outcome
from cancellations.errors import Unavailable
from cancellations.intake import Ignored
from cancellations.ledger import Ledger
from cancellations.receive import Arrival, Handshake
from cancellations.wait import ANSWER_S, FIRST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_S, Told, Wait, Waited
from cancellations.writes import Item
from fakes import Clock, MemoryTable

REQUEST = a_request()
RECEIVED = Received(REQUEST, "queued", replayed=False)
OUTCOME = Outcome("canceled", None, REQUEST.id, some_evidence(200))


class Bench:
    """An accepted request that settles `settles_after` seconds from now, on a clock that sleeping moves."""

    def __init__(self, settles_after: float | None = None) -> None:
        self.clock, self.table, self.pauses = Clock(NOW), LateTable(), list[float]()
        self.ledger = Ledger(self.table, some_names(), lease_s=120.0)
        self.ledger.accept(REQUEST, NOW)
        self._settles_at = None if settles_after is None else NOW + settles_after

    def __call__(
        self, seconds: int, result: Told = RECEIVED, remaining: Callable[[], float] = lambda: 29.0
    ) -> Waited | None:
        return Wait(self.table, self.clock, self._sleep)(result, seconds, remaining)

    @property
    def waited(self) -> float:
        return round(self.clock.now - NOW, 6)

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.now += seconds
        if self._settles_at is not None and self.clock.now >= self._settles_at:
            self.ledger.settle(REQUEST, OUTCOME, self.clock.now)


class LateTable(MemoryTable):
    """Does not answer the first `failures` reads."""

    failures = 0

    def read(self, key: str) -> Item | None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("the table")
        return super().read(key)


def test_what_settles_in_time_is_told() -> None:
    assert Bench(settles_after=2)(10) == Waited(OUTCOME, 10)


def test_it_is_told_within_a_pause_of_settling() -> None:
    bench = Bench(settles_after=2)
    bench(10)
    assert 2 <= bench.waited <= 2 + LONGEST_PAUSE_S


def test_what_has_settled_before_is_told_at_once() -> None:
    bench = Bench(settles_after=0)
    assert bench(10)
    assert bench.waited == FIRST_PAUSE_S


def test_what_does_not_settle_in_time_is_not_waited_for_any_longer() -> None:
    bench = Bench(settles_after=10.1)
    assert bench(10) is None
    assert bench.waited == 10


def test_the_last_look_is_at_the_very_end() -> None:
    assert Bench(settles_after=10)(10)


def test_nobody_waits_longer_than_the_longest() -> None:
    bench = Bench()
    assert bench(10**6) is None
    assert bench.waited == LONGEST_S


def test_a_wait_that_was_cut_is_told_as_it_was_applied() -> None:
    assert Bench(settles_after=1)(10**6) == Waited(OUTCOME, LONGEST_S)


def test_time_to_answer_is_left() -> None:
    bench = Bench()
    assert bench(20, remaining=lambda: 8.0) is None
    assert bench.waited == 8 - ANSWER_S


@pytest.mark.parametrize("remaining", [ANSWER_S, 1.0, 0.0])
def test_without_time_nobody_waits(remaining: float) -> None:
    bench = Bench(settles_after=0)
    assert bench(20, remaining=lambda: remaining) is None
    assert bench.pauses == []


def test_pauses_grow_up_to_the_longest() -> None:
    bench = Bench()
    bench(20)
    whole = bench.pauses[:-1]  # the last is cut to what is left
    assert whole[0] == FIRST_PAUSE_S
    assert max(whole) == LONGEST_PAUSE_S
    assert all(first <= second for first, second in pairwise(whole))


def test_a_table_that_does_not_answer_is_asked_again() -> None:
    bench = Bench(settles_after=0)
    bench.table.failures = 3
    assert bench(10)


@pytest.mark.parametrize(
    "result",
    [
        Conflicted(REQUEST),
        Arrival("acme", (Ignored("acme", "filter"),), "one", "key"),
        Arrival("acme", (RECEIVED,), "several", "key"),
        Arrival("acme", (RECEIVED,), "soap", "key"),
        Handshake("acme", {}, None),
    ],
    ids=["conflict", "ignored", "several", "soap", "handshake"],
)
def test_where_no_one_request_was_made_nobody_waits(result: Told) -> None:
    bench = Bench(settles_after=0)
    assert bench(10, result) is None
    assert bench.pauses == []


def test_the_one_request_of_a_delivery_is_waited_for() -> None:
    assert Bench(settles_after=1)(10, Arrival("acme", (RECEIVED,), "one", "key"))
