"""A run as bars."""

from collections.abc import Callable, Iterator

from bench.figures import Figures, Run
from bench.rows import TITLES
from bench.subjects import FUNCTIONS, NAMES, OURS, Function
from drawing.bars import Bar, Groups, chart


def charts(run: Run) -> dict[str, str]:
    """By file name."""
    return {
        "cold-start.svg": chart("Cold start: INIT, then the first event (ms)", _bars(run, _cold)),
        "warm-cpu.svg": chart("Processor time of a warm event (ms)", _bars(run, lambda f: (f.warm_cpu_ms,))),
        "batch.svg": chart(
            "A batch of 10 while Prevail takes 150 ms for every answer (ms)",
            _bars(run, lambda f: (f.batch_ms,) if f.batch_ms else ()),
        ),
    }


def _cold(figures: Figures) -> tuple[float, ...]:
    return figures.init_ms, figures.first_ms


def _bars(run: Run, of: Callable[[Figures], tuple[float, ...]]) -> Groups:
    groups = [(f"{function} function", list(_of(run, function, of))) for function in FUNCTIONS]
    return [(title, bars) for title, bars in groups if bars]


def _of(run: Run, function: Function, of: Callable[[Figures], tuple[float, ...]]) -> Iterator[Bar]:
    for name in NAMES:
        found = run.subjects.get(name, {}).get(function)
        if found and (parts := of(found)):
            yield Bar(TITLES[name], parts, _number(sum(parts)), "ours" if name == OURS else "other")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"  # noqa: PLR2004 - three digits are enough
