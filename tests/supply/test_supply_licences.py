"""Everything that ships is named by version and hash, and under a licence that may ship."""

import re
from collections.abc import Iterator

import pytest

from supply import licences
from supply.licences import ALLOWED, Row, listed, refused
from supply.materials import LAYERS, named

DIGEST = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def requirements(layer: str) -> Iterator[str]:
    """One line for each, with all that belongs to it."""
    text = LAYERS[layer].read_text(encoding="utf-8").replace("\\\n", " ")
    yield from (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def pins(layer: str) -> set[tuple[str, str]]:
    found = (re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line) for line in requirements(layer))
    return {(named(pin[1]), pin[2]) for pin in found if pin}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_requirement_of_a_layer_is_a_version_and_its_hashes(layer: str) -> None:
    lines = list(requirements(layer))
    assert lines
    assert [
        line for line in lines if not (re.match(r"[A-Za-z0-9._-]+==\S", line) and DIGEST.search(line))
    ] == []


def test_every_folder_with_requirements_is_a_layer_that_is_listed() -> None:
    (layers,) = {path.parents[1] for path in LAYERS.values()}
    assert {path.parent.name for path in layers.glob("*/requirements.txt")} == set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_list_of_licences_names_what_ships_and_nothing_else(layer: str) -> None:
    """If this fails, something was locked anew: `make sbom`."""
    assert {(row.distribution, row.version) for row in listed() if row.layer == layer} == pins(layer)


@pytest.mark.parametrize("row", list(listed()), ids=lambda row: row.distribution)
def test_what_ships_is_under_a_licence_that_may_ship(row: Row) -> None:
    assert refused([row]) == []


@pytest.mark.parametrize(
    ("said", "ships"),
    [
        (("MIT",), True),
        (("GPL-3.0-only",), False),
        (("MIT", "GPL-3.0-only"), False),
        (("GPL-2.0-only OR MIT",), True),
        (("MIT AND LGPL-3.0-only",), False),
        (("License :: OSI Approved :: BSD License",), False),
        (("unknown",), False),
    ],
)
def test_of_an_or_one_is_enough_of_everything_else_all(said: tuple[str, ...], ships: bool) -> None:
    assert (refused([Row("runtime", "x", "1", said)]) == []) is ships


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            [{"license": {"id": "MIT"}}, {"license": {"name": "License :: OSI Approved :: MIT License"}}],
            ("MIT",),
        ),
        ([{"expression": "Apache-2.0 OR BSD-3-Clause"}], ("Apache-2.0 OR BSD-3-Clause",)),
        ([{"license": {"name": "License :: OSI Approved :: Apache Software License"}}], ("Apache-2.0",)),
        ([{"license": {"name": "Proprietary"}}], ("Proprietary",)),
        ([], ("unknown",)),
    ],
)
def test_a_licence_is_read_off_the_bill_of_materials(told: object, expected: tuple[str, ...]) -> None:
    (row,) = licences.rows("runtime", {"components": [{"name": "X_y", "version": "1", "licenses": told}]})
    assert row == Row("runtime", "x-y", "1", expected)


def test_a_licence_that_may_ship_says_what_it_asks_for() -> None:
    assert all(ALLOWED.values())
