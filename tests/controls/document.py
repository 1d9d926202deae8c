"""The table of controls in docs/security.md, between its markers."""

import re
from collections.abc import Iterator
from pathlib import Path

from controls.table import CONTROLS

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- controls: written by `make controls` -->", "<!-- /controls -->"


def table() -> str:
    return "\n".join(rows())


def rows() -> Iterator[str]:
    yield "| | control | also known as |"
    yield "|---|---|---|"
    area = ""
    for control in CONTROLS:
        yield f"| {control.area if control.area != area else ''} | `{control.name}` | {control.ids} |"
        area = control.area


def written() -> str:
    """What stands between the markers. Raises ValueError where one of them is missing."""
    _, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    inner, marker, _ = rest.partition(END)
    if not marker:
        raise ValueError(f"{PAGE.name} has no place for the controls: {BEGIN} … {END}")
    return inner.strip()


def write() -> int:
    written()
    around = re.compile(f"({re.escape(BEGIN)}).*({re.escape(END)})", re.DOTALL)
    page = around.sub(lambda place: f"{place[1]}\n\n{table()}\n\n{place[2]}", PAGE.read_text("utf-8"))
    PAGE.write_text(page, "utf-8")
    return 0
