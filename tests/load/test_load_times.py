"""Quantiles are times that were measured, and every time lies in one bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.load.times import times

SOME = st.lists(st.floats(0, 1e6), min_size=1, max_size=300)


def test_of_a_hundred_the_quantiles_are_the_fiftieth_the_ninetieth_and_the_ninety_ninth() -> None:
    found = times(float(value) for value in range(100, 0, -1))
    assert found is not None
    assert (found.p50_ms, found.p90_ms, found.p99_ms, found.max_ms) == (50, 90, 99, 100)


def test_of_one_all_quantiles_are_that_one() -> None:
    found = times([3.5])
    assert found is not None
    assert (found.p50_ms, found.p90_ms, found.p99_ms, found.max_ms) == (3.5,) * 4


def test_of_none_there_is_nothing_to_tell() -> None:
    assert times([]) is None


def test_two_clocks_that_differ_make_no_time_below_zero() -> None:
    found = times([-0.4])
    assert found is not None
    assert (found.max_ms, found.buckets[0].from_ms) == (0, 0)


@given(SOME)
def test_every_time_lies_in_the_bucket_that_counts_it(measured: list[float]) -> None:
    found = times(measured)
    assert found is not None
    for bucket in found.buckets:
        assert bucket.count == sum(bucket.from_ms <= value < bucket.to_ms for value in measured)
    assert sum(bucket.count for bucket in found.buckets) == found.count == len(measured)


@given(SOME)
def test_buckets_have_no_gap_and_none_at_the_ends_is_empty(measured: list[float]) -> None:
    found = times(measured)
    assert found is not None
    assert [one.to_ms for one in found.buckets[:-1]] == [one.from_ms for one in found.buckets[1:]]
    assert found.buckets[0].count
    assert found.buckets[-1].count


@pytest.mark.parametrize("name", ["p50", "p90", "p99"])
def test_each_quantile_is_marked_at_one_bucket(name: str) -> None:
    found = times([1, 20, 20, 300, 5000])
    assert found is not None
    assert sum(name in found.marks(bucket) for bucket in found.buckets) == 1
