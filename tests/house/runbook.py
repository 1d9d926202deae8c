"""docs/operations.md as what it is used for: entries by alarm, tables by heading, commands."""

import re
from collections.abc import Iterator

from house.template import ROOT

PAGE = ROOT / "docs" / "operations.md"
PARTS = ("Means", "See", "Do")


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands below a heading of the second level, up to the next one."""
    (found,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text(), re.MULTILINE | re.DOTALL)
    return str(found)


def entries() -> dict[str, str]:
    """What to do for each alarm, by its name."""
    return dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", section("Alarms"), re.MULTILINE | re.DOTALL))


def rows(heading: str) -> list[list[str]]:
    """The cells of every row of the tables in a section, without their heads."""
    lines = re.findall(r"^\| (.*) ?\|$", section(heading), re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.startswith("`")]


def commands(page: str) -> Iterator[list[str]]:
    """The words of every `cancelctl …` of a page, in the text or on a line of its own."""
    for in_text, on_a_line in re.findall(r"`cancelctl ([^`]+)`|^    cancelctl ([^\n#]+)", page, re.MULTILINE):
        yield (in_text or on_a_line).split()
