"""Each control taken away is found out, and each control finds something out."""

from functools import cache

import pytest

from controls.deployed import deployed, read
from controls.mutants import MUTANTS, Mutant
from controls.parameters import SETS
from controls.table import CONTROLS


@cache
def found(mutant: Mutant) -> frozenset[str]:
    """The controls that are not held any more, under any set of parameters."""
    mutated = mutant.of(read())
    stacks = [deployed(mutated, given) for given in SETS.values()]
    return frozenset(c.name for c in CONTROLS if any(list(c.check(stack)) for stack in stacks))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_control_taken_away_is_found_out(mutant: Mutant) -> None:
    assert found(mutant)


def test_every_control_finds_a_mutant_out() -> None:
    assert sorted({c.name for c in CONTROLS} - {name for mutant in MUTANTS for name in found(mutant)}) == []


def test_no_mutant_is_there_twice() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
