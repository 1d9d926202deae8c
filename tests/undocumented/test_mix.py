"""Sessions that Prevail would cancel at once do not wait for those that are in trouble."""

import math

import pytest

from undocumented import mix
from undocumented.emulated import Site
from undocumented.judging import PROMPT_S, faults
from undocumented.story import Played, play

UNTROUBLED = {sort.name for sort in mix.SORTS if not sort.fault}

ENOUGH = 20
"""Processes for all requests at once: a call that is never answered holds up the batch that its message came in."""


@pytest.mark.parametrize(
    ("lasts_s", "concurrency"), [(60.0, None), (0.0, ENOUGH)], ids=["in a minute", "at once"]
)
def test_troubled_sessions_hold_up_no_others(emulated: Site, lasts_s: float, concurrency: int | None) -> None:
    played = play(emulated, {}, mix.steps(lasts_s), mix.sessions(), concurrency=concurrency)
    found = "\n".join(map(str, faults(played, {})))
    assert not found
    assert (len(played.became), played.lost) == (182, 0)
    assert p95(played) < PROMPT_S, waits(played)


def p95(played: Played) -> float:
    ordered = sorted(one.wait or math.inf for one in played.became if one.step.name in UNTROUBLED)
    return ordered[math.ceil(len(ordered) * 0.95) - 1]


def waits(played: Played) -> str:
    """The longest wait of each sort."""
    longest: dict[str, float] = {}
    for one in played.became:
        longest[one.step.name] = max(longest.get(one.step.name, 0.0), one.wait or math.inf)
    return f"p95 {p95(played):.1f} s; longest: " + ", ".join(
        f"{name} {wait:.1f} s" for name, wait in longest.items()
    )
