"""Bars as SVG, written by hand: they read on light and on dark pages, and need nothing to be drawn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.figures import Figures, Run
from bench.rows import TITLES
from bench.subjects import FUNCTIONS, NAMES, OURS, Function

WIDTH, LABELS, NUMBERS = 760, 190, 90
BAR, GAP, TITLE, GROUP = 20, 8, 34, 30

_STYLE = """
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
    .title { font-weight: 600; font-size: 14px } .group, .number { fill: #59636e }
    .ours { fill: #0969da } .ours.later { fill: #54aeff } .other { fill: #8c959f } .other.later { fill: #c4cbd2 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc } .group, .number { fill: #9198a1 }
      .ours { fill: #4493f8 } .ours.later { fill: #1f5fae } .other { fill: #767e88 } .other.later { fill: #4a5059 }
    }"""


@dataclass(frozen=True, slots=True)
class Bar:
    """`parts` stand one behind the other, in milliseconds."""

    name: str
    parts: tuple[float, ...]

    @property
    def whole(self) -> float:
        return sum(self.parts)


type Groups = Sequence[tuple[str, Sequence[Bar]]]


def charts(run: Run) -> dict[str, str]:
    """By file name."""
    return {
        "cold-start.svg": _chart("Cold start: INIT, then the first event (ms)", _bars(run, _cold)),
        "warm-cpu.svg": _chart("Processor time of a warm event (ms)", _bars(run, lambda f: (f.warm_cpu_ms,))),
        "batch.svg": _chart(
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
            yield Bar(name, parts)


def _chart(title: str, groups: Groups) -> str:
    height = TITLE + sum(GROUP + len(bars) * (BAR + GAP) for _, bars in groups) + GAP
    most = max((bar.whole for _, bars in groups for bar in bars), default=1.0) or 1.0
    scale = (WIDTH - LABELS - NUMBERS) / most
    drawn = "\n".join(_drawn(groups, scale))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
        f'aria-label="{escape(title)}">\n  <style>{_STYLE}\n  </style>\n'
        f'  <text class="title" x="0" y="20">{escape(title)}</text>\n{drawn}\n</svg>\n'
    )


def _drawn(groups: Groups, scale: float) -> Iterator[str]:
    top = TITLE
    for title, bars in groups:
        yield f'  <text class="group" x="0" y="{top + 19}">{escape(title)}</text>'
        top += GROUP
        for bar in bars:
            base, kind = top + BAR - 5, "ours" if bar.name == OURS else "other"
            yield f'  <text x="{LABELS - 12}" y="{base}" text-anchor="end">{escape(TITLES[bar.name])}</text>'
            left = float(LABELS)
            for place, part in enumerate(bar.parts):
                later = " later" if place else ""
                yield (
                    f'  <rect class="{kind}{later}" x="{left:.1f}" y="{top}" '
                    f'width="{max(part * scale, 1):.1f}" height="{BAR}" rx="2"/>'
                )
                left += part * scale
            yield f'  <text class="number" x="{left + 8:.1f}" y="{base}">{_number(bar.whole)}</text>'
            top += BAR + GAP


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"  # noqa: PLR2004 - three digits are enough
