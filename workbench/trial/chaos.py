"""Many webhooks while workers are killed, some of Prevail's answers never come, and AWS fails too if that is asked for:
does each session end well, once?"""

import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from prevail.client import Emulator
from stack import StackInfo
from trial.failing import LONGEST_WAIT_S, TRIES, aws_failing, prevail_failing
from trial.load.plan import plan
from trial.load.result import Load
from trial.load.run import Show, load
from trial.platform.faults import FAULTS

WORKER = "CancelFunction"
KILL_EVERY_S = 5.0
MOST_KILLS = 10
"""Then it stops. On the local stack each takes its siblings along, and a message has five lives."""

SILENT = 0.05
"""The share of PATCHes that take effect and are never answered."""

STRUCK = 0.02
"""The share of the functions' calls to each service of AWS that meet each fault there is."""

THREADS = 8


@dataclass(frozen=True, slots=True)
class Chaos:
    """What became of it. struck: calls to AWS that met a fault."""

    load: Load
    kills: int
    struck: int

    @property
    def survived(self) -> bool:
        return self.load.settled_well


def chaos(info: StackInfo, count: int, seed: int, show: Show, *, platform: bool = False) -> Chaos:
    """Posts `count` webhooks while workers die, and waits until all have settled, which takes some minutes.

    What a killed worker held comes back after the queue's visibility timeout (6 minutes).
    platform: DynamoDB, SQS and Secrets Manager fail too; the functions start anew, to be led through a proxy.
    """
    with (
        prevail_failing(Emulator(info.prevail_url), {"silent": SILENT}, seed),
        aws_failing(info, dict.fromkeys(FAULTS, STRUCK)) if platform else nullcontext(dict) as struck,
        _killing(info.pids["ministack"], random.Random(seed)) as kills,  # noqa: S311 - a seeded fault
    ):
        posts = plan(count, seed=seed)
        became = load(info, posts, THREADS, show, stalled_after_s=LONGEST_WAIT_S, tries=TRIES)
        return Chaos(became, len(kills), sum(struck().values()))


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
