"""Fuzzing on the command line: `python -m fuzz --help`."""

import argparse
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fuzz import engine
from fuzz.targets import TARGETS

SHARES = {
    "verifier": 25,
    "reader": 20,
    "mapper": 12,
    "secrets": 10,
    "configuration": 3,
    "addresses": 12,
    "headers": 12,
    "expressions": 6,
}
"""Parts of all runs, in hundredths: a configuration costs some fifty times what a delivery does."""

SLICE = 500_000
"""Runs of one process, each with a seed of its own; what one has found the next of its target goes on from."""


@dataclass(frozen=True, slots=True)
class Task:
    target: str
    runs: int
    seed: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=None, help="without it, one by chance")
    parser.add_argument("--target", choices=SHARES, action="append", help="only this one; may come again")
    parser.add_argument("--replay", type=Path, help="one input, given to --target")
    arguments = parser.parse_args()
    targets = arguments.target or list(SHARES)
    if arguments.replay:
        TARGETS[targets[0]](arguments.replay.read_bytes())
        return 0
    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    say(f"seed {seed}; corpus, logs and whatever crashes: {folder}")
    began = time.monotonic()
    with ThreadPoolExecutor(arguments.workers) as pool:
        done = list(pool.map(lambda task: run(task, folder), tasks(targets, arguments.runs, seed)))
    passed, runs = time.monotonic() - began, sum(done)
    say(f"{runs:,} inputs in {passed:,.0f} s, {runs / passed:,.0f} a second")
    return int(runs < sum(task.runs for task in tasks(targets, arguments.runs, seed)))


def tasks(targets: Iterable[str], runs: int, seed: int) -> list[Task]:
    """In turns, so that every target is tried early."""
    whole = sum(SHARES[target] for target in targets)
    left = {target: runs * SHARES[target] // whole for target in targets}
    found: list[Task] = []
    while any(left.values()):
        for target, many in left.items():
            if many:
                found.append(Task(target, min(many, SLICE), seed + len(found)))
                left[target] -= found[-1].runs
    return found


def run(task: Task, folder: Path) -> int:
    """How many inputs went through; fewer than asked for where one was a defect."""
    log = folder / f"{task.target}-{task.seed}.log"
    began = time.monotonic()
    with log.open("wb") as out:
        command = [
            sys.executable,
            "-m",
            "fuzz.engine",
            task.target,
            str(task.runs),
            str(task.seed),
            str(folder),
        ]
        ended = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    runs = engine.runs_in(log.read_text(errors="replace"))
    passed = time.monotonic() - began
    slow = engine.slowest_of(task.target, folder)
    longest = f"longest {slow.milliseconds:.1f} ms" if slow.file else f"none over {engine.KEPT_FROM_MS:g} ms"
    say(
        f"{task.target:<14} seed {task.seed:<11} {runs:>9,} inputs {runs / passed:>8,.0f} a second, {longest}"
    )
    if slow.milliseconds > engine.MOST_MS:
        say(
            f"{task.target} is over {engine.MOST_MS} ms; python -m fuzz --target {task.target} --replay {slow.file}"
        )
        return 0
    if ended:
        say(f"{task.target} FAILED, see {log}; python -m fuzz --target {task.target} --replay FILE")
    return runs if not ended else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
