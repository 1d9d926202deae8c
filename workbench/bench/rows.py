"""What of a run is shown, row by row, and what is to be reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench import cost
from bench.figures import Figures, Run
from bench.subjects import FLOOR, NAIVE, OURS, POWERTOOLS, Function

TITLES: Mapping[str, str] = {
    OURS: "Prevail Cancellations",
    POWERTOOLS: "Powertools by the book",
    NAIVE: "naive",
    FLOOR: "floor",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`digits` None: what `of` gives is a text."""

    label: str
    of: Callable[[Figures], float | str | None]
    digits: int | None = None

    def cell(self, figures: Figures) -> str:
        value = self.of(figures)
        if value is None:
            return "-"
        return value if isinstance(value, str) else f"{value:,.{self.digits or 0}f}"


ROWS = (
    Row("INIT, ms", lambda f: f.init_ms, 0),
    Row("first event, ms", lambda f: f.first_ms, 0),
    Row("cold start in all, ms", lambda f: f.cold_ms, 0),
    Row("cold start in all, CPU ms", lambda f: f.cold_cpu_ms, 0),
    Row("warm event, median ms", lambda f: f.warm_p50_ms, 1),
    Row("warm event, p99 ms", lambda f: f.warm_p99_ms, 1),
    Row("warm event, CPU ms", lambda f: f.warm_cpu_ms, 2),
    Row("batch of 10, upstream 150 ms, ms", lambda f: f.batch_ms, 0),
    Row("batch of 10, CPU ms", lambda f: f.batch_cpu_ms, 0),
    Row("most memory, MB", lambda f: f.memory_mb, 0),
    Row("dependencies, zipped MB", lambda f: f.layer_mb, 1),
    Row("calls at a cold start", lambda f: _calls(f.cold_calls)),
    Row("calls of a warm event", lambda f: _calls(f.calls)),
    Row("connections at a cold start", lambda f: f.cold_connections, 0),
    Row("connections of a warm event", lambda f: f.warm_connections, 2),
    Row("write units on tables", lambda f: f.write_units, 2),
    Row("write units on indexes", lambda f: f.index_units, 2),
    Row("read units", lambda f: f.read_units, 2),
    Row("bytes of log", lambda f: f.log_bytes, 0),
    Row("effects of one event that comes three times", lambda f: f.repeated, 0),
)


def _calls(calls: Mapping[str, float]) -> str:
    named = {name.rpartition(":")[2]: times for name, times in calls.items()}
    return ", ".join(f"{times:g} {name}" for name, times in named.items()) or "none"


# ── What is to be reached ─────────────────────────────────────────────────────────────────────────

UPSTREAM_MS = 150.0


@dataclass(frozen=True, slots=True)
class Goal:
    """`found` raises KeyError where the run has not what it asks for."""

    text: str
    most: float
    found: Callable[[Run], float]


def _ratio(function: Function, other: str, of: Callable[[Figures], float]) -> Callable[[Run], float]:
    return lambda run: of(run.subjects[OURS][function]) / of(run.subjects[other][function])


def _cold(figures: Figures) -> float:
    return figures.cold_ms


def _warm_cpu(figures: Figures) -> float:
    return figures.warm_cpu_ms


def _batch(figures: Figures) -> float:
    if figures.batch_ms is None:
        raise KeyError("batch_ms")
    return figures.batch_ms


def _cost(*, bursts: bool) -> Callable[[Run], float]:
    def ratio(run: Run) -> float:
        ours, theirs = (
            sum(cost.monthly(run, name, cost.MILLION, cost.prices(), bursts=bursts).values())
            for name in (OURS, POWERTOOLS)
        )
        return ours / theirs

    return ratio


GOALS = (
    Goal("cancel: cold start, of Powertools'", 0.40, _ratio("cancel", POWERTOOLS, _cold)),
    Goal("cancel: cold start, of the naive one's", 0.75, _ratio("cancel", NAIVE, _cold)),
    Goal("receive: cold start, of Powertools'", 0.35, _ratio("receive", POWERTOOLS, _cold)),
    Goal("cancel: CPU of a warm event, of Powertools'", 0.60, _ratio("cancel", POWERTOOLS, _warm_cpu)),
    Goal("cancel: CPU of a warm event, of the floor's", 5.0, _ratio("cancel", FLOOR, _warm_cpu)),
    Goal("cancel: batch of 10, of Powertools'", 0.10, _ratio("cancel", POWERTOOLS, _batch)),
    Goal(
        "cancel: batch of 10, of one upstream call",
        1.6,
        lambda run: _batch(run.subjects[OURS]["cancel"]) / UPSTREAM_MS,
    ),
    Goal("a million requests, one by one, of Powertools'", 0.60, _cost(bursts=False)),
    Goal("a million requests, ten at a time, of Powertools'", 0.60, _cost(bursts=True)),
    Goal("layer, zipped MB", 6.0, lambda run: run.subjects[OURS]["cancel"].layer_mb),
    Goal("cancel: most memory, MB", 64.0, lambda run: run.subjects[OURS]["cancel"].memory_mb),
)
