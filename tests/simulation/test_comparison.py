"""The comparison compares: the product breaks nothing that the judge counts, and Powertools what its docs admit."""

from dataclasses import replace
from functools import cache

import pytest

from simulation.comparison import CONTENDERS, EVENT, OURS, SESSION, Tally, judged, table, tallied
from simulation.faults import Exactly
from simulation.judge import KINDS, JudgedWorld, Kind
from simulation.mutants import MUTANTS
from simulation.peer import PeerWitness
from simulation.scenario import Arrival, Scenario

SEEDS = range(300)

ONE = Scenario((Arrival(0.0, "bus", "event-1"),))
TWICE = Scenario((Arrival(0.0, "webhook", "event-1"), Arrival(20.0, "webhook", "event-1")))
NO_FAULT = Exactly({})
DONE_AND_NEVER_ANSWERED = Exactly({4: "done_unknown"})
"""In Powertools' run: message, write, api_key, patch leaves, patch answered."""


class HeldToNothing(JudgedWorld):
    witness = PeerWitness


@cache
def seen(name: str) -> Tally:
    return tallied(name, SEEDS)


def test_this_product_does_nothing_that_the_judge_counts() -> None:
    assert (dict(seen(OURS).violations), seen(OURS).objected) == ({}, [])


@pytest.mark.parametrize("kind", ["followed in doubt", "burnt", "mailed twice"])
@pytest.mark.parametrize("name", [SESSION, EVENT])
def test_powertools_does_what_its_documentation_admits(name: str, kind: Kind) -> None:
    assert seen(name).violations[kind] > 0


def test_a_frozen_function_of_powertools_sends_after_its_successor() -> None:
    assert seen(SESSION).violations["sent by a zombie"] > 0


@pytest.mark.parametrize("name", CONTENDERS)
def test_faults_strike_every_contender(name: str) -> None:
    assert seen(name).faults > len(SEEDS) // 2


@pytest.mark.parametrize("name", CONTENDERS)
def test_without_faults_nobody_does_anything_wrong(name: str) -> None:
    assert dict(judged(name, TWICE, NO_FAULT).violations) == {}


@pytest.mark.parametrize("name", [SESSION, EVENT])
def test_powertools_sends_again_after_a_time_out(name: str) -> None:
    tally = judged(name, ONE, DONE_AND_NEVER_ANSWERED)
    assert dict(tally.violations) == {"followed in doubt": 1, "mailed twice": 1}


def test_the_table_has_a_row_for_every_kind() -> None:
    rows = table({name: seen(name) for name in CONTENDERS})
    assert [kind for kind in KINDS if f"| {kind} |" not in rows] == []


@pytest.mark.parametrize(
    ("mutant", "kind"),
    [("no-look-in-doubt", "followed in doubt"), ("claim-without-condition", "mailed twice")],
)
def test_the_judge_sees_what_a_broken_product_does(
    monkeypatch: pytest.MonkeyPatch, mutant: str, kind: Kind
) -> None:
    monkeypatch.setitem(CONTENDERS, OURS, replace(CONTENDERS[OURS], world=HeldToNothing))
    with MUTANTS[mutant].applied():
        assert tallied(OURS, SEEDS).violations[kind] > 0
