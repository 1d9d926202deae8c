"""Known vulnerabilities of what ships, asked of PyPI by pip-audit.

A package that the service says nothing about counts as not audited; pip-audit itself ends well where it was told
nothing.
"""

import json
from dataclasses import dataclass

from supply.materials import LAYERS
from supply.tools import run

FOUND = 1
"""pip-audit's exit code where something is vulnerable."""


@dataclass(frozen=True, slots=True)
class Audit:
    clean: list[str]
    vulnerable: list[str]
    unasked: list[str]

    @property
    def code(self) -> int:
        """0: all were asked about and none is vulnerable; 1: one is; 2: nobody knows of some."""
        return 1 if self.vulnerable else 2 if self.unasked else 0


def audit() -> Audit:
    """Raises ToolFailed where the service cannot be reached at all."""
    done = Audit([], [], [])
    for requirements in LAYERS.values():
        arguments = ("--disable-pip", "--no-deps", "--require-hashes", "--progress-spinner", "off")
        told = run(
            "pip-audit", *arguments, "--format", "json", "--requirement", requirements, codes=(0, FOUND)
        )
        read(json.loads(told), done)
    return done


def read(told: dict[str, list[dict[str, object]]], into: Audit) -> None:
    """What pip-audit prints as JSON."""
    for package in told["dependencies"]:
        name = f"{package['name']} {package.get('version', '')}".strip()
        found = package.get("vulns")
        if package.get("skip_reason") or not isinstance(found, list):
            into.unasked.append(f"{name}: {package.get('skip_reason', 'no answer')}")
        elif found:
            ids = ", ".join(str(one["id"]) for one in found)
            into.vulnerable.append(f"{name}: {ids}")
        else:
            into.clean.append(name)
