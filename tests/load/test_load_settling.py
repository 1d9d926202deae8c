"""The ledger is asked for a hundred requests at once, and never again for one that has settled."""

from collections.abc import Sequence
from typing import cast

from cancellations.writes import Item
from trial.load.settling import Settling
from trial.watch import Watch


class Ledger:
    """`items` by request; remembers what it was asked for."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.asked: list[Sequence[str]] = []

    def requests(self, request_ids: Sequence[str]) -> dict[str, Item]:
        self.asked.append(request_ids)
        return {one: self.items[one] for one in request_ids if one in self.items}

    def settle(self, *request_ids: str, at: float = 5.0) -> None:
        self.items |= {one: {"status": "canceled", "settled_at": at} for one in request_ids}


def waiting_for(ledger: Ledger, *request_ids: str) -> Settling:
    settling = Settling(cast("Watch", ledger))
    settling.expect(request_ids)
    return settling


def test_a_hundred_are_read_by_one_call() -> None:
    ledger = Ledger()
    settling = waiting_for(ledger, *map(str, range(250)))
    settling.look_at_all()
    assert [len(ids) for ids in ledger.asked] == [100, 100, 50]
    assert {one for ids in ledger.asked for one in ids} == set(map(str, range(250)))


def test_those_not_looked_at_for_longest_come_first() -> None:
    ledger = Ledger()
    settling = waiting_for(ledger, *map(str, range(150)))
    settling.look()
    settling.look()
    assert set(map(str, range(100, 150))) <= set(ledger.asked[1])


def test_what_has_settled_is_not_asked_for_again() -> None:
    ledger = Ledger()
    settling = waiting_for(ledger, "a", "b")
    ledger.settle("a")
    assert settling.look() == 1
    settling.expect(["a", "b"])
    assert settling.look() == 0
    assert ledger.asked == [["a", "b"], ["b"]]


def test_when_it_settled_is_what_the_ledger_says() -> None:
    ledger = Ledger()
    settling = waiting_for(ledger, "a")
    ledger.settle("a", at=1_800_000_000.25)
    settling.look()
    assert settling.settled_at == {"a": 1_800_000_000.25}


def test_statuses_are_those_of_all_that_were_waited_for() -> None:
    ledger = Ledger()
    settling = waiting_for(ledger, "a", "b", "c", "d")
    ledger.settle("a", "b")
    ledger.items["c"] = {"status": "retrying"}
    settling.look()
    assert settling.statuses == {"canceled": 2, "retrying": 1, "missing": 1}


def test_only_what_is_not_stored_is_given_up() -> None:
    ledger = Ledger()
    settling = waiting_for(ledger, "stored", "gone")
    ledger.items["stored"] = {"status": "queued"}
    settling.look()
    settling.give_up(["stored", "gone"])
    assert settling.waiting == 1
    assert settling.statuses == {"queued": 1, "missing": 1}
