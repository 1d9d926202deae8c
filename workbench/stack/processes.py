"""Processes that end with us, and processes recognised without mistaking a recycled pid for ours."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from stack.errors import StackError

GUARD = Path(__file__).with_name("guard.py")
# Every process of a stack carries this variable, so that what outlived its parents can be told from strangers.
MARK = "PREVAIL_CANCELLATIONS_STACK"
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A pid with the time its process started: together they are never given out twice."""

    pid: int
    started: str

    def runs(self) -> bool:
        return started_at(self.pid) == self.started


def started_at(pid: int) -> str | None:
    """When the process started, in whatever words this system has for it; None if it is gone or a zombie."""
    if _PROC.joinpath("self").exists():
        try:
            state, *fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if state in "ZX" else fields[18]
    listed = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    state, _, started = listed.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else started.strip()


def identify(pid: int) -> ProcessId:
    """One that has ended already is none that runs, whoever gets its pid."""
    return ProcessId(pid, started_at(pid) or "")


@dataclass(frozen=True, slots=True)
class Guarded:
    """A running program that ends, with all it started, when this process does. See guard.py."""

    name: str
    process: ProcessId
    log: Path
    ended: IO[bytes]  # becomes readable (end of file) when the program has ended
    _guard: subprocess.Popen[bytes]
    _lifeline: IO[bytes]

    def exit_code(self) -> int | None:
        """None while it runs; 128 + signal for a program that was killed."""
        return self._guard.poll()

    def wait(self) -> int:
        return self._guard.wait()

    def stop(self) -> None:
        """Ends the program and all it started. Safe to call twice."""
        self._lifeline.close()
        if self._guard.poll() is None:
            try:
                self._guard.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._guard.kill()
                self._guard.wait()
        self.ended.close()
        if self.process.runs():  # somebody killed the guard
            os.killpg(self.process.pid, signal.SIGKILL)


def start(
    name: str, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path
) -> Guarded:
    """Starts a program with exactly this environment and both outputs appended to `log`."""
    reading, writing = os.pipe()
    try:
        guard = subprocess.Popen(
            [sys.executable, "-I", GUARD, str(reading), log, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd=cwd,
            env=dict(env),
            pass_fds=[reading],
            start_new_session=True,
        )
    finally:
        os.close(reading)
    ended = cast("IO[bytes]", guard.stdout)  # asked for with PIPE
    line = ended.readline()
    if not line:
        ended.close()
        os.close(writing)
        raise StackError(f"{name} could not be started (exit code {guard.wait()}). See {log}.")
    return Guarded(name, identify(int(line)), log, ended, guard, os.fdopen(writing, "wb"))


def kill_marked(mark: str, *, deadline: float = 5.0) -> list[int]:
    """Kills every process that carries this mark and returns their pids. Linux only; elsewhere there is nothing to
    read a process's environment from, and the guards alone must do."""
    killed: list[int] = []
    ends = time.monotonic() + deadline
    while (found := list(marked(mark))) and time.monotonic() < ends:
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        killed += found
        time.sleep(0.05)
    return killed


def marked(mark: str) -> Iterator[int]:
    """The pids of all processes that carry this mark."""
    wanted = f"{MARK}={mark}".encode()
    for folder in _PROC.glob("[0-9]*"):
        try:
            carries = wanted in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # it ended meanwhile, or belongs to somebody else
        if carries and started_at(int(folder.name)) is not None:
            yield int(folder.name)
