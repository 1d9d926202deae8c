"""One process of fuzzing, by Atheris (libFuzzer for Python): `python -m fuzz.engine TARGET RUNS SEED FOLDER`."""

import hashlib
import importlib
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_INPUT_BYTES = 4096
SLOW_S = 10
"""An input that takes longer is a defect: a stranger's bytes must not keep a function busy."""
MAX_MB = 1024

MOST_MS = 50.0
"""Processor time that one input may take, without the instrumentation that fuzzing needs."""
KEPT_FROM_MS = MOST_MS / 4
KEPT = 20
"""Of the inputs that took longest under instrumentation, so many are timed again without it."""

_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def runs_in(log: str) -> int:
    found = _RUNS.search(log)
    return int(found[1]) if found else 0


@dataclass(frozen=True, slots=True)
class Slow:
    """The input that took longest, timed without instrumentation; no file where every input was quick."""

    milliseconds: float
    file: Path | None


def slowest_of(target: str, folder: Path) -> Slow:
    """Time the inputs again that took longest: the least of three, in this process, which is not instrumented."""
    from fuzz.targets import TARGETS  # noqa: PLC0415 - what it imports is instrumented in the process that fuzzes

    found = [Slow(0.0, None)]
    for file in sorted(folder.glob(f"{target}-slow-*")):
        data = file.read_bytes()
        found.append(Slow(min(_milliseconds(TARGETS[target], data) for _ in range(3)), file))
    return max(found, key=lambda slow: slow.milliseconds)


def _milliseconds(target: Callable[[bytes], None], data: bytes) -> float:
    began = time.process_time()
    target(data)
    return (time.process_time() - began) * 1000


def watched(target: str, folder: Path, run: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The same target, which leaves the inputs that took longest in the folder."""
    longest: list[float] = []

    def timed(data: bytes) -> None:
        took = _milliseconds(run, data)
        if took > KEPT_FROM_MS and (len(longest) < KEPT or took > longest[0]):
            longest.append(took)
            longest.sort()
            del longest[:-KEPT]
            name = hashlib.sha256(data).hexdigest()[:16]
            (folder / f"{target}-slow-{name}").write_bytes(data)

    return timed


def fuzz(target: str, runs: int, seed: int, folder: Path) -> None:
    """Does not return: libFuzzer ends the process, with an exit code that tells whether anything was found."""
    atheris: Any = importlib.import_module("atheris")  # of a group that no other environment has
    with atheris.instrument_imports(include=["cancellations"]):
        from fuzz import corpus  # noqa: PLC0415 - what it imports is instrumented on the way
        from fuzz.targets import TARGETS  # noqa: PLC0415
    inputs = folder / target
    inputs.mkdir(exist_ok=True)
    for one in corpus.SEEDS[target]():
        (inputs / hashlib.sha256(one).hexdigest()).write_bytes(one)
    words = folder / f"{target}.dict"
    words.write_text(corpus.dictionary(target))
    flags = {
        "runs": runs,
        "seed": seed,
        "max_len": MAX_INPUT_BYTES,
        "timeout": SLOW_S,
        "rss_limit_mb": MAX_MB,
        "dict": words,
        "artifact_prefix": f"{folder}/{target}-{seed}-",
        "print_final_stats": 1,
        "verbosity": 1,
    }
    atheris.Setup(
        [target, *(f"-{name}={value}" for name, value in flags.items()), str(inputs)],
        watched(target, folder, TARGETS[target]),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    fuzz(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
