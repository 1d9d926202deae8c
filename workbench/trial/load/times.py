"""Times as people read them: quantiles, and how many lie between two round numbers."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
"""Where a bucket begins, in each power of ten: even enough on a scale of ratios, and round."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Times from `from_ms` on and below `to_ms`."""

    from_ms: float
    to_ms: float
    count: int

    @property
    def label(self) -> str:
        return f"{_round(self.from_ms)} - {_round(self.to_ms)}"


@dataclass(frozen=True, slots=True)
class Times:
    """`buckets` reach from the shortest to the longest, empty ones included."""

    count: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float
    buckets: tuple[Bucket, ...]

    @property
    def words(self) -> str:
        named = (("p50", self.p50_ms), ("p90", self.p90_ms), ("p99", self.p99_ms), ("max", self.max_ms))
        return ", ".join(f"{name} {_round(value)}" for name, value in named) + " ms"

    def marks(self, bucket: Bucket) -> str:
        """Which quantiles lie in it."""
        named = (("p50", self.p50_ms), ("p90", self.p90_ms), ("p99", self.p99_ms))
        return " ".join(name for name, value in named if bucket.from_ms <= value < bucket.to_ms)


def times(milliseconds: Iterable[float]) -> Times | None:
    """None of none. A time below zero, from two clocks that differ, is zero."""
    ordered = sorted(max(0.0, value) for value in milliseconds)
    if not ordered:
        return None
    return Times(
        len(ordered),
        quantile(ordered, 0.5),
        quantile(ordered, 0.9),
        quantile(ordered, 0.99),
        ordered[-1],
        _buckets(ordered),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The least value that this share of all do not exceed."""
    return ordered[max(0, math.ceil(round(share * len(ordered), 6)) - 1)]


def _buckets(ordered: Sequence[float]) -> tuple[Bucket, ...]:
    edges = [0.0]
    power = 1.0
    while edges[-1] <= ordered[-1]:
        edges += [power * step for step in STEPS]
        power *= 10
    first = bisect_right(edges, ordered[0]) - 1
    last = bisect_right(edges, ordered[-1])
    counts = [0] * len(edges)
    for value in ordered:
        counts[bisect_right(edges, value) - 1] += 1
    return tuple(Bucket(edges[at], edges[at + 1], counts[at]) for at in range(first, last))


def _round(value: float) -> str:
    """Three digits at least, and no more behind the point than that takes."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"  # noqa: PLR2004 - three digits
