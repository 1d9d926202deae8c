"""Runs one program and takes everything it started down with it.

    python guard.py LIFELINE LOG program argument…

LIFELINE is the number of an inherited pipe's reading end. The guard starts the program in a process group of its
own with both outputs appended to LOG, prints the program's pid, and waits. When the program ends, or when the
lifeline's other end closes, the whole group is killed. The kernel closes that end even for a holder that was killed
with SIGKILL, so nothing here depends on anybody's good manners. The exit code is the program's, 128 + signal for
one that was killed. Imports the standard library only: it must start fast and never fail.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

GRACE = 2.0  # seconds between SIGTERM and SIGKILL
PR_SET_CHILD_SUBREAPER = 36
NOT_STARTED = 127


def _adopt_orphans() -> None:
    """On Linux, makes grandchildren ours when their parent dies, so that we reap them whatever process 1 does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reap(leader: int) -> tuple[int | None, bool]:
    """Collects the dead: the leader's exit code if it was among them, and whether any child is left."""
    code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code, False
        if pid == 0:
            return code, True
        if pid == leader:
            code = os.waitstatus_to_exitcode(status)


def _kill(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _take_down(leader: int, code: int | None) -> int:
    """Ends the group, politely first, and returns the leader's exit code."""
    _kill(leader, signal.SIGTERM if code is None else signal.SIGKILL)
    killed_at = time.monotonic() + GRACE
    gone_by = killed_at + GRACE
    left = True
    while left and time.monotonic() < gone_by:
        ended, left = _reap(leader)
        code = code if ended is None else ended
        if code is not None or time.monotonic() > killed_at:
            _kill(leader, signal.SIGKILL)
        if left:
            time.sleep(0.02)
    return -signal.SIGKILL if code is None else code


def main(arguments: list[str]) -> int:
    lifeline, log, *program = arguments
    _adopt_orphans()
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    with Path(log).open("ab") as output:
        try:
            child = subprocess.Popen(
                program, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
            )
        except OSError as error:  # no such program; no pid on stdout says so too
            output.write(f"{error}\n".encode())
            return NOT_STARTED
    print(child.pid, flush=True)
    code: int | None = None
    while code is None and not stopping:
        readable, _, _ = select.select([int(lifeline), wake_read], [], [])
        if int(lifeline) in readable:
            break
        os.read(wake_read, 4096)
        code, _ = _reap(child.pid)
    code = _take_down(child.pid, code)
    child.returncode = code  # reaped here, behind subprocess's back
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
