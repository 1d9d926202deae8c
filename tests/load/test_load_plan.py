"""A plan says when each delivery is due and which come twice; the seed decides what is chance."""

from collections import Counter
from itertools import pairwise

import pytest

from trial.load.plan import LATER_S, Plan, deliveries_in, plan


def lags(of: Plan) -> list[float]:
    """How long after its first each copy comes."""
    first = {post.delivery: post.due for post in of.posts if not post.again}
    return [post.due - first[post.delivery] for post in of.posts if post.again]


@pytest.mark.parametrize(
    ("rate", "duration_s", "deliveries"),
    [
        (20, 60, 1200),
        (20, 0.05, 1),
        (2, 0.6, 2),
        (0.5, 3, 2),
        (0.5, 4, 2),
        (0.1, 1, 1),
        (3, 1 / 3, 1),
        (0.7, 10, 7),
    ],
)
def test_as_many_are_planned_as_are_due_before_the_time_is_over(
    rate: float, duration_s: float, deliveries: int
) -> None:
    assert deliveries_in(rate, duration_s) == deliveries


def test_at_a_rate_all_are_due_evenly_from_the_beginning() -> None:
    due = [post.due for post in plan(1200, rate=20).posts]
    assert due[0] == 0
    assert [later - sooner for sooner, later in pairwise(due)] == pytest.approx([1 / 20] * 1199)


def test_without_a_rate_nothing_says_how_long_it_lasts() -> None:
    assert (plan(10).lasts_s, plan(11, rate=2).lasts_s) == (None, 5)


@pytest.mark.parametrize("share", [0, 0.1, 0.333, 1])
def test_so_many_come_twice_and_none_more_often(share: float) -> None:
    made = plan(1000, rate=50, duplicates=share)
    often = Counter(post.delivery for post in made.posts)
    assert Counter(often.values())[2] == made.copies == round(1000 * share)
    assert set(often) == set(range(1000))
    assert max(often.values()) <= 2


def test_a_copy_comes_at_once_or_a_moment_later() -> None:
    found = lags(plan(1000, rate=50, duplicates=0.5))
    at_once = [lag for lag in found if lag == 0]
    later = [lag for lag in found if LATER_S[0] <= lag <= LATER_S[1] + 1e-6]
    assert len(at_once) + len(later) == len(found) == 500
    assert 200 < len(at_once) < 300


@pytest.mark.parametrize("rate", [None, 7.0])
def test_no_copy_is_before_its_first(rate: float | None) -> None:
    seen: set[int] = set()
    for post in plan(300, rate=rate, duplicates=1).posts:
        assert post.again == (post.delivery in seen)
        seen.add(post.delivery)


def test_posts_stand_in_the_order_in_which_they_are_due() -> None:
    due = [post.due for post in plan(300, rate=20, duplicates=0.5).posts]
    assert due == sorted(due)


def test_the_seed_decides_which_come_twice_and_when() -> None:
    first, again, other = (plan(100, rate=10, duplicates=0.2, seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert first.posts != other.posts
