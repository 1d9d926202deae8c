"""template.yaml holds every control, as it is deployed by default and with every option on."""

from functools import cache

import pytest

from controls.deployed import Stack, deployed, read
from controls.parameters import SETS
from controls.table import CONTROLS, Control


@cache
def stack(parameters: str) -> Stack:
    return deployed(read(), SETS[parameters])


@pytest.mark.parametrize("parameters", SETS)
@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_the_template_holds(control: Control, parameters: str) -> None:
    assert list(control.check(stack(parameters))) == []


def test_every_option_is_on_where_every_option_is_on() -> None:
    off = [
        name
        for name, value in stack("every option").values.items()
        if name in SETS["every option"] and value == stack("defaults").values[name]
    ]
    assert off == []
