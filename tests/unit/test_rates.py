"""What is learned of a limit from the calls that Prevail takes and turns away."""

from dataclasses import replace

import pytest

from builders import NOW
from cancellations import rates
from cancellations.rates import (
    BOUND_S,
    CLEAR,
    COME_BACK_S,
    ENOUGH,
    FEW,
    FORGOTTEN_S,
    LEAST_PER_S,
    MOST_PER_S,
    RETURNED,
    START_PER_S,
    WATCHED,
    WATCHED_S,
    Rate,
)

FAST = Rate(10.0, NOW, 5.0)
BOUND = Rate(10.0, NOW, 10.0, high=20.0, high_at=NOW)


def test_it_is_read_as_it_was_stored() -> None:
    stored = replace(BOUND, taken=3, taken_told=2, turned_away=1, none_at_first=True)
    assert rates.read(dict(stored.as_item()), NOW) == stored


def test_a_limit_that_nobody_has_felt_for_long_is_forgotten() -> None:
    assert rates.read(dict(FAST.as_item()), NOW + FORGOTTEN_S) is not None
    assert rates.read(dict(FAST.as_item()), NOW + FORGOTTEN_S + 1) is None


# ── The first calls that are turned away ──────────────────────────────────────────────────────────


def watched(taken: int, turned_away: int) -> Rate:
    return replace(rates.watched(NOW, 0), taken=taken, turned_away=turned_away)


def test_the_first_one_limits_nothing_and_is_forgotten_soon() -> None:
    first = rates.watched(NOW, 2)
    assert (first.watched, first.taken, first.turned_away) == (True, 2, 1)
    assert rates.read(dict(first.as_item()), NOW + WATCHED_S + 1) is None


@pytest.mark.parametrize(
    ("taken", "turned_away", "limit"),
    [
        (0, WATCHED - 1, False),
        (0, WATCHED, True),
        (1, WATCHED, True),
        (2, WATCHED, False),
        (20, 40, False),
        (20, 41, True),
    ],
)
def test_a_limit_is_seen_where_many_more_are_turned_away_than_taken(
    taken: int, turned_away: int, *, limit: bool
) -> None:
    assert watched(taken, turned_away).is_too_high(NOW) is limit


def test_where_little_is_known_it_begins_at_less_than_one_in_a_second() -> None:
    assert rates.first(watched(1, 9), NOW + 1, NOW, None).per_s == START_PER_S < 1


def test_where_much_was_taken_meanwhile_it_begins_there() -> None:
    assert rates.first(watched(43, 90), NOW + 1, NOW + 2, None).per_s == 20.0


@pytest.mark.parametrize(("configured", "per_s"), [(50.0, 20.0), (10.0, 5.0), (0.01, LEAST_PER_S)])
def test_a_limit_is_lower_than_what_is_configured(configured: float, per_s: float) -> None:
    assert rates.first(watched(43, 90), NOW + 1, NOW + 2, configured).per_s == per_s


# ── Higher ────────────────────────────────────────────────────────────────────────────────────────


def test_a_rate_that_is_taken_doubles() -> None:
    assert rates.faster(replace(FAST, taken=15), NOW + 2, NOW) == Rate(20.0, NOW + 2, 10.0)


@pytest.mark.parametrize("taken", [0, 2, 14])
def test_it_is_not_raised_before_the_calls_of_more_than_a_second_are_taken(taken: int) -> None:
    assert rates.faster(replace(FAST, taken=taken), NOW + 2, NOW) is None


def test_a_slow_rate_needs_a_few_calls_all_the_same() -> None:
    slow = Rate(0.1, NOW, 0.05)
    assert rates.faster(replace(slow, taken=ENOUGH - 1), NOW, NOW) is None
    assert rates.faster(replace(slow, taken=ENOUGH), NOW, NOW) is not None


def test_below_a_bound_half_of_what_is_left_is_tried() -> None:
    higher = rates.faster(replace(BOUND, taken=15), NOW + 2, NOW)
    assert higher == Rate(15.0, NOW + 2, 10.0, 20.0, NOW)


def test_near_its_bound_a_rate_stands_until_the_bound_is_old() -> None:
    near = replace(BOUND, high=10.4, taken=100)
    assert rates.faster(near, NOW + 2, NOW + BOUND_S) is None
    beyond = rates.faster(near, NOW + 2, NOW + BOUND_S + 1)
    assert beyond is not None
    assert 10.4 < beyond.per_s < 11.0
    assert beyond.high is None


def test_calls_in_vain_keep_a_rate_from_being_raised_unless_those_who_waited_are_taken() -> None:
    """Prevail may turn each session away once."""
    doubtful = replace(FAST, taken=15, turned_away=8)
    assert rates.faster(doubtful, NOW, NOW) is None
    assert rates.faster(replace(doubtful, taken_told=RETURNED), NOW, NOW) is not None


EACH_TOLD = replace(FAST, taken=RETURNED, taken_told=RETURNED, turned_away=RETURNED)


def test_where_each_session_is_turned_away_once_the_rate_leaps_at_once() -> None:
    assert rates.faster(EACH_TOLD, NOW + 2, NOW) == Rate(40.0, NOW, 10.0)


@pytest.mark.parametrize(
    "told",
    [
        replace(EACH_TOLD, taken=RETURNED + 1),
        replace(EACH_TOLD, taken=2, taken_told=2),
        replace(EACH_TOLD, turned_away=RETURNED - 1),
    ],
    ids=["one-came-for-the-first-time", "few-have-returned", "few-were-turned-away"],
)
def test_it_does_not_leap_unless_all_say_so(told: Rate) -> None:
    assert rates.faster(told, NOW + 2, NOW) is None


def test_it_does_not_leap_over_a_bound() -> None:
    higher = rates.faster(replace(EACH_TOLD, high=20.0, high_at=NOW), NOW + 2, NOW)
    assert higher == Rate(15.0, NOW + 2, 10.0, 20.0, NOW)


def test_it_leaps_where_none_was_taken_at_first() -> None:
    none_taken = rates.first(watched(0, WATCHED), NOW + 1, NOW + 2, None)
    assert (
        rates.faster(replace(none_taken, taken=RETURNED, taken_told=RETURNED), NOW + 9, NOW + 5) is not None
    )
    one_taken = rates.first(watched(1, WATCHED), NOW + 1, NOW + 2, None)
    assert rates.faster(replace(one_taken, taken=RETURNED, taken_told=RETURNED), NOW + 9, NOW + 5) is None


def test_after_a_leap_only_those_who_have_returned_lower_the_rate() -> None:
    leap = rates.faster(EACH_TOLD, NOW + 2, NOW)
    assert leap is not None
    assert not replace(leap, turned_away=10 * CLEAR).is_too_high(NOW + 100)
    assert rates.slower(leap, NOW + 2, NOW + 1).per_s == FAST.per_s


def test_it_leaps_no_higher_than_what_needs_no_rate() -> None:
    leap = rates.faster(replace(EACH_TOLD, per_s=MOST_PER_S / 2), NOW, NOW)
    assert leap is not None
    assert not leap.watched


# ── Lower ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_rate_that_is_too_high_goes_back_to_what_was_taken() -> None:
    assert rates.slower(FAST, NOW + 2, NOW + 1) == Rate(5.0, NOW + 2, 5.0, 10.0, NOW + 1)


def test_a_rate_that_was_taken_and_is_no_longer_goes_below_that() -> None:
    lower = rates.slower(BOUND, NOW + 2, NOW + 1)
    assert lower.per_s == lower.low == 7.0
    assert lower.high == 10.0


def test_no_rate_is_lower_than_one_in_a_minute() -> None:
    assert rates.slower(Rate(LEAST_PER_S, NOW, LEAST_PER_S), NOW, NOW).per_s == LEAST_PER_S


def test_while_nobody_comes_back_the_part_that_is_in_vain_tells() -> None:
    half = replace(FAST, taken=FEW, turned_away=FEW)
    assert not half.is_too_high(NOW + COME_BACK_S)
    assert half.is_too_high(NOW + COME_BACK_S + 1)
    assert not replace(half, taken_told=1).is_too_high(NOW + COME_BACK_S + 1)
    assert not replace(half, taken=100).is_too_high(NOW + COME_BACK_S + 1)


def test_very_many_in_vain_need_nobodys_return() -> None:
    assert replace(FAST, taken=CLEAR, turned_away=CLEAR).is_too_high(NOW)


def test_those_who_were_not_told_to_wait_lead_no_lower_than_the_start() -> None:
    slow = Rate(START_PER_S, NOW, START_PER_S / 2, taken=0, turned_away=50)
    assert not slow.is_too_high(NOW + 100)


def test_a_watched_rate_is_none_that_anybody_waits_for() -> None:
    assert rates.watched(NOW, 0).per_s == MOST_PER_S
