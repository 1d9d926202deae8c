"""Who watches a load sees how far it has come: bars in a terminal, plain lines elsewhere."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from cli.watching import LINE_EVERY_S, figures, watching
from trial.load.progress import Progress

HALF = Progress(
    elapsed_s=30.0,
    posts=1320,
    requests=1200,
    posted=660,
    answered=650,
    settled=580,
    failures=2,
    rate=21.5,
    p50_ms=31.4,
    p99_ms=120.0,
    left_s=30.0,
)
FIGURES = ("2 failures", "21.5 posts/s", "p50 31 ms", "p99 120 ms", "30 s of posting left")


def shown(*progress: Progress, terminal: bool) -> str:
    file = StringIO()
    with watching(Console(file=file, force_terminal=terminal, width=160)) as show:
        for one in progress:
            show(one)
    return file.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_all_figures_are_there(terminal: bool) -> None:
    told = shown(HALF, terminal=terminal)
    assert [figure for figure in FIGURES if figure not in told] == []


def test_elsewhere_it_is_plain_lines_and_not_too_many() -> None:
    moments = [replace(HALF, elapsed_s=0.5 * number) for number in range(41)]
    told = shown(*moments, terminal=False)
    assert "\x1b" not in told
    assert len(told.splitlines()) == 20 / LINE_EVERY_S + 1


def test_before_the_first_answer_no_time_is_told() -> None:
    assert "p50" not in figures(replace(HALF, p50_ms=None, p99_ms=None))


def test_after_the_last_post_it_waits_for_the_rest() -> None:
    assert "waiting for the rest to settle" in figures(replace(HALF, posted=1320, left_s=0.0))
