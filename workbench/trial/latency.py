"""Single webhooks, one after the other, each timed until it has settled."""

import statistics
import time
from dataclasses import dataclass

from prevail.client import Emulator
from stack import StackInfo
from trial.entrances import Sender
from trial.load.deliveries import Deliveries
from trial.watch import Watch

WARM_UP = 10


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from posting to answered and to settled, over single posts one after the other."""

    posts: int
    answered_median_ms: float
    settled_median_ms: float
    settled_p95_ms: float


def latency(info: StackInfo, count: int) -> Latency:
    """Post, wait until the ledger says settled, post the next; the first ten warm up and do not count."""
    deliveries = Deliveries(info, count + WARM_UP)
    deliveries.make_ready(Emulator(info.prevail_url))
    watch, sender = Watch(info), Sender(info)
    answered, settled = [], []
    for delivery in map(deliveries.signed, range(count + WARM_UP)):
        began = time.monotonic()
        sender.post(delivery).raise_for_status()
        answered.append((time.monotonic() - began) * 1000)
        watch.settled(delivery.request_id)
        settled.append((time.monotonic() - began) * 1000)
    counted = sorted(settled[WARM_UP:])
    return Latency(
        count,
        statistics.median(answered[WARM_UP:]),
        statistics.median(counted),
        counted[int(len(counted) * 0.95)],
    )
