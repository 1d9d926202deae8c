"""Many webhooks while workers are killed and some of Prevail's answers never come: does each session end well, once?"""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from prevail.client import Emulator
from stack import StackInfo
from trial.load import Load, load

WORKER = "CancelFunction"
KILL_EVERY_S = 5.0
MOST_KILLS = 10
"""Then it stops. On the local stack each takes its siblings along, and a message has five lives."""

SILENT = 0.05
"""The share of PATCHes that take effect and are never answered."""


@dataclass(frozen=True, slots=True)
class Chaos:
    """What became of it. `changed_once`: sessions whose state changed exactly once; `mailed`: those with an e-mail."""

    load: Load
    kills: int
    changed_once: int
    mailed: int

    @property
    def survived(self) -> bool:
        everyone = self.load.posts
        settled = self.load.statuses == {"canceled": everyone}
        return settled and self.changed_once == everyone and self.mailed == 0 and self.load.dead_letters == 0


def chaos(info: StackInfo, count: int, seed: int, progress: Callable[[int, int], None]) -> Chaos:
    """Posts `count` webhooks while workers die, and waits until all have settled, which takes some minutes.

    What a killed worker held comes back after the queue's visibility timeout (6 minutes).
    """
    prevail = Emulator(info.prevail_url)
    known = {session.remote_session_id for session in prevail.sessions()}
    prevail.put_faults(silent_after_commit=SILENT, seed=seed)
    with _killing(info.pids["ministack"], random.Random(seed)) as kills:  # noqa: S311 - a seeded fault
        became = load(info, count, 8, progress, stalled_after_s=900.0)
    prevail.put_faults(silent_after_commit=0.0)
    sessions = [session for session in prevail.sessions() if session.remote_session_id not in known]
    changes = Counter(session.state_changes for session in sessions)
    return Chaos(became, len(kills), changes[1], sum(session.emails > 0 for session in sessions))


@contextmanager
def _killing(ministack: int, chance: random.Random) -> Iterator[list[int]]:
    """Kills a worker at random times for as long as the context lasts; the pids of those killed."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(chance.uniform(1.0, 2 * KILL_EVERY_S)):
            workers = [pid for pid in _children(ministack) if WORKER in _command(pid)]
            if workers and len(killed) < MOST_KILLS:
                victim = chance.choice(workers)
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""
