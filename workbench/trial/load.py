"""Many signed webhooks at once, each for a session of its own, counted to the end."""

import statistics
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from cancellations.domain import SETTLED
from cancellations.writes import text
from prevail.client import Emulator
from stack import StackInfo
from trial.entrances import Sender
from trial.senders import Senders, Webhook
from trial.watch import TookTooLong, Watch, until

STALLED_AFTER_S = 60.0
"""Without a request that settles for this long, none will."""

TAKEN = "202"


@dataclass(frozen=True, slots=True)
class Load:
    """What became of all posts. `patches` are those that Prevail received meanwhile."""

    posts: int
    answers: dict[str, int]
    statuses: dict[str, int]
    patches: int
    emails: int
    dead_letters: int
    posting_s: float
    settling_s: float

    @property
    def complete(self) -> bool:
        """Every post answered 202 and settled as canceled by one PATCH of its own, with no dead letter."""
        everyone = (self.answers.get(TAKEN), self.statuses.get("canceled"), self.patches)
        return everyone == (self.posts,) * 3 and self.dead_letters == 0


def load(
    info: StackInfo,
    count: int,
    threads: int,
    progress: Callable[[int, int], None],
    stalled_after_s: float = STALLED_AFTER_S,
    *,
    tries: int = 1,
) -> Load:
    """Posts `count` webhooks from `threads` threads and waits until all have settled or a bound is reached.

    progress: called with the numbers of posts answered and of requests settled.
    tries: how often each webhook is posted, at most, until it is answered 202; its last answer counts.
    """
    prevail, watch = Emulator(info.prevail_url), Watch(info)
    deliveries = _deliveries(info, prevail, count)
    before = prevail.totals()
    began = time.monotonic()
    answers = _post_all(info, deliveries, threads, tries, lambda done: progress(done, 0))
    posted = time.monotonic()
    statuses = _settled(watch, deliveries, lambda done: progress(count, done), stalled_after_s)
    settled = time.monotonic()
    after = prevail.totals()
    return Load(
        posts=count,
        answers=dict(answers),
        statuses=dict(statuses),
        patches=after.patches - before.patches,
        emails=after.emails - before.emails,
        dead_letters=watch.dead_letters(),
        posting_s=posted - began,
        settling_s=settled - began,
    )


def _deliveries(info: StackInfo, prevail: Emulator, count: int) -> list[Webhook]:
    senders, run = Senders(info), uuid.uuid4().hex[:8]
    webhooks = [senders.webhook(f"load-{run}-{number}", without_email=True) for number in range(count)]
    prevail.put_sessions(
        {"remote_session_id": r.remote_session_id, "organization": r.organization, "state": "ready"}
        for sent in webhooks
        for r in sent.requests
    )
    return webhooks


def _post_all(
    info: StackInfo,
    deliveries: Sequence[Webhook],
    threads: int,
    tries: int,
    progress: Callable[[int], None],
) -> Counter[str]:
    kept = threading.local()
    answers: Counter[str] = Counter()

    def post(sent: Webhook) -> str:
        if not hasattr(kept, "sender"):
            kept.sender = Sender(info)
        answer = ""
        for _ in range(tries):
            answer = str(kept.sender.post(sent).status_code)
            if answer == TAKEN:
                break
        return answer

    with ThreadPoolExecutor(threads) as pool:
        for done, answer in enumerate(pool.map(post, deliveries), start=1):
            answers[answer] += 1
            progress(done)
    return answers


def _settled(
    watch: Watch, deliveries: Sequence[Webhook], progress: Callable[[int], None], stalled_after_s: float
) -> Counter[str]:
    """The statuses of all, once all have settled; where they stop settling, as they are by then."""
    statuses = dict.fromkeys((delivery.request_id for delivery in deliveries), "missing")

    def one_more() -> bool | None:
        waiting = [request_id for request_id, status in statuses.items() if status not in SETTLED]
        for request_id in waiting:
            item = watch.request(request_id)
            statuses[request_id] = (text(item, "status") if item else None) or "missing"
        settled = sum(status in SETTLED for status in statuses.values())
        progress(settled)
        return True if settled > len(statuses) - len(waiting) or settled == len(statuses) else None

    with suppress(TookTooLong):
        while not SETTLED.issuperset(statuses.values()):
            until(one_more, stalled_after_s, "one more request to settle")
    return Counter(statuses.values())


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from posting to answered and to settled, over single posts one after the other."""

    posts: int
    answered_median_ms: float
    settled_median_ms: float
    settled_p95_ms: float


def latency(info: StackInfo, count: int) -> Latency:
    """Post, wait until the ledger says settled, post the next; the first ten warm up and do not count."""
    warm_up = 10
    deliveries = _deliveries(info, Emulator(info.prevail_url), count + warm_up)
    watch, sender = Watch(info), Sender(info)
    answered, settled = [], []
    for delivery in deliveries:
        began = time.monotonic()
        sender.post(delivery).raise_for_status()
        answered.append((time.monotonic() - began) * 1000)
        watch.settled(delivery.request_id)
        settled.append((time.monotonic() - began) * 1000)
    counted = sorted(settled[warm_up:])
    return Latency(
        count,
        statistics.median(answered[warm_up:]),
        statistics.median(counted),
        counted[int(len(counted) * 0.95)],
    )
