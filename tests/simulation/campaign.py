"""Many runs on several processes, and a failing one made small enough to read."""

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from multiprocessing.pool import Pool

from cancellations import domain
from simulation.faults import ByChance, Exactly
from simulation.mutants import MUTANTS
from simulation.scenario import Scenario, by_chance
from simulation.world import Ran, run

MOST_FAULTS = 3
CHUNK = 250
ENOUGH_FAILURES = 20
TELL_EVERY_S = 60.0
MANY = 5
"""From more arrivals than this on not every choice of them is tried."""
MUTANT_WITHIN = 10_000
"""How many seeds a mutant may survive."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that broke an invariant; `command` replays it, in its smallest form, step by step."""

    violation: str
    command: str


@dataclass(frozen=True, slots=True)
class Report:
    runs: int
    seconds: float
    failures: tuple[Failure, ...]

    def __str__(self) -> str:
        rate = self.runs / max(self.seconds, 0.001)
        lines = [f"{self.runs} runs in {self.seconds:.0f} s ({rate:.0f}/s), {len(self.failures)} violations"]
        return "\n".join([*lines, *(f"  {f.violation}\n    {f.command}" for f in self.failures)])


type Tell = Callable[[Report], None]
"""Hears how far it has come, now and then."""


def seeds(base: int, count: int, workers: int, tell: Tell | None = None) -> Report:
    """`count` seeds from `base` on; ends early where enough of them fail."""
    chunks = [(first, min(CHUNK, base + count - first)) for first in range(base, base + count, CHUNK)]
    return counted(_chunk, chunks, workers, tell)


def counted[T](
    task: Callable[[T], tuple[int, list[Failure]]],
    tasks: Iterable[T],
    workers: int,
    tell: Tell | None = None,
) -> Report:
    began, runs, failures = time.monotonic(), 0, list[Failure]()
    told = began
    with processes(workers) as pool:
        for more_runs, more_failures in pool.imap_unordered(task, tasks):
            runs += more_runs
            failures += more_failures
            if tell and time.monotonic() - told > TELL_EVERY_S:
                told = time.monotonic()
                tell(Report(runs, told - began, tuple(failures)))
            if len(failures) >= ENOUGH_FAILURES:
                break
    return Report(runs, time.monotonic() - began, tuple(failures))


@contextmanager
def processes(workers: int) -> Iterator[Pool]:
    """Fresh ones: a fork would inherit the threads of whoever runs the tests."""
    with multiprocessing.get_context("spawn").Pool(workers, hurry) as pool:
        yield pool


def cores() -> int:
    return len(os.sched_getaffinity(0))


def hurry() -> None:
    """For a process that does nothing else: ids are asked for all the time, and little of what is made stays."""
    domain.idempotency_key = cache(domain.idempotency_key)
    gc.set_threshold(20_000, 20, 100)


def one(seed: int) -> Ran:
    return run(by_chance(seed), ByChance(seed, MOST_FAULTS), seed)


def first_to_find(mutant: str) -> tuple[str, int | None, str]:
    """How many seeds it takes to find a mutant, None if too many; and what is violated."""
    for seed in range(MUTANT_WITHIN):
        with MUTANTS[mutant].applied():
            violation = one(seed).violation
        # The unbroken protocol holds where the mutant does not.
        if violation and MUTANTS[mutant].shows in violation and not one(seed).violation:
            return mutant, seed + 1, violation
    return mutant, None, ""


def _chunk(chunk: tuple[int, int]) -> tuple[int, list[Failure]]:
    first, count = chunk
    failed = [seed for seed in range(first, first + count) if one(seed).violation]
    return count, [smallest(seed) for seed in failed[:3]]


def smallest(seed: int, mutant: str | None = None) -> Failure:
    """The fewest faults and the fewest arrivals with which the seed still fails in the same way."""
    with MUTANTS[mutant].applied() if mutant else nullcontext():
        ran = one(seed)
        faults = {place: fault.name for place, fault in ran.fired}
        scenario = by_chance(seed)
        all_arrivals = tuple(range(len(scenario.arrivals)))
        best = (faults, all_arrivals)
        for arrivals in _fewer(scenario, tuple(faults.items()), seed):
            found = next(
                (f for f in _subsets(tuple(faults.items())) if _fails(scenario, arrivals, f, seed)), None
            )
            if arrivals and found is not None:
                best = (dict(found), arrivals)
                break
    faults, arrivals = best
    written = ",".join(f"{place}:{name}" for place, name in sorted(faults.items()))
    command = f"python -m simulation replay --seed {seed} --faults {written or 'none'}"
    if arrivals != all_arrivals:
        command += f" --arrivals {','.join(map(str, arrivals))}"
    if mutant:
        command += f" --mutant {mutant}"
    return Failure(ran.violation or "", command)


def only(scenario: Scenario, arrivals: tuple[int, ...]) -> Scenario:
    return replace(scenario, arrivals=tuple(scenario.arrivals[place] for place in arrivals))


def _fewer(scenario: Scenario, faults: tuple[tuple[int, str], ...], seed: int) -> Iterator[tuple[int, ...]]:
    """Choices of arrivals, small ones first. Of many, those that are left when one after the other is dropped."""
    chosen = tuple(range(len(scenario.arrivals)))
    if len(chosen) > MANY:
        for arrival in chosen:
            without = tuple(other for other in chosen if other != arrival)
            chosen = without if _fails(scenario, without, faults, seed) else chosen
    yield from _subsets(chosen) if len(chosen) <= MANY else (chosen,)


def _fails(
    scenario: Scenario, arrivals: tuple[int, ...], faults: tuple[tuple[int, str], ...], seed: int
) -> bool:
    return bool(arrivals) and run(only(scenario, arrivals), Exactly(dict(faults)), seed).violation is not None


def _subsets[T](things: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    for size in range(len(things) + 1):
        yield from combinations(things, size)
