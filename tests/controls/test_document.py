"""The documents have the controls and the parameters as they are."""

import re
from pathlib import Path

from controls import document
from controls.deployed import read

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_of_controls_is_up_to_date() -> None:
    assert document.written() == document.table(), "run `make controls`"


def test_every_parameter_is_documented_with_its_default() -> None:
    page = (DOCS / "deployment.md").read_text("utf-8")
    _, section, _ = re.split(r"^## Parameters\n|^## What an organization chooses\n", page, flags=re.MULTILINE)
    documented = dict(re.findall(r"^\| `(\w+)` \|(?: `([^`]*)`)? \|", section, re.MULTILINE))
    assert documented == {name: str(p["Default"]) for name, p in read()["Parameters"].items()}


def test_every_parameter_is_asked_for_in_a_group() -> None:
    groups = read()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    asked = [name for group in groups for name in group["Parameters"]]
    assert sorted(asked) == sorted(read()["Parameters"])
