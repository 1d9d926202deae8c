"""Faults that a load asks for are in force for as long as it lasts, before those that somebody had set."""

from collections.abc import Iterator

import pytest

from prevail.client import AdminRefused, Emulator
from prevail.server import running
from trial.failing import prevail_failing

OWN = {"fault": "latency-5", "path": "/api/v1/sessions", "share": 0.5, "seed": 3}


@pytest.fixture
def prevail() -> Iterator[Emulator]:
    with running() as url:
        yield Emulator(url)


def rules(prevail: Emulator) -> list[tuple[object, ...]]:
    return [(rule["fault"], rule.get("method"), rule.get("path"), rule["share"]) for rule in prevail.faults()]


def test_they_strike_so_many_patches_and_are_taken_back(prevail: Emulator) -> None:
    prevail.put_faults(OWN)
    own = rules(prevail)
    with prevail_failing(prevail, {"silent": 0.05, "503-seconds-2": 0.1}, seed=1):
        during = rules(prevail)
    assert during == [("silent", "PATCH", None, 0.05), ("503-seconds-2", "PATCH", None, 0.1), *own]
    assert rules(prevail) == own


def test_they_are_taken_back_where_the_load_fails(prevail: Emulator) -> None:
    with pytest.raises(ZeroDivisionError), prevail_failing(prevail, {"silent": 0.05}, seed=1):
        raise ZeroDivisionError
    assert rules(prevail) == []


def test_how_many_they_struck_is_told(prevail: Emulator) -> None:
    with prevail_failing(prevail, {"503": 1.0, "429": 0.5}, seed=1) as struck:
        assert struck() == {"503": 0, "429": 0}


def test_what_the_emulator_does_not_know_changes_nothing(prevail: Emulator) -> None:
    prevail.put_faults(OWN)
    with pytest.raises(AdminRefused), prevail_failing(prevail, {"nonsense": 1.0}, seed=1):
        pass
    assert len(prevail.faults()) == 1
