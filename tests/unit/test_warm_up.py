"""A start is never held up for long, and never ended, by what it prepares."""

import threading
from collections.abc import Callable

import pytest

from cancellations.adapters import warm_up
from cancellations.adapters.threads import AT_ONCE


def test_steps_are_taken_side_by_side() -> None:
    all_there = threading.Barrier(AT_ONCE, timeout=10)
    arrived: list[int] = []
    warm_up.warm_up([lambda: arrived.append(all_there.wait())] * AT_ONCE)
    assert sorted(arrived) == list(range(AT_ONCE))


def test_a_start_does_not_wait_for_a_step_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "LONGEST_S", 0.01)
    over, ended = threading.Event(), threading.Event()

    def stuck() -> None:
        over.wait(30)
        ended.set()

    warm_up.warm_up([stuck])
    assert not ended.is_set()
    over.set()
    assert ended.wait(30)


def failing(error: BaseException) -> Callable[[], None]:
    def step() -> None:
        raise error

    return step


@pytest.mark.parametrize("error", [OSError("down"), ZeroDivisionError("an accident"), SystemExit(1)])
def test_a_step_that_fails_ends_neither_the_start_nor_its_neighbours(error: BaseException) -> None:
    done = threading.Event()
    warm_up.warm_up([failing(error), done.set])
    assert done.is_set()


def test_a_start_takes_no_longer_than_lambda_gives_it() -> None:
    """Ten seconds in all, of which imports need a part even where processors are slow."""
    assert warm_up.LONGEST_S <= 3
