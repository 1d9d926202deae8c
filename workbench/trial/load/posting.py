"""Posts by a plan. How long an answer took counts from the moment at which its post was due, not from when it left.

Else a stack that stands still would delay the posts behind it, and those would look quick (coordinated omission).
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import requests

from trial.load.plan import Plan, Post
from trial.senders import Webhook

TAKEN = "202"
UNANSWERED = "no answer"


@dataclass(frozen=True, slots=True)
class Posted:
    """Seconds from the beginning. `due` is when it began where the plan has no pace; `answer` is a status."""

    post: Post
    request_id: str
    due: float
    began: float
    answered: float
    answer: str

    @property
    def took_ms(self) -> float:
        return (self.answered - self.due) * 1000


@dataclass(slots=True)
class Tally:
    """What has been posted so far: written by the posting threads, read by whoever watches."""

    began: list[float] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)

    def untaken(self) -> set[str]:
        """Requests none of whose posts was answered 202."""
        taken = {one.request_id for one in self.posted if one.answer == TAKEN}
        return {one.request_id for one in self.posted} - taken


class Clock:
    """Seconds since it was made, and since the epoch; a wait ends early where it is told to."""

    def __init__(self) -> None:
        self.began_at = time.time()
        self._began = time.monotonic()
        self.over = threading.Event()

    def now(self) -> float:
        return time.monotonic() - self._began

    def wait_until(self, moment: float) -> None:
        self.over.wait(max(0.0, moment - self.now()))


class Connection(Protocol):
    def post(self, sent: Webhook, /) -> requests.Response: ...


class Door:
    """The stack's API as its senders meet it, over as many connections as are in use at once.

    connect: makes one, for one thread at a time.
    tries: how often each delivery is posted, at most, until it is answered 202; its last answer counts.
    """

    def __init__(self, connect: Callable[[], Connection], tries: int = 1) -> None:
        self._connect, self._tries = connect, tries
        self._idle: deque[Connection] = deque()

    def __call__(self, sent: Webhook) -> str:
        try:
            sender = self._idle.pop()
        except IndexError:
            sender = self._connect()
        answer = UNANSWERED
        for _ in range(self._tries):
            answer = _posted(sender, sent)
            if answer == TAKEN:
                break
        self._idle.append(sender)
        return answer


def _posted(sender: Connection, sent: Webhook) -> str:
    try:
        return str(sender.post(sent).status_code)
    except (requests.ConnectionError, requests.Timeout):
        return UNANSWERED


class Posting:
    """make: the delivery of a number, signed when it is about to leave. post: sends it, and tells the answer."""

    def __init__(
        self,
        plan: Plan,
        make: Callable[[int], Webhook],
        post: Callable[[Webhook], str],
        *,
        threads: int,
        clock: Clock,
    ) -> None:
        self._plan, self._make, self._post, self._threads = plan, make, post, threads
        self._clock, self.tally = clock, Tally()
        self._twice = {one.delivery for one in plan.posts if one.again}
        self._kept: dict[int, Webhook] = {}

    @contextmanager
    def begun(self) -> Iterator[Future[None]]:
        """Posts all, beside whoever begins it; the result is there when all are answered. Left early, it stops."""
        with ThreadPoolExecutor(1) as pool:
            try:
                yield pool.submit(self._all)
            finally:
                self._clock.over.set()

    def _all(self) -> None:
        free = threading.Semaphore(self._threads)
        with ThreadPoolExecutor(self._threads) as pool:
            under_way = []
            for post in self._plan.posts:
                sent = self._made(post)
                free.acquire()
                if self._plan.rate:
                    self._clock.wait_until(post.due)
                if self._clock.over.is_set():
                    break
                leaving = pool.submit(self._one, post, sent)
                leaving.add_done_callback(lambda _: free.release())
                under_way.append(leaving)
            for leaving in under_way:
                leaving.result()

    def _made(self, post: Post) -> Webhook:
        if post.again:
            return self._kept.pop(post.delivery)
        sent = self._make(post.delivery)
        if post.delivery in self._twice:
            self._kept[post.delivery] = sent
        return sent

    def _one(self, post: Post, sent: Webhook) -> None:
        began = self._clock.now()
        self.tally.began.append(began)
        answer = self._post(sent)
        due = post.due if self._plan.rate else began
        posted = Posted(post, sent.request_id, due, began, self._clock.now(), answer)
        self.tally.posted.append(posted)
