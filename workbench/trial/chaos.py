"""Many webhooks while workers are killed, some of Prevail's answers never come, and AWS fails too if that is asked for:
does each session end well, once?"""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from prevail.client import Emulator
from stack import StackInfo
from trial.load import Load, load
from trial.platform.detour import detour
from trial.platform.faults import FAULTS, SERVICES
from trial.platform.proxy import Proxy, Rule, proxy_of

WORKER = "CancelFunction"
KILL_EVERY_S = 5.0
MOST_KILLS = 10
"""Then it stops. On the local stack each takes its siblings along, and a message has five lives."""

SILENT = 0.05
"""The share of PATCHes that take effect and are never answered."""

STRUCK = 0.02
"""The share of the functions' calls to each service of AWS that meet each fault there is."""

TRIES = 8
"""How often a sender comes, at most, until its webhook is taken."""


@dataclass(frozen=True, slots=True)
class Chaos:
    """What became of it. `changed_once`: sessions whose state changed exactly once; `mailed`: those with an e-mail.

    struck: calls to AWS that met a fault.
    """

    load: Load
    kills: int
    struck: int
    changed_once: int
    mailed: int

    @property
    def survived(self) -> bool:
        everyone = self.load.posts
        settled = self.load.statuses == {"canceled": everyone}
        return settled and self.changed_once == everyone and self.mailed == 0 and self.load.dead_letters == 0


def chaos(
    info: StackInfo, count: int, seed: int, progress: Callable[[int, int], None], *, platform: bool = False
) -> Chaos:
    """Posts `count` webhooks while workers die, and waits until all have settled, which takes some minutes.

    What a killed worker held comes back after the queue's visibility timeout (6 minutes).
    platform: DynamoDB, SQS and Secrets Manager fail too; the functions start anew, to be led through a proxy.
    """
    prevail = Emulator(info.prevail_url)
    known = {session.remote_session_id for session in prevail.sessions()}
    prevail.put_faults(silent_after_commit=SILENT, seed=seed)
    with _failing(info) if platform else nullcontext() as proxy:
        with _killing(info.pids["ministack"], random.Random(seed)) as kills:  # noqa: S311 - a seeded fault
            became = load(info, count, 8, progress, stalled_after_s=900.0, tries=TRIES)
        struck = sum(proxy.strikes()) if proxy else 0
    prevail.put_faults(silent_after_commit=0.0)
    sessions = [session for session in prevail.sessions() if session.remote_session_id not in known]
    changes = Counter(session.state_changes for session in sessions)
    return Chaos(became, len(kills), struck, changes[1], sum(session.emails > 0 for session in sessions))


@contextmanager
def _failing(info: StackInfo) -> Iterator[Proxy]:
    """AWS as the functions see it, with every fault there is."""
    with proxy_of(info) as proxy, detour(info, proxy.url):
        proxy.obey([Rule(fault, service, share=STRUCK) for service in SERVICES for fault in FAULTS])
        yield proxy


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
