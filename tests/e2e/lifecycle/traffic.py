"""A sender who sends while something else happens, and does not give up."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from e2e.deliveries import CRM
from e2e.lifecycle.releases import MARK
from prevail.client import Emulator
from stack import StackInfo
from trial.entrances import Sender
from trial.senders import Senders, Webhook

THREADS = 4
TRIES = 20
ORGANIZATION = "example-legal"


@dataclass(slots=True)
class Traffic:
    """What was sent so far. `refused`: answers after which its sender came again; `by`: who said yes, by release."""

    sent: list[Webhook] = field(default_factory=list)
    taken: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)


@contextmanager
def traffic(info: StackInfo, at_least: int) -> Iterator[Traffic]:
    """Webhooks without pause for as long as the context lasts, and until there were so many."""
    so_far, over, lock = Traffic(), threading.Event(), threading.Lock()
    senders, prevail = Senders(info), Emulator(info.prevail_url)

    def post_on() -> None:
        sender = Sender(info)
        while True:
            with lock:
                if over.is_set() and len(so_far.sent) >= at_least:
                    return
                sent = senders.webhook(f"during-{len(so_far.sent)}", without_email=True, source=CRM)
                so_far.sent.append(sent)
            prevail.put_session(
                f"{sent.requests[0].remote_session_id}", organization=ORGANIZATION, state="ready"
            )
            _post(sender, sent, so_far, lock)

    with ThreadPoolExecutor(THREADS) as threads:
        posting = [threads.submit(post_on) for _ in range(THREADS)]
        try:
            yield so_far
        finally:
            over.set()
        for one in posting:
            one.result()


def _post(sender: Sender, sent: Webhook, so_far: Traffic, lock: threading.Lock) -> None:
    for _ in range(TRIES):
        try:
            answer = sender.post(sent)
            word = str(answer.status_code)
        except requests.ConnectionError:
            word = "no answer"
        with lock:
            if word == "202":
                so_far.taken += 1
                so_far.by[answer.headers.get(MARK, "first")] += 1
                return
            so_far.refused[word] += 1
