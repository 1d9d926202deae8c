"""The model of DynamoDB refuses what its documentation says is refused."""

from collections.abc import Iterable

import pytest

from builders import NOW, a_request
from cancellations.domain import Outcome
from cancellations.errors import Unavailable
from cancellations.protocol import guards, requests
from cancellations.waits import Waits
from cancellations.writes import ConditionFailed, Write
from simulation.capacity import LARGEST, OF_A_KEY, OF_A_TABLE, BoundedTable
from simulation.flow import START, Flow

REQUEST = a_request()
ACCEPTED = requests.accept(REQUEST, token="token", now=NOW)
SETTLED = requests.settle(REQUEST, Outcome("canceled"), now=NOW)


def a_table() -> BoundedTable:
    return BoundedTable(Flow(), jitter=lambda: 0.0, call_s=0.0)


def a_pause(organization: str, reason: str = "") -> Write:
    return guards.pause(organization, by="somebody", reason=reason, now=NOW)


def refused_in_a_second(writes: Iterable[Write]) -> int:
    table, refused = a_table(), 0

    def life() -> None:
        nonlocal refused
        for write in writes:
            try:
                table.write(write)
            except Unavailable:
                refused += 1

    table.flow.begin(life)
    table.flow.run(lambda: False, START)
    return refused


def test_an_item_takes_so_many_units_in_a_second_and_no_more() -> None:
    assert refused_in_a_second(a_pause("acme-legal") for _ in range(OF_A_KEY + 7)) == 7


def test_a_table_takes_so_many_units_in_a_second_and_no_more() -> None:
    assert refused_in_a_second(a_pause(f"organization-{place}") for place in range(OF_A_TABLE + 7)) == 7


def test_an_item_costs_a_unit_for_each_kilobyte() -> None:
    table = a_table()
    table.write(a_pause("acme-legal", "x" * 4 * 1024))
    assert table.units == 5


def test_a_condition_that_does_not_hold_costs_what_the_write_would_have_cost() -> None:
    table = a_table()
    table.write(ACCEPTED)
    with pytest.raises(ConditionFailed):
        table.write(ACCEPTED)
    assert table.units == 2


def test_a_request_changes_the_index_when_it_comes_and_when_it_settles() -> None:
    table = a_table()
    table.write(ACCEPTED)
    table.write(SETTLED)
    assert table.index_units == 2


def test_a_request_that_is_put_off_changes_the_index_twice() -> None:
    table = a_table()
    table.write(ACCEPTED)
    table.write(requests.postpone(REQUEST, "retrying", waits=Waits("turn"), next_at=NOW + 60))
    assert table.index_units == 1 + 2


def test_an_item_that_is_too_large_is_refused() -> None:
    with pytest.raises(Unavailable):
        a_table().write(a_pause("acme-legal", "x" * LARGEST))
