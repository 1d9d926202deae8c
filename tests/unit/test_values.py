"""Every value of ours is what the standard library's decorator would have made of it."""

import copy
import dataclasses
import pickle
from collections.abc import Iterator
from dataclasses import MISSING, FrozenInstanceError, dataclass, field
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import pytest

import cancellations
from cancellations import values

type Value = type[Any]


def modules() -> Iterator[ModuleType]:
    for found in walk_packages(cancellations.__path__, f"{cancellations.__name__}."):
        yield import_module(found.name)


def ours() -> list[Value]:
    made = {
        one
        for module in modules()
        if module is not values
        for one in vars(module).values()
        if isinstance(one, type) and one.__module__ == module.__name__ and dataclasses.is_dataclass(one)
    }
    return sorted((one for one in made if vars(one)["__init__"].__module__ == values.__name__), key=str)


VALUES = ours()
every_value = pytest.mark.parametrize("value", VALUES, ids=lambda one: f"{one.__module__}.{one.__name__}")


def original(value: Value) -> Value:
    """The same fields and methods, made by the standard library."""
    body = {
        name: part
        for name, part in vars(value).items()
        if callable(part) and getattr(part, "__module__", None) == value.__module__
    }
    fields = [
        (one.name, one.type, field(**given(one), repr=one.repr, compare=one.compare))
        for one in dataclasses.fields(value)
    ]
    return dataclasses.make_dataclass(
        value.__name__, fields, namespace=body, frozen=True, slots=True, repr="__repr__" in vars(value)
    )


def given(one: "dataclasses.Field[Any]") -> dict[str, Any]:
    parts = {"default": one.default, "default_factory": one.default_factory}
    return {name: part for name, part in parts.items() if part is not MISSING}


def filled(value: Value, mark: str = "a") -> dict[str, Any]:
    return {one.name: f"{mark} {one.name}" for one in dataclasses.fields(value)}


def test_there_are_many() -> None:
    assert len(VALUES) > 90


@every_value
def test_it_has_the_same_fields_in_the_same_order_and_nothing_else(value: Value) -> None:
    other = original(value)
    assert [one.name for one in dataclasses.fields(value)] == [one.name for one in dataclasses.fields(other)]
    assert value.__match_args__ == other.__match_args__
    made = value(**filled(value))
    with pytest.raises((AttributeError, TypeError)):
        object.__setattr__(made, "another", 1)


@every_value
def test_it_takes_its_fields_by_place_by_name_and_by_both(value: Value) -> None:
    named = filled(value)
    whole = value(**named)
    assert value(*named.values()) == whole
    for place in range(len(named)):
        first, rest = list(named.values())[:place], dict(list(named.items())[place:])
        assert value(*first, **rest) == whole
    assert {name: getattr(whole, name) for name in named} == named


@every_value
def test_it_gives_the_same_to_fields_that_are_left_out_and_misses_the_same(value: Value) -> None:
    other = original(value)
    needed = {one.name: one.name for one in dataclasses.fields(value) if not given(one)}
    left_out = [one.name for one in dataclasses.fields(value) if given(one)]
    made, twin = value(**needed), other(**needed)
    assert [getattr(made, name) for name in left_out] == [getattr(twin, name) for name in left_out]
    for name in needed:
        with pytest.raises(TypeError, match=name):
            value(**{other: part for other, part in needed.items() if other != name})


@every_value
def test_it_takes_nothing_twice_and_nothing_more(value: Value) -> None:
    named = filled(value)
    with pytest.raises(TypeError, match="another"):
        value(**named, another=1)
    with pytest.raises(TypeError):
        value(*named.values(), "one more")
    for name in list(named)[:1]:
        with pytest.raises(TypeError, match=name):
            value("first", **named)


@every_value
def test_it_is_equal_to_its_like_and_to_no_tuple_and_no_other_kind(value: Value) -> None:
    made, other = value(**filled(value)), original(value)(**filled(value))
    assert made == value(**filled(value))
    assert made != other
    assert made != tuple(filled(value).values())
    for one in dataclasses.fields(value):
        changed = value(**{**filled(value), one.name: "changed"})
        assert (made != changed) is one.compare


@every_value
def test_its_hash_is_that_of_the_original(value: Value) -> None:
    assert hash(value(**filled(value))) == hash(original(value)(**filled(value)))


@every_value
def test_it_is_shown_as_the_original(value: Value) -> None:
    shown = repr(value(**filled(value)))
    if "__repr__" in vars(value):
        assert shown == repr(original(value)(**filled(value)))
    else:
        assert filled(value)[dataclasses.fields(value)[0].name] not in shown


@every_value
def test_it_cannot_be_changed(value: Value) -> None:
    made = value(**filled(value))
    for name in [*filled(value), "another"]:
        with pytest.raises(FrozenInstanceError, match=name):
            setattr(made, name, 1)
        with pytest.raises(FrozenInstanceError, match=name):
            delattr(made, name)


@every_value
def test_it_can_be_replaced_copied_and_pickled(value: Value) -> None:
    made = value(**filled(value))
    assert dataclasses.replace(made, **filled(value, "b")) == value(**filled(value, "b"))
    assert copy.replace(made, **filled(value, "b")) == value(**filled(value, "b"))
    assert copy.copy(made) == copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own


# ── What no value of ours has, and what others may make of them ───────────────────────────────────


def test_the_original_may_be_made_of_one() -> None:
    @values.dataclass(frozen=True, slots=True)
    class Base:
        first: str

    @dataclass(frozen=True, slots=True)
    class More(Base):
        second: str = "b"

    assert More("a") == More("a", "b")
    assert repr(More("a")).endswith("More(first='a', second='b')")


@pytest.mark.parametrize("how", [{"frozen": False, "slots": True}, {"frozen": True, "slots": False}])
def test_it_is_frozen_and_has_slots_or_is_none(how: dict[str, bool]) -> None:
    with pytest.raises(TypeError, match="frozen"):
        values.dataclass(**how)(type("Loose", (), {}))


def test_it_has_nothing_to_do_once_it_is_filled() -> None:
    with pytest.raises(TypeError, match="__post_init__"):
        values.dataclass(frozen=True, slots=True)(type("Busy", (), {"__post_init__": lambda _: None}))
