"""The tools, each at one version. Each runs in an environment of its own: their pins are not ours."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stack.places import CHECKOUT

PYTHON = sys.executable
"""The one of this checkout: wherever a tool is run, none is looked for."""


class ToolFailed(Exception):
    """A tool could not do its work; the text is its own."""


@dataclass(frozen=True, slots=True)
class Tool:
    package: str
    program: str


type Name = Literal["cyclonedx-py", "detect-secrets", "pip-audit", "zizmor"]
TOOLS: dict[Name, Tool] = {
    "cyclonedx-py": Tool("cyclonedx-bom==7.5.0", "cyclonedx-py"),
    "detect-secrets": Tool("detect-secrets==1.5.0", "detect-secrets"),
    "pip-audit": Tool("pip-audit==2.10.1", "pip-audit"),
    "zizmor": Tool("zizmor==1.32.0", "zizmor"),
}


def uv() -> str:
    """The one that workbench/setup.sh installed, or the one it fell back to."""
    here = (CHECKOUT / ".tools" / "bin" / "uv", CHECKOUT / ".tools" / "pip" / "bin" / "uv")
    return os.environ.get("UV") or next((str(path) for path in here if path.exists()), "uv")


def run(name: Name, *arguments: str | Path, codes: tuple[int, ...] = (0,), cwd: Path = CHECKOUT) -> str:
    """What it prints. codes: those with which it has done its work. Raises ToolFailed."""
    tool = TOOLS[name]
    command = [
        uv(),
        "tool",
        "run",
        "--quiet",
        "--python",
        PYTHON,
        "--from",
        tool.package,
        tool.program,
        *arguments,
    ]
    return done(command, codes=codes, cwd=cwd)


def done(command: list[str | Path], *, codes: tuple[int, ...] = (0,), cwd: Path = CHECKOUT) -> str:
    """Raises ToolFailed."""
    try:
        ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except OSError as e:
        raise ToolFailed(f"{command[0]}: {e.strerror}") from e
    if ran.returncode not in codes:
        raise ToolFailed(f"{command[-1]}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout
