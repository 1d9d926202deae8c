"""What a stack leaves on disk while it lives, and the removal of what a dead one left behind."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.errors import AlreadyRuns
from stack.places import StateFolder
from stack.processes import ProcessId, kill_marked

_OTHERS_LOOK_FOR = 1.0  # seconds; somebody may hold the lock for a moment to see whether the stack lives


@dataclass(frozen=True, slots=True)
class Record:
    """Written before each part's first act that matters. `home` is the temporary folder of the parts."""

    mark: str
    home: str
    supervisor: ProcessId
    parts: tuple[ProcessId, ...] = ()

    def write(self, folder: StateFolder) -> None:
        _write_private(folder.record, json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: StateFolder) -> "Record | None":
        """None where there is none, or one that was cut off."""
        try:
            plain = json.loads(folder.record.read_text())
            return cls(
                mark=plain["mark"],
                home=plain["home"],
                supervisor=ProcessId(**plain["supervisor"]),
                parts=tuple(ProcessId(**part) for part in plain["parts"]),
            )
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None


def write_info(folder: StateFolder, text: str) -> None:
    _write_private(folder.info, text)


def _write_private(path: Path, text: str) -> None:
    """Appears whole or not at all, and is never readable by others."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


@contextmanager
def held(folder: StateFolder, *, wait: float = _OTHERS_LOOK_FOR) -> Iterator[None]:
    """Holds the stack's name. Raises AlreadyRuns."""
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with folder.lock.open("w") as handle:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise AlreadyRuns(
                        f"stack {folder.name!r} is running already. Stop it with `cancelctl local down "
                        f"--name {folder.name}`, or start another one with --name."
                    ) from None
                time.sleep(0.05)
        yield


def is_held(folder: StateFolder) -> bool:
    """Whether a living supervisor has this name."""
    try:
        with held(folder, wait=0):
            return False
    except AlreadyRuns:
        return True


def remove_leftovers(folder: StateFolder) -> list[int]:
    """Ends what a dead stack left running and removes its files, logs excepted. Only with the name held.

    Returns the pids that were killed. A pid is taken for ours only with its start time or with the stack's mark."""
    killed: list[int] = []
    if record := Record.read(folder):
        for part in record.parts:
            if part.runs():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(part.pid, signal.SIGKILL)
                    killed.append(part.pid)
        killed += kill_marked(record.mark)
        shutil.rmtree(record.home, ignore_errors=True)
    for path in (folder.info, folder.record):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder.config, ignore_errors=True)
    return killed
