"""Processes end with whoever started them, and no stranger is ever killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stack import processes
from stack.errors import StackError
from stack.processes import Guarded, ProcessId, identify, marked, started_at

# Starts a child that ignores SIGTERM, says its pid, and sleeps.
PARENT_OF_A_STUBBORN_CHILD = """
import subprocess, sys, time
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
print(subprocess.Popen([sys.executable, "-c", stubborn]).pid, flush=True)
time.sleep(60)
"""


def eventually(fact: Callable[[], object], within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not fact():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


@contextmanager
def guarded(folder: Path, code: str) -> Iterator[Guarded]:
    environment = {"PATH": os.environ["PATH"], processes.MARK: str(folder)}
    part = processes.start(
        "part", [sys.executable, "-c", code], env=environment, cwd=folder, log=folder / "log"
    )
    try:
        yield part
    finally:
        part.stop()


def said(part: Guarded) -> str:
    eventually(lambda: part.log.read_text().strip())
    return part.log.read_text().strip()


def test_both_outputs_go_to_the_log(tmp_path: Path) -> None:
    with guarded(tmp_path, "import sys; print(1, flush=True); print(2, file=sys.stderr)") as part:
        assert part.wait() == 0
    assert (tmp_path / "log").read_text() == "1\n2\n"


def test_a_program_that_has_ended_already_is_none_that_runs() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert not identify(ended.pid).runs()


def test_the_exit_code_is_the_programs(tmp_path: Path) -> None:
    with guarded(tmp_path, "raise SystemExit(7)") as part:
        assert part.wait() == 7


def test_a_killed_program_has_128_and_its_signal(tmp_path: Path) -> None:
    with guarded(tmp_path, "import time; time.sleep(60)") as part:
        os.kill(part.process.pid, signal.SIGKILL)
        assert part.wait() == 128 + signal.SIGKILL


def test_stopping_takes_a_stubborn_grandchild_along(tmp_path: Path) -> None:
    with guarded(tmp_path, PARENT_OF_A_STUBBORN_CHILD) as part:
        grandchild = int(said(part))
        part.stop()
    assert started_at(grandchild) is None


def test_a_killed_program_takes_its_children_along(tmp_path: Path) -> None:
    with guarded(tmp_path, PARENT_OF_A_STUBBORN_CHILD) as part:
        grandchild = int(said(part))
        os.kill(part.process.pid, signal.SIGKILL)
        part.wait()
    assert started_at(grandchild) is None


def test_nothing_outlives_a_killed_starter(tmp_path: Path) -> None:
    starter = f"""
import sys, time
from pathlib import Path
from stack import processes
code = {PARENT_OF_A_STUBBORN_CHILD!r}
folder = Path({str(tmp_path)!r})
command = [sys.executable, "-c", code]
part = processes.start("part", command, env={{processes.MARK: str(folder)}}, cwd=folder, log=folder / "log")
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", starter])
    eventually(lambda: len(list(marked(str(tmp_path)))) == 3)  # guard, program and its child
    process.kill()
    process.wait()
    eventually(lambda: not list(marked(str(tmp_path))))


def test_stopping_still_works_when_the_guard_was_killed(tmp_path: Path) -> None:
    with guarded(tmp_path, "import time; time.sleep(60)") as part:
        guard = os.getsid(part.process.pid)
        os.kill(guard, signal.SIGKILL)
        part.wait()
        part.stop()
        eventually(lambda: not part.process.runs())


def test_marked_processes_are_killed(tmp_path: Path) -> None:
    with guarded(tmp_path, PARENT_OF_A_STUBBORN_CHILD) as part:
        said(part)
        processes.kill_marked(str(tmp_path))
        assert not list(marked(str(tmp_path)))


def test_a_recycled_pid_is_not_taken_for_ours() -> None:
    mine = identify(os.getpid())
    assert mine.runs()
    assert not ProcessId(mine.pid, "another time").runs()


def test_a_zombie_does_not_run() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    eventually(lambda: started_at(child.pid) is None)
    child.wait()


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="could not be started"):
        processes.start("part", [tmp_path / "none"], env={}, cwd=tmp_path, log=tmp_path / "log")
