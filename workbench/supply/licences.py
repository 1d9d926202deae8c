"""Under which licence each distribution ships, as docs/licenses.md lists it, and which licences may ship."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from stack.places import CHECKOUT
from supply.materials import LAYERS, Bill, bill, named

LIST = CHECKOUT / "docs" / "licenses.md"

ALLOWED = {
    "Apache-2.0": "ours; keeps its notice",
    "BSD-3-Clause": "keeps its notice",
    "MIT": "keeps its notice",
    "MIT-0": "asks for nothing",
    "MPL-2.0": "its files stay under it; they ship as they are",
    "PSF-2.0": "keeps its notice",
    "Python-2.0": "keeps its notice",
}
"""By their SPDX names. One more is a decision: is it fit for a product that others deploy?"""

CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
}
"""What older distributions say in place of an SPDX name, where they say nothing else."""

HEADING = """# Licences of what ships

Written by `make sbom` from what the distributions say of themselves; `layers/*/requirements.txt` names them by hash.
Our own code is under [Apache-2.0](../LICENSE). Test tools and the workbench ship to nobody's account.

| layer | distribution | version | licence |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    layer: str
    distribution: str
    version: str
    licences: tuple[str, ...]

    def __str__(self) -> str:
        return f"| {self.layer} | {self.distribution} | {self.version} | {', '.join(self.licences)} |"


def rows(layer: str, seen: Bill) -> list[Row]:
    found = (Row(layer, named(part["name"]), part["version"], _of(part)) for part in seen["components"])
    return sorted(found, key=lambda row: row.distribution)


def refused(of: Iterable[Row]) -> list[str]:
    """Those that may not ship. Of an OR one is enough; of an AND, and of several, all."""
    return [str(row) for row in of if not all(map(_may_ship, row.licences))]


def _may_ship(licence: str) -> bool:
    return any(all(part.strip() in ALLOWED for part in way.split(" AND ")) for way in licence.split(" OR "))


def document() -> str:
    """Made anew. Raises ToolFailed."""
    return HEADING + "".join(f"{row}\n" for layer in LAYERS for row in rows(layer, bill(layer)))


def listed() -> Iterator[Row]:
    """The rows of docs/licenses.md."""
    for line in LIST.read_text(encoding="utf-8").partition("|---|")[2].splitlines():
        if found := re.fullmatch(r"\| (\w+) \| ([a-z0-9-]+) \| (\S+) \| (.*) \|", line):
            yield Row(found[1], found[2], found[3], tuple(found[4].split(", ")))


def _of(part: dict[str, Any]) -> tuple[str, ...]:
    """SPDX names where there are any, expressions too; else what the classifiers come to."""
    said = [entry.get("expression") or entry["license"].get("id") for entry in part.get("licenses", [])]
    if spdx := sorted({name for name in said if name}):
        return tuple(spdx)
    names = {entry["license"].get("name", "") for entry in part.get("licenses", []) if "license" in entry}
    return tuple(sorted(CLASSIFIERS.get(name, name) for name in names)) or ("unknown",)
