"""Loads as they come out; each is all well but for what a test changes."""

from dataclasses import replace
from typing import Any

from trial.load.result import Load
from trial.load.times import times

WELL = Load(
    requests=40,
    copies=10,
    rate=20.0,
    seed=1,
    answers={"202": 50},
    statuses={"canceled": 40},
    changed_once=40,
    patched_once=40,
    patches=40,
    emails=0,
    dead_letters=0,
    faults={},
    posting_s=2.0,
    settling_s=2.5,
    behind_ms=1.0,
    answered=times([20.0 + number for number in range(50)]),
    settled=times([1.0] * 20 + [900.0 + 20 * number for number in range(20)]),
)


def a_load(**changes: Any) -> Load:  # noqa: ANN401 - any field
    return replace(WELL, **changes)
