"""One process of fuzzing, by Atheris (libFuzzer for Python): `python -m fuzz.engine TARGET RUNS SEED FOLDER`."""

import hashlib
import importlib
import re
import sys
from pathlib import Path
from typing import Any

MAX_INPUT_BYTES = 4096
SLOW_S = 10
"""An input that takes longer is a defect: a stranger's bytes must not keep a function busy."""
MAX_MB = 1024

_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def runs_in(log: str) -> int:
    found = _RUNS.search(log)
    return int(found[1]) if found else 0


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
        [target, *(f"-{name}={value}" for name, value in flags.items()), str(inputs)], TARGETS[target]
    )
    atheris.Fuzz()


if __name__ == "__main__":
    fuzz(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
