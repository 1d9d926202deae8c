import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.backoff import CAP_S, delay


@pytest.mark.parametrize(
    ("attempts", "most"), [(0, 2), (1, 4), (2, 8), (5, 64), (8, 512), (9, CAP_S), (16, CAP_S), (10**6, CAP_S)]
)
def test_the_longest_wait_doubles_up_to_the_cap(attempts: int, most: int) -> None:
    assert delay(attempts, 1.0) == most


def test_the_wait_is_a_random_part_of_the_longest() -> None:
    assert delay(5, 0.5) == 32


def test_the_shortest_wait_is_a_second() -> None:
    assert delay(5, 0.0) == 1


@pytest.mark.parametrize("random", [0.0, 0.5])
def test_the_wait_is_never_shorter_than_told(random: float) -> None:
    assert delay(1, random, at_least=120.1) == 121


def test_a_longer_wait_than_told_stands() -> None:
    assert delay(8, 1.0, at_least=1.0) == 512


def test_what_is_told_is_waited_for_however_long() -> None:
    assert delay(1, 0.5, at_least=86_400.0) == 86_400


@given(attempts=st.integers(0, 10**9), random=st.floats(0, 1))
def test_a_wait_of_ours_is_bounded(attempts: int, random: float) -> None:
    assert 1 <= delay(attempts, random) <= CAP_S
