"""What was found, as values and as JSON: one run, and in it each subject's functions."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.subjects import Function

STORED = Path(__file__).with_name("figures.json")
"""The run that the documents speak of."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One function of one subject. Times are medians in milliseconds, `cpu` on the processor; the rest is counted.

    An event is one webhook, or a batch of one message. `batch` is one of ten, while every answer of Prevail takes
    150 ms; it is None for the receive function.
    """

    init_ms: float
    init_cpu_ms: float
    first_ms: float
    first_cpu_ms: float
    cold_ms: float
    """From the start of the process to the answer to its first event."""
    cold_cpu_ms: float
    warm_p50_ms: float
    warm_p99_ms: float
    warm_cpu_ms: float
    batch_ms: float | None
    batch_cpu_ms: float | None
    memory_mb: float
    layer_mb: float
    calls: Mapping[str, float]
    """By operation, for each warm event."""
    cold_calls: Mapping[str, float]
    """By operation, from the start of the process to the answer to its first event."""
    cold_connections: float
    warm_connections: float
    write_units: float
    index_units: float
    read_units: float
    log_bytes: float
    """That a warm event leaves in the log, without the lines that Lambda itself writes."""
    repeated: int
    """Effects (calls of Prevail, or messages) of one event that comes three times."""


@dataclass(frozen=True, slots=True)
class Run:
    made: str
    """When, as ISO 8601."""
    python: str
    processor: str
    rounds: Mapping[str, int]
    subjects: Mapping[str, Mapping[Function, Figures]]

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


def read(file: Path) -> Run:
    """What `as_json` wrote. Raises OSError, ValueError."""
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    try:
        subjects = {
            name: {function: Figures(**found) for function, found in functions.items()}
            for name, functions in stored.pop("subjects").items()
        }
        return Run(**stored, subjects=subjects)
    except (TypeError, KeyError) as fault:
        raise ValueError(f"{file} holds no run that this version knows: {fault}") from fault
