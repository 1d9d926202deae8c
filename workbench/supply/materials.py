"""The bill of materials of each layer, by cyclonedx-py: what its requirements name, with hashes and licences."""

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stack.places import CHECKOUT
from supply.tools import PYTHON, done, run, uv

LAYERS: Mapping[str, Path] = {
    name: CHECKOUT / "layers" / name / "requirements.txt" for name in ("runtime", "asymmetric")
}
OURS = "runtime"
"""The layer that our own package is in."""

BILLS = CHECKOUT / "build" / "sbom"

type Bill = dict[str, Any]
"""A CycloneDX document."""


def bill(layer: str) -> Bill:
    """Installed as it ships, by the hashes; what cyclonedx-py then sees, with the hashes beside. Raises ToolFailed."""
    requirements = LAYERS[layer]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        done([uv(), "venv", "--quiet", "--python", PYTHON, place / "venv"])
        python = place / "venv" / "bin" / "python"
        installing: list[str | Path] = [uv(), "pip", "install", "--quiet", "--python", python]
        done([*installing, "--require-hashes", "--no-deps", "--requirement", requirements])
        common = ("--output-reproducible", "--output-format", "JSON")
        root = ("--pyproject", CHECKOUT / "pyproject.toml") if layer == OURS else ()
        seen = json.loads(run("cyclonedx-py", "environment", *common, *root, python))
        hashed = json.loads(run("cyclonedx-py", "requirements", *common, requirements))
    return _with_hashes(seen, hashed)


def write() -> list[Path]:
    """Raises ToolFailed."""
    BILLS.mkdir(parents=True, exist_ok=True)
    written = []
    for layer in LAYERS:
        file = BILLS / f"{layer}.cdx.json"
        file.write_text(json.dumps(bill(layer), indent=2) + "\n", encoding="utf-8")
        written.append(file)
    return written


def named(name: str) -> str:
    """One spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _with_hashes(seen: Bill, hashed: Bill) -> Bill:
    """The same components must be in both: one that is installed and not required is not what ships."""
    files = {named(part["name"]): part["externalReferences"] for part in hashed["components"]}
    names = {named(part["name"]) for part in seen["components"]}
    if names != files.keys():
        raise ValueError(f"installed and required differ: {sorted(names ^ files.keys())}")
    for part in seen["components"]:
        part["externalReferences"] = [*part.get("externalReferences", []), *files[named(part["name"])]]
    return seen
