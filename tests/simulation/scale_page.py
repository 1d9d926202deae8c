"""docs/scale.md: what stands between its markers is a run's; the words around it are a person's."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from house.template import ROOT
from simulation import campaign
from simulation.scale import QUESTIONS, Found

PAGE = ROOT / "docs" / "scale.md"
STORED = Path(__file__).with_name("scale.json")
"""The run that the page speaks of."""

BEGIN, END = "<!-- found -->", "<!-- /found -->"
COLUMNS = (
    *("", "settled after", "oldest message", "waits, p50 / p99", "others wait, p50 / p99"),
    *(
        "calls, most in a second",
        "messages a request",
        "write units, table + index",
        "$ a million",
        "what binds",
    ),
)


def asked(names: Iterable[str], size: float, workers: int) -> dict[str, Found]:
    with campaign.processes(workers) as pool:
        found = dict(pool.imap_unordered(partial(_one, size), names))
    return {name: found[name] for name in QUESTIONS if name in found}


def _one(size: float, name: str) -> tuple[str, Found]:
    return name, QUESTIONS[name].asked(size)


def as_json(answers: Mapping[str, Found]) -> str:
    return json.dumps({name: asdict(found) for name, found in answers.items()}, indent=1) + "\n"


def stored() -> dict[str, Found]:
    read = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    return {name: Found(**{**found, **_pairs(found)}) for name, found in read.items()}


def _pairs(found: Mapping[str, list[float] | None]) -> dict[str, tuple[float, ...] | None]:
    return {name: tuple(pair) if (pair := found[name]) else None for name in ("own", "others")}


def write(answers: Mapping[str, Found]) -> None:
    answers = {name: answers[name] for name in QUESTIONS if name in answers}
    STORED.write_text(as_json(answers), encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), answers), encoding="utf-8")


def filled(text: str, answers: Mapping[str, Found]) -> str:
    """The page with these answers in it. Raises ValueError where the markers are missing."""
    if not re.search(f"{BEGIN}.*{END}", text, re.DOTALL):
        raise ValueError(f"{PAGE.name} has no {BEGIN} … {END}")
    new = f"{BEGIN}\n{table(answers)}\n{END}"
    return re.sub(f"{BEGIN}.*{END}", lambda _: new, text, flags=re.DOTALL)


def table(answers: Mapping[str, Found]) -> str:
    rule = ["---", *["---:"] * (len(COLUMNS) - 2), "---"]
    rows = [list(COLUMNS), rule, *(_cells(name, found) for name, found in answers.items())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(name: str, found: Found) -> list[str]:
    question, settled = QUESTIONS[name], sum(found.outcomes.values())
    units = f"{found.write_units / settled:.1f} + {found.index_units / settled:.1f}"
    return [
        question.says,
        _long(found.drain_s),
        _long(found.oldest_s),
        " / ".join(map(_long, found.own)),
        " / ".join(map(_long, found.others)) if found.others else "",
        f"{found.calls:,}, {found.most_calls_per_s:,}",
        f"{found.messages / settled:.2f}",
        units,
        f"{found.dollars:.2f}",
        question.binds,
    ]


def _long(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
