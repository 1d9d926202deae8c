"""Workflows for GitHub Actions that others copy, judged by zizmor without a network."""

import json
from pathlib import Path

from stack.places import CHECKOUT
from supply.tools import run

EXAMPLE = CHECKOUT / "docs" / "deploy-github-actions.yml"
FOUND = (11, 12, 13, 14)
"""zizmor's exit codes for findings, by how bad the worst is."""


def faults(workflow: Path = EXAMPLE) -> list[str]:
    """One line for each finding, also of what zizmor finds hardly worth a word. Raises ToolFailed."""
    arguments = ("--offline", "--persona", "auditor", "--no-config", "--format", "json")
    told = run("zizmor", *arguments, workflow, codes=(0, *FOUND))
    return [
        f"{found['ident']} ({found['determinations']['severity']}): {found['desc']}"
        for found in json.loads(told)
    ]
