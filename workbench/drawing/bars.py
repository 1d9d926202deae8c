"""Bars that lie one below the other, in groups, with a number at the end of each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

WIDTH, LABELS, NUMBERS = 760, 190, 90
BAR, GAP, TITLE, GROUP = 20, 8, 34, 30
AXIS, MOST_TICKS = 40, 5
NUMBERS_BESIDE_AXES = 150
"""A histogram's counts have quantiles beside them."""

_STYLE = """
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
    .title { font-weight: 600; font-size: 14px } .group, .number { fill: #59636e }
    .ours { fill: #0969da } .ours.later { fill: #54aeff } .other { fill: #8c959f } .other.later { fill: #c4cbd2 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc } .group, .number { fill: #9198a1 }
      .ours { fill: #4493f8 } .ours.later { fill: #1f5fae } .other { fill: #767e88 } .other.later { fill: #4a5059 }
    }"""
_STYLE_OF_AXES = """
    line { stroke: #8c959f } .tick { font-size: 12px }"""


@dataclass(frozen=True, slots=True)
class Bar:
    """`parts` stand one behind the other; `number` is what is written behind them."""

    label: str
    parts: tuple[float, ...]
    number: str
    kind: Literal["ours", "other"] = "ours"

    @property
    def whole(self) -> float:
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Axes:
    """What the labels are, and what the lengths are."""

    labels: str
    lengths: str


type Groups = Sequence[tuple[str, Sequence[Bar]]]


def chart(title: str, groups: Groups, axes: Axes | None = None) -> str:
    """axes: below each group, a scale and what stands on it; without, the title says it all."""
    below = AXIS if axes else 0
    height = TITLE + sum(GROUP + len(bars) * (BAR + GAP) + below for _, bars in groups) + GAP
    most = max((bar.whole for _, bars in groups for bar in bars), default=1.0) or 1.0
    drawn = "\n".join(_drawn(groups, most, axes))
    style = _STYLE + (_STYLE_OF_AXES if axes else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
        f"aria-label={quoteattr(title)}>\n  <style>{style}\n  </style>\n"
        f'  <text class="title" x="0" y="20">{escape(title)}</text>\n{drawn}\n</svg>\n'
    )


def _drawn(groups: Groups, most: float, axes: Axes | None) -> Iterator[str]:
    top, numbers = TITLE, NUMBERS_BESIDE_AXES if axes else NUMBERS
    scale = (WIDTH - LABELS - numbers) / most
    for title, bars in groups:
        yield f'  <text class="group" x="0" y="{top + 19}">{escape(title)}</text>'
        top += GROUP
        for bar in bars:
            yield from _bar(bar, top, scale)
            top += BAR + GAP
        if axes:
            yield from _axis(axes, top, most, scale)
            top += AXIS


def _bar(bar: Bar, top: int, scale: float) -> Iterator[str]:
    base, left = top + BAR - 5, float(LABELS)
    yield f'  <text x="{LABELS - 12}" y="{base}" text-anchor="end">{escape(bar.label)}</text>'
    for place, part in enumerate(bar.parts):
        later = " later" if place else ""
        yield (
            f'  <rect class="{bar.kind}{later}" x="{left:.1f}" y="{top}" '
            f'width="{max(part * scale, 1):.1f}" height="{BAR}" rx="2"/>'
        )
        left += part * scale
    yield f'  <text class="number" x="{left + 8:.1f}" y="{base}">{escape(bar.number)}</text>'


def _axis(axes: Axes, top: int, most: float, scale: float) -> Iterator[str]:
    end = LABELS + most * scale
    yield f'  <line x1="{LABELS}" y1="{top}" x2="{end:.1f}" y2="{top}"/>'
    for tick in ticks(most):
        x = LABELS + tick * scale
        yield f'  <line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{top + 4}"/>'
        yield (
            f'  <text class="number tick" x="{x:.1f}" y="{top + 17}" text-anchor="middle">{tick:,.0f}</text>'
        )
    yield (
        f'  <text class="group tick" x="{LABELS - 12}" y="{top + 17}" text-anchor="end">'
        f"{escape(axes.labels)}</text>"
    )
    yield f'  <text class="group tick" x="{WIDTH}" y="{top + 17}" text-anchor="end">{escape(axes.lengths)}</text>'


def ticks(most: float) -> list[float]:
    """Whole numbers from 0 on, as even as people count, that end before or at `most`."""
    rough = max(most / MOST_TICKS, 1.0)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * by for by in (1, 2, 5, 10) if power * by >= rough)
    return [step * place for place in range(int(most / step) + 1)]
