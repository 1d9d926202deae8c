"""Starting, finding and stopping stacks.

with local_stack(make_plan(name="e2e")) as stack:
    post(stack.info.api_url, …)
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from stack import surroundings
from stack.errors import AlreadyRuns, NotRunning, StackError
from stack.info import StackInfo
from stack.places import CHECKOUT, StateFolder
from stack.plan import Plan
from stack.record import Record, held, is_held, remove_leftovers

Progress = Callable[[str], None]
_STOP_WITHIN = 30.0


def _quietly(step: str) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class _Supervisor:
    process: subprocess.Popen[str]
    orders: IO[str]
    answers: IO[str]
    log: Path

    def first_answer(self, progress: Progress) -> StackInfo:
        """Waits until the stack is up. Raises StackError with the reason if it does not come up."""
        for line in self._lines():
            if "progress" in line:
                progress(line["progress"])
            elif "ready" in line:
                return StackInfo.from_dict(line["ready"])
            else:
                raise StackError(line["ended"])
        raise StackError(
            f"the supervisor ended without a word (exit code {self.process.wait()}). See {self.log}."
        )

    def wait(self) -> None:
        """Returns when the stack was stopped; raises StackError if it ended by itself."""
        for line in self._lines():
            if line.get("code"):
                raise StackError(line["ended"])
        if self.process.wait() != 0:
            raise StackError(
                f"the supervisor was killed (exit code {self.process.returncode}); all was stopped"
            )

    def stop(self) -> None:
        self.orders.close()
        self.process.terminate()  # a fork of ours may hold the other end of its stdin
        self.end()

    def end(self) -> None:
        """Waits for the process to end, and makes it end where it takes too long."""
        try:
            self.process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.answers.close()

    def _lines(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self.answers)


def _start(plan: Plan, *, detached: bool) -> _Supervisor:
    folder = StateFolder(plan.name)
    with held(folder):  # refused before anything is started, and before a living stack's log is overwritten
        log = folder.log("supervisor").open("w")
    with log:
        process = subprocess.Popen(
            [sys.executable, "-m", "stack.supervisor"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=CHECKOUT,
            env=surroundings.for_supervisor(os.environ),
            start_new_session=True,  # Ctrl-C is for the caller alone, who then stops the stack in order
        )
    orders, answers = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
    supervisor = _Supervisor(process, orders, answers, folder.log("supervisor"))
    supervisor.orders.write(json.dumps({"plan": plan.as_dict(), "detached": detached}) + "\n")
    supervisor.orders.flush()
    return supervisor


@dataclass(frozen=True, slots=True)
class RunningStack:
    info: StackInfo
    _supervisor: _Supervisor

    def wait(self) -> None:
        """Blocks until somebody stops the stack. Raises StackError if a part of it ended by itself."""
        self._supervisor.wait()


@contextmanager
def local_stack(plan: Plan, progress: Progress = _quietly) -> Iterator[RunningStack]:
    """A stack that lives as long as the context, and no longer than this process.

    Raises StackError if it does not come up, or if a part of it ended before the context did."""
    supervisor = _start(plan, detached=False)
    try:
        yield RunningStack(supervisor.first_answer(progress), supervisor)
        if supervisor.process.poll() is not None:
            supervisor.wait()
    finally:
        supervisor.stop()


def start_detached(plan: Plan, progress: Progress = _quietly) -> StackInfo:
    """A stack that outlives this process; `stop` ends it. Raises StackError if it does not come up."""
    supervisor = _start(plan, detached=True)
    try:
        info = supervisor.first_answer(progress)
    except BaseException:
        supervisor.process.terminate()
        supervisor.end()
        raise
    supervisor.orders.close()
    supervisor.answers.close()
    return info


def running(name: str) -> StackInfo:
    """Raises NotRunning, with the reason why the last one ended where that is known."""
    folder = StateFolder(name)
    if folder.path.exists() and is_held(folder):
        try:
            return StackInfo.from_dict(json.loads(folder.info.read_text()))
        except FileNotFoundError:
            raise NotRunning(f"stack {name!r} is still starting, or already stopping.") from None
    reason = f" The last one ended: {folder.ended.read_text().strip()}" if folder.ended.exists() else ""
    raise NotRunning(
        f"no stack {name!r} is running. Start it with `cancelctl local up --name {name}`.{reason}"
    )


def stop(name: str) -> bool:
    """Stops the stack and removes what it, or a dead one of that name, left. False if there was nothing to stop."""
    folder = StateFolder(name)
    if not folder.path.exists():
        return False
    record = Record.read(folder)
    if is_held(folder) and record:
        _end(record, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_WITHIN
    while True:
        try:
            with held(folder):
                return bool(remove_leftovers(folder)) or record is not None
        except AlreadyRuns:
            if time.monotonic() > deadline:
                record = Record.read(folder)
                if record is None:
                    raise
                _end(record, signal.SIGKILL)
                deadline += _STOP_WITHIN


def _end(record: Record, number: signal.Signals) -> None:
    if record.supervisor.runs():
        os.kill(record.supervisor.pid, number)
