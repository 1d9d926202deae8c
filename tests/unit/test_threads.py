"""Things that wait for others, side by side."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cancellations.adapters.threads import AT_ONCE, each


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_things_at_once_keep_their_order(count: int) -> None:
    assert list(each(lambda n: n * n, range(count))) == [n * n for n in range(count)]


def test_things_are_done_side_by_side() -> None:
    """Each waits for all the others: one after the other they would wait for ever."""
    all_there = threading.Barrier(AT_ONCE, timeout=10)
    assert sorted(each(lambda _: all_there.wait(), range(AT_ONCE))) == list(range(AT_ONCE))


def test_one_thing_alone_needs_no_thread() -> None:
    assert list(each(lambda _: threading.current_thread(), [1])) == [threading.current_thread()]


@pytest.mark.parametrize("things", [[0], [1, 0], [0, 1]])
def test_an_accident_with_one_is_told(things: list[int]) -> None:
    with pytest.raises(ZeroDivisionError):
        list(each(lambda n: 1 // n, things))


def test_several_crowds_at_once_do_not_wait_for_each_other() -> None:
    def crowd(_: int) -> list[int]:
        return list(each(lambda n: n, range(20)))

    with ThreadPoolExecutor(8) as crowds:
        assert list(crowds.map(crowd, range(8))) == [list(range(20))] * 8
