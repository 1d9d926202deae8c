"""Prevail's place in the stack: the emulator, as a process of its own."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from prevail.client import AdminRefused, Emulator
from stack import processes, surroundings
from stack.errors import StackError
from stack.processes import Guarded

_START_WITHIN = 30.0


def start(mark: str, home: Path, log: Path) -> Guarded:
    """An empty emulator. It picks its port itself; `wait` tells which."""
    seed = home / "seed.json"
    seed.write_text(json.dumps({"organizations": [], "sessions": []}))
    environment = surroundings.for_part(home) | {processes.MARK: mark}
    command = [sys.executable, "-m", "prevail", "--port", "0", "--json", "--seed", str(seed)]
    return processes.start("emulator", command, env=environment, cwd=home, log=log)


def wait(part: Guarded) -> str:
    """Its URL, once it answers. Raises StackError."""
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline:
        if part.exit_code() is not None:
            raise StackError(f"the Prevail emulator ended while starting. See {part.log}.")
        url = _announced(part.log)
        if url and Emulator(url, timeout_s=5).healthy():
            return url
        time.sleep(0.05)
    raise StackError(f"the Prevail emulator did not answer within {_START_WITHIN:.0f} s. See {part.log}.")


def _announced(log: Path) -> str | None:
    for line in log.read_text(errors="replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and "url" in said:
            return str(said["url"]).rstrip("/")
    return None


def register(url: str, api_keys: Mapping[str, str]) -> None:
    """Makes the organizations known, with Self-Service on. Raises StackError."""
    emulator = Emulator(url)
    for slug, key in api_keys.items():
        try:
            emulator.put_organization(slug, api_key=key)
        except AdminRefused as refusal:
            raise StackError(f"the Prevail emulator refused organization {slug}: {refusal}") from refusal
