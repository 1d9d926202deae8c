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


EXCEPTED = {"CKV_AWS_116", "CKV_AWS_117"}
"""A dead-letter queue for each function, and a VPC: why not, the template says beside each."""


def test_exceptions_from_checkov_are_few_and_have_a_reason() -> None:
    exceptions = [
        exception
        for resource in read()["Resources"].values()
        for exception in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]
    assert {exception["id"] for exception in exceptions} == EXCEPTED
    assert [e for e in exceptions if len(e["comment"].split()) < 5] == []
