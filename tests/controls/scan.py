"""checkov on template.yaml as it is written, and on what SAM makes of it with each set of parameters.

checkov pins a boto3 that nothing else here can live with, so uv runs it in an environment of its own. It is told to
ask nobody on the network for advice.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from controls.deployed import TEMPLATE, deployed, read
from controls.parameters import SETS

CHECKOV = "checkov==3.3.30"
FEWEST = 40
"""Checks that each file must have passed: one that cannot be read fails none."""


def scan() -> int:
    """Prints one line per file, and what failed. Returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"as it is written": Path(shutil.copy(TEMPLATE, folder))}
        for name, given in SETS.items():
            file = files[f"transformed, {name}"] = Path(folder) / f"{name.replace(' ', '-')}.json"
            file.write_text(json.dumps(deployed(read(), given).document, indent=1), "utf-8")
        found = _checked(list(files.values()))
    faults = [_faults(name, file, found["results"]) for name, file in files.items()]
    say(f"checkov {found['summary']['checkov_version']}: {'not clean' if any(faults) else 'clean'}")
    return 1 if any(faults) else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _checked(files: list[Path]) -> dict[str, Any]:
    """Raises SystemExit with checkov's own words where it fails."""
    command: list[str | Path] = [os.environ.get("UV") or "uv", "tool", "run", "--quiet", "--python", "3.13"]
    command += ["--from", CHECKOV, "checkov", "--skip-download", "--framework", "cloudformation"]
    command += ["--output", "json", "--file", *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode not in {0, 1} or not ran.stdout:
        raise SystemExit(ran.stderr)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _faults(name: str, file: Path, results: dict[str, Any]) -> bool:
    passed, failed, skipped = (
        [check for check in results[kind] if check["file_path"].endswith(f"/{file.name}")]
        for kind in ("passed_checks", "failed_checks", "skipped_checks")
    )
    say(f"{name}: {len(passed)} passed, {len(failed)} failed, {len(skipped)} excepted")
    for check in failed:
        say(f"  {check['check_id']} {check['resource']}: {check['check_name']}")
    return bool(failed) or len(passed) < FEWEST
