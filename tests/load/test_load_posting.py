"""Posts leave when they are due, and what they take counts from then. The clock here stands still but for waits."""

import threading

import pytest

from builders import a_request
from trial.gallery.sample import Draft
from trial.load.plan import Plan, Post, plan
from trial.load.posting import Clock, Posted, Posting, Tally
from trial.senders import Webhook


class Time(Clock):
    """Goes on only where somebody waits, or takes his time."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def wait_until(self, moment: float) -> None:
        self.seconds = max(self.seconds, moment)


class Stack:
    """Answers the delivery of each number after so many seconds, and remembers what was posted."""

    def __init__(self, time: Time, takes: dict[int, float] | None = None) -> None:
        self.time, self.takes, self.posted = time, takes or {}, list[Webhook]()

    def __call__(self, sent: Webhook) -> str:
        self.posted.append(sent)
        self.time.seconds += self.takes.get(int(sent.draft.message_id), 0.0)
        return "202"


def a_webhook(number: int) -> Webhook:
    request = a_request(event_id=str(number), remote_session_id=f"session-{number}")
    return Webhook("crm", (request,), {}, Draft(b"{}", message_id=str(number)), {}, b"{}")


def posted(by: Plan, takes: dict[int, float] | None = None) -> tuple[list[Posted], Stack]:
    """By one thread, so that who takes long keeps the others waiting."""
    time = Time()
    stack = Stack(time, takes)
    posting = Posting(by, a_webhook, stack, threads=1, clock=time)
    with posting.begun() as done:
        done.result(timeout=30)
    return posting.tally.posted, stack


def test_each_post_leaves_when_it_is_due() -> None:
    answers, _ = posted(plan(5, rate=2))
    assert [one.began for one in answers] == [0, 0.5, 1, 1.5, 2]


def test_a_late_answer_counts_from_the_moment_the_post_was_due() -> None:
    answers, _ = posted(plan(4, rate=2), takes={1: 0.75})
    assert [one.took_ms for one in answers] == pytest.approx([0, 750, 250, 0])


def test_a_post_that_had_to_wait_for_a_free_thread_is_known_to_have_left_late() -> None:
    answers, _ = posted(plan(3, rate=2), takes={0: 0.75})
    assert [one.began - one.due for one in answers] == pytest.approx([0, 0.25, 0])


def test_without_a_rate_times_count_from_when_a_post_leaves() -> None:
    answers, _ = posted(plan(3), takes={0: 2, 1: 1, 2: 3})
    assert [one.took_ms for one in answers] == pytest.approx([2000, 1000, 3000])


def test_a_copy_is_the_same_delivery_to_the_byte() -> None:
    _, stack = posted(plan(20, rate=10, duplicates=0.5))
    twice = [sent for sent in stack.posted if sum(sent is other for other in stack.posted) == 2]
    assert len(stack.posted) == 30
    assert len(twice) == 20


def test_what_cannot_be_made_is_raised() -> None:
    def refuse(_: int) -> Webhook:
        raise ValueError("no such source")

    posting = Posting(plan(1), refuse, lambda _: "202", threads=1, clock=Time())
    with posting.begun() as done, pytest.raises(ValueError, match="no such source"):
        done.result(timeout=30)


def test_who_leaves_early_stops_it() -> None:
    begun, answered = threading.Event(), threading.Event()

    def post(_: Webhook) -> str:
        begun.set()
        answered.wait(30)
        return "202"

    posting = Posting(plan(100, rate=1), a_webhook, post, threads=1, clock=Clock())
    with posting.begun():
        begun.wait(30)
        answered.set()
    assert len(posting.tally.posted) < 100


def test_a_request_is_untaken_where_none_of_its_posts_was_answered_202() -> None:
    answers = {"a": ("503", "202"), "b": ("503", "no answer")}
    tally = Tally(
        posted=[
            Posted(Post(0, 0), request, 0, 0, 0, answer)
            for request, all_ in answers.items()
            for answer in all_
        ]
    )
    assert tally.untaken() == {"b"}
