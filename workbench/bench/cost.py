"""From what was counted and measured to dollars: what requests cost a month, by service, at list prices.

A function has the share of a processor that its memory buys, so what it computes takes longer there than it did here;
what it waits for takes as long. INIT has a whole processor.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figures, Run
from bench.subjects import OURS, POWERTOOLS

PRICES = Path(__file__).with_name("prices.toml")
MILLION = 1_000_000
GB = 1024**3
BURST = 10

TRACED = (OURS, POWERTOOLS)
"""Those whose functions Lambda traces: ours by the template, Powertools' for its Tracer."""

_FETCH = "secretsmanager:GetSecretValue"

PLATFORM_LOG_BYTES = 600
"""The lines that Lambda writes itself for each call (start, end and report, as JSON)."""


@dataclass(frozen=True, slots=True)
class Prices:
    of: Mapping[str, Any]
    """The tables of the file."""

    @property
    def slower(self) -> float:
        """How many times longer a function computes than it would with a whole processor."""
        return max(1.0, float(self.of["lambda"]["vcpu_at_mb"]) / float(self.of["lambda"]["memory_mb"]))

    @property
    def cold_share(self) -> float:
        return float(self.of["traffic"]["cold_starts_per_thousand"]) / 1000


def prices(file: Path = PRICES) -> Prices:
    return Prices(tomllib.loads(file.read_text(encoding="utf-8")))


def monthly(run: Run, subject: str, requests: int, at: Prices, *, bursts: bool = False) -> dict[str, float]:
    """Dollars by service. bursts: messages come ten at a time, else one by one. Raises KeyError for a stranger."""
    batches = requests / BURST if bursts else float(requests)
    receive, cancel = (run.subjects[subject][function] for function in ("receive", "cancel"))
    parts = (
        _of_function(receive, requests, requests, _warm_ms(receive, at), at),
        _of_function(cancel, requests, batches, (_burst_ms if bursts else _warm_ms)(cancel, at), at),
        {
            "API Gateway": requests * at.of["api_gateway"]["requests_per_million"] / MILLION,
            # What Lambda does for the queue: it receives and deletes.
            "SQS": 2 * batches * at.of["sqs"]["requests_per_million"] / MILLION,
        },
        {"X-Ray": _traces(requests + batches, at)} if subject in TRACED else {},
    )
    services = sorted({service for part in parts for service in part})
    return {service: round(sum(part.get(service, 0.0) for part in parts), 4) for service in services}


def _traces(calls: float, at: Prices) -> float:
    return calls * float(at.of["traffic"]["traced_share"] * at.of["x_ray"]["traces_per_million"]) / MILLION


def _of_function(figures: Figures, requests: float, calls: float, ms: float, at: Prices) -> dict[str, float]:
    """`calls` of the function, each of so many milliseconds, for so many requests."""
    price = at.of
    gb_seconds = (
        calls * (ms + at.cold_share * _cold_ms(figures, at)) / 1000 * price["lambda"]["memory_mb"] / 1024
    )
    fetched = figures.calls.get(_FETCH, 0.0) + calls / requests * at.cold_share * figures.cold_calls.get(
        _FETCH, 0.0
    )
    written = (figures.write_units + figures.index_units) * price["dynamodb"]["write_units_per_million"]
    read = figures.read_units * price["dynamodb"]["read_units_per_million"]
    sent = figures.calls.get("sqs:SendMessage", 0.0) * price["sqs"]["requests_per_million"]
    logged = requests * figures.log_bytes + calls * PLATFORM_LOG_BYTES
    return {
        "Lambda, requests": calls * price["lambda"]["requests_per_million"] / MILLION,
        "Lambda, time": gb_seconds * price["lambda"]["gb_second"],
        "DynamoDB": requests * (written + read) / MILLION,
        "SQS": requests * sent / MILLION,
        "Secrets Manager": requests
        * fetched
        * price["secrets_manager"]["requests_per_ten_thousand"]
        / 10_000,
        "CloudWatch Logs": logged / GB * price["logs"]["gb"],
    }


def _warm_ms(figures: Figures, at: Prices) -> float:
    """Of one event by itself: computing, calls of AWS, and Prevail."""
    waits = sum(
        times * float(at.of["traffic"]["upstream_ms" if name.startswith("prevail:") else "aws_call_ms"])
        for name, times in figures.calls.items()
    )
    return figures.warm_cpu_ms * at.slower + waits


def _cold_ms(figures: Figures, at: Prices) -> float:
    """What a start adds to its first event."""
    more = max(0.0, figures.first_cpu_ms - figures.warm_cpu_ms) * at.slower
    return more + (figures.init_ms if at.of["lambda"]["bills_init"] else 0.0)


def _burst_ms(figures: Figures, at: Prices) -> float:
    """Of ten messages that come together, Prevail's time in it, as it was measured."""
    if figures.batch_ms is None or figures.batch_cpu_ms is None:
        raise KeyError("batch_ms")
    return figures.batch_ms + figures.batch_cpu_ms * (at.slower - 1)
