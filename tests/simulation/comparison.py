"""The product beside Powertools' idempotency: the same deliveries, the same plan of faults, the same judge.

From the directory above: `python -m simulation.comparison --seeds 20000` prints a table.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from platform import python_version
from typing import Protocol

from bench.peers.powertools_idempotency import BY_EVENT, BY_SESSION
from simulation.campaign import CHUNK, MOST_FAULTS, cores, processes
from simulation.faults import ByChance, Plan
from simulation.judge import ACCEPTED_RISK, KINDS, LATE, Books, Judge, JudgedWorld, Kind, LedgerBooks
from simulation.peer import IdempotencyBooks, PeerWorld
from simulation.scenario import Scenario, a_race
from simulation.scheduler import Violation


class Making(Protocol):
    def __call__(self, scenario: Scenario, plan: Plan, seed: int, judge: Judge) -> JudgedWorld: ...


@dataclass(frozen=True, slots=True)
class Contender:
    title: str
    world: Making
    books: Books


VERSIONS = ("prevail-cancellations", "aws-lambda-powertools", "boto3", "botocore")

OURS, SESSION, EVENT = "ours", "powertools-by-session", "powertools-by-event"
CONTENDERS: dict[str, Contender] = {
    OURS: Contender("this product", JudgedWorld, LedgerBooks()),
    SESSION: Contender(
        "Powertools idempotency, key: session", partial(PeerWorld, BY_SESSION), IdempotencyBooks()
    ),
    EVENT: Contender("Powertools idempotency, key: event", partial(PeerWorld, BY_EVENT), IdempotencyBooks()),
}


@dataclass(slots=True)
class Tally:
    """What was seen in many runs. `runs_with` counts runs by kind, `violations` what happened in them.

    beyond_burnt: runs with any other kind than "burnt"; objected: runs that broke an invariant of the simulator's own,
    which only the product is held to.
    """

    runs: int = 0
    faults: int = 0
    late: int = 0
    with_any: int = 0
    beyond_burnt: int = 0
    runs_with: Counter[Kind] = field(default_factory=Counter)
    violations: Counter[Kind] = field(default_factory=Counter)
    objected: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.runs += other.runs
        self.faults += other.faults
        self.late += other.late
        self.with_any += other.with_any
        self.beyond_burnt += other.beyond_burnt
        self.runs_with += other.runs_with
        self.violations += other.violations
        self.objected += other.objected


def judged(name: str, scenario: Scenario, plan: Plan, seed: int = 0) -> Tally:
    judge = Judge(scenario, CONTENDERS[name].books)
    world = CONTENDERS[name].world(scenario, plan, seed, judge)
    objected = list[str]()
    try:
        world.run()
    except Violation as violation:
        if name != OURS:
            raise  # a peer is held to no invariant: it does something that is not simulated
        objected.append(f"seed {seed}: {violation}")
    seen = judge.counts
    return Tally(
        runs=1,
        faults=len(world.scheduler.fired),
        late=judge.late,
        with_any=bool(seen),
        beyond_burnt=bool(seen.keys() - {"burnt"}),
        runs_with=Counter(seen.keys()),
        violations=seen,
        objected=objected,
    )


def tallied(name: str, seeds: Iterable[int]) -> Tally:
    total = Tally()
    for seed in seeds:
        total.add(judged(name, a_race(seed), ByChance(seed, MOST_FAULTS), seed))
    return total


def compared(base: int, count: int, workers: int) -> dict[str, Tally]:
    """All contenders over the same seeds, on several processes."""
    end = base + count
    chunks = [range(first, min(first + CHUNK, end)) for first in range(base, end, CHUNK)]
    totals = {name: Tally() for name in CONTENDERS}
    with processes(workers) as pool:
        for name, tally in pool.imap_unordered(_chunk, [(n, c) for c in chunks for n in CONTENDERS]):
            totals[name].add(tally)
    return totals


def _chunk(task: tuple[str, range]) -> tuple[str, Tally]:
    name, seeds = task
    return name, tallied(name, seeds)


def table(totals: Mapping[str, Tally]) -> str:
    """Markdown: a column for each contender, then what each row means."""

    def row(title: str, cells: Iterable[str]) -> str:
        return f"| {title} | {' | '.join(cells)} |"

    tallies = totals.values()
    lines = [
        row("", (CONTENDERS[name].title for name in totals)),
        f"|---|{'---:|' * len(totals)}",
        row("runs", (f"{t.runs:,}" for t in tallies)),
        row("broke the product's own invariants", (_own(name, t) for name, t in totals.items())),
        row("faults that struck", (f"{t.faults:,}" for t in tallies)),
        row("**runs with a violation**", (_share(t.with_any, t.runs) for t in tallies)),
        row("runs with a violation other than *burnt*", (_share(t.beyond_burnt, t.runs) for t in tallies)),
        *(row(kind, (_times(t, kind) for t in tallies)) for kind in KINDS),
        row("late, and no violation", (f"{t.late:,}" for t in tallies)),
        "",
        *(f"- **{kind}**: {meaning}." for kind, meaning in KINDS.items()),
        f"- **late**: {LATE}.",
        f"- Not counted where the organization said on_unknown=retry: {', '.join(sorted(ACCEPTED_RISK))}.",
        "",
        f"Versions: {', '.join(f'{name} {version(name)}' for name in VERSIONS)}, Python {python_version()}.",
    ]
    return "\n".join(lines)


def _share(runs: int, of: int) -> str:
    return f"{runs:,} ({runs / of:.1%})" if runs else "0"


def _own(name: str, tally: Tally) -> str:
    return str(len(tally.objected)) if name == OURS else "not held to them"


def _times(tally: Tally, kind: Kind) -> str:
    times, runs = tally.violations[kind], tally.runs_with[kind]
    return f"{times:,} in {runs:,} runs" if times else "0"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation.comparison", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20_000)
    parser.add_argument("--base", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=cores())
    arguments = parser.parse_args()
    totals = compared(arguments.base, arguments.seeds, arguments.workers)
    ours = totals[OURS]
    sys.stdout.write("\n".join([table(totals), *ours.objected, ""]))
    return bool(ours.with_any or ours.objected)


if __name__ == "__main__":
    sys.exit(main())
