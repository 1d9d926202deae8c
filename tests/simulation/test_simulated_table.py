"""The simulator's table is fast because it copies little; it must do what the table under contract does."""

import copy
from dataclasses import replace

import pytest

from cancellations.writes import ConditionFailed, Item, Write
from fakes import MemoryTable
from simulation import campaign
from simulation.scheduler import Life
from simulation.table import LedgerTable

SEEDS = 150


def test_it_writes_what_the_table_under_contract_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    written = list[tuple[Write, Item, Item]]()
    land = LedgerTable._land  # noqa: SLF001 - the one place where a write takes effect

    def noted(self: LedgerTable, life: Life, write: Write) -> Item:
        old = copy.deepcopy(self.items.get(write.key, {}))
        new = land(self, life, write)
        written.append((write, old, copy.deepcopy(new)))
        return new

    monkeypatch.setattr(LedgerTable, "_land", noted)
    for seed in range(SEEDS):
        campaign.one(seed)
    assert [new for _, _, new in written] == [as_written(write, old) for write, old, _ in written]


def as_written(write: Write, old: Item) -> Item:
    table = MemoryTable()
    if old:
        table.items[write.key] = old
    try:
        return table.write(replace(write, told=True))
    except ConditionFailed:
        return {}
