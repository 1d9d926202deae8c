"""What every table promises for a conditional write."""

import pytest

from cancellations.domain import Json
from cancellations.ports import Table
from cancellations.writes import (
    Absent,
    Append,
    Before,
    Change,
    Condition,
    ConditionFailed,
    Default,
    Equals,
    Increment,
    Item,
    NotBefore,
    Path,
    Put,
    Remove,
    Write,
)

ALWAYS = Absent(("never",))


def write(table: Table, *changes: Change, when: Condition = ALWAYS) -> Item:
    return table.write(Write("K", when, changes))


def put(table: Table, **attributes: Json) -> None:
    write(table, *(Put((name,), value) for name, value in attributes.items()))


def test_a_write_makes_a_missing_item_and_returns_it(table: Table) -> None:
    assert write(table, Put(("a",), "x")) == {"pk": "K", "a": "x"}


def test_whoever_wants_to_hear_nothing_hears_nothing(table: Table) -> None:
    assert table.write(Write("K", ALWAYS, (Put(("a",), "x"),), told=False)) == {}
    assert table.read("K") == {"pk": "K", "a": "x"}


def test_whoever_wants_to_hear_nothing_hears_what_stood_in_the_way(table: Table) -> None:
    put(table, a="x")
    with pytest.raises(ConditionFailed) as failed:
        table.write(Write("K", Absent(("a",)), (Put(("a",), "y"),), told=False))
    assert failed.value.item == {"pk": "K", "a": "x"}


def test_a_missing_item_reads_as_none(table: Table) -> None:
    assert table.read("K") is None


@pytest.mark.parametrize(
    "value", ["", "ä", True, False, 0, -7, 1.25, 1700000000.123, [], {}, ["a", {"b": [1]}]]
)
def test_a_value_comes_back_as_it_went_in(table: Table, value: Json) -> None:
    put(table, a=value)
    item = table.read("K")
    assert item is not None
    assert item["a"] == value
    assert type(item["a"]) is type(value)


@pytest.mark.parametrize(
    ("when", "lands"),
    [
        (Absent(("a",)), False),
        (Absent(("missing",)), True),
        (Absent(("map", "x")), False),
        (Absent(("map", "y")), True),
        (Absent(("missing", "y")), True),
        (Equals(("a",), "x"), True),
        (Equals(("a",), "y"), False),
        (Equals(("missing",), "x"), False),
        (Equals(("n",), 5), True),
        (Before(("n",), 6), True),
        (Before(("n",), 5), False),
        (Before(("missing",), 5), False),
        (NotBefore(("n",), 5), True),
        (NotBefore(("n",), 6), False),
        (NotBefore(("missing",), 5), False),
        (Equals(("a",), "x") & Equals(("n",), 5), True),
        (Equals(("a",), "x") & Equals(("n",), 6), False),
        (Equals(("a",), "y") | Equals(("n",), 5), True),
        (Equals(("a",), "y") | Equals(("n",), 6), False),
        ((Absent(("a",)) | Equals(("a",), "x")) & Absent(("map", "y")), True),
    ],
)
def test_a_write_lands_only_where_its_condition_holds(table: Table, when: Condition, lands: bool) -> None:
    put(table, a="x", n=5, map={"x": 1})
    if lands:
        assert write(table, Put(("landed",), "yes"), when=when)["landed"] == "yes"
    else:
        with pytest.raises(ConditionFailed):
            write(table, Put(("landed",), "yes"), when=when)
        item = table.read("K")
        assert item is not None
        assert "landed" not in item


def test_a_failed_condition_shows_the_item_as_it_stands(table: Table) -> None:
    put(table, a="x")
    with pytest.raises(ConditionFailed) as failed:
        write(table, Put(("a",), "y"), when=Equals(("a",), "z"))
    assert failed.value.item == {"pk": "K", "a": "x"}


def test_a_failed_condition_on_a_missing_item_shows_an_empty_one(table: Table) -> None:
    with pytest.raises(ConditionFailed) as failed:
        write(table, Put(("a",), "y"), when=Equals(("a",), "z"))
    assert failed.value.item == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((Default(("a",), "new"), Default(("b",), "new")), {"a": "x", "b": "new"}),
        ((Append(("list",), 3), Append(("fresh",), 1)), {"list": [1, 2, 3], "fresh": [1]}),
        ((Increment(("n",), 1), Increment(("fresh",), 2)), {"n": 6, "fresh": 2}),
        ((Remove(("a",)), Remove(("missing",))), {"a": None}),
        ((Remove(("list", 0)),), {"list": [2]}),
        ((Put(("map", "y"), 2),), {"map": {"x": 1, "y": 2}}),
        ((Put(("maps", 1, "seen"), "yes"), Remove(("maps", 0))), {"maps": [{"n": 2, "seen": "yes"}]}),
    ],
)
def test_changes_speak_of_the_item_as_it_was(
    table: Table, changes: tuple[Change, ...], expected: dict[str, Json]
) -> None:
    put(table, a="x", n=5, list=[1, 2], map={"x": 1}, maps=[{"n": 1}, {"n": 2}])
    item = write(table, *changes)
    assert {name: item.get(name) for name in expected} == expected


def test_names_that_are_reserved_words_are_names_like_others(table: Table) -> None:
    paths: list[Path] = [("status",), ("state",), ("owner",), ("schema",), ("source",)]
    item = write(table, *(Put(path, "x") for path in paths))
    assert all(item[str(path[0])] == "x" for path in paths)
