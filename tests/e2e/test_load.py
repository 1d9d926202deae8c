"""Many at once: nothing lost, nothing twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import requests

from cancellations.writes import at, text
from e2e.deliveries import a_session, a_webhook
from prevail.client import Emulator
from stack import StackInfo
from trial.entrances import Sender
from trial.failing import LONGEST_WAIT_S, prevail_failing
from trial.load.plan import plan
from trial.load.progress import Progress
from trial.load.run import load
from trial.senders import Webhook
from trial.watch import Watch

POSTS, COPIES = 1000, 1000
KEPT_OUT = "409-before"
"""A refusal that is not what the session's state says: it is tried again, and no breaker opens."""


def test_of_a_thousand_webhooks_each_cancels_its_session_once(info: StackInfo) -> None:
    became = load(info, plan(POSTS), 8, lambda _: None)
    assert became.answers == {"202": POSTS}
    assert became.statuses == {"canceled": POSTS}
    assert (became.patches, became.emails, became.dead_letters) == (POSTS, 0, 0)


def test_at_a_rate_each_delivery_and_each_copy_is_answered_and_each_session_patched_once(
    info: StackInfo,
) -> None:
    seen: list[Progress] = []
    became = load(info, plan(30, rate=10, duplicates=0.5, seed=7), 16, seen.append)
    assert became.wrong == ()
    assert (became.answers, became.statuses) == ({"202": 45}, {"canceled": 30})
    assert (became.patches, became.patched_once, became.changed_once) == (30, 30, 30)
    assert became.answered is not None
    assert became.settled is not None
    assert (became.answered.count, became.settled.count) == (45, 30)
    assert (seen[-1].posted, seen[-1].answered, seen[-1].settled, seen[-1].failures) == (45, 45, 30, 0)


def test_a_patch_that_a_fault_keeps_out_is_repeated_and_counts_as_none(
    info: StackInfo, prevail: Emulator
) -> None:
    with prevail_failing(prevail, {KEPT_OUT: 0.3}, seed=3) as struck:
        became = load(info, plan(10), 4, lambda _: None, stalled_after_s=LONGEST_WAIT_S, struck=[struck])
    assert became.wrong == ()
    assert became.faults[KEPT_OUT] > 0
    assert became.patches == 10 + became.faults[KEPT_OUT]
    assert became.patched_once == 10


def test_of_a_thousand_copies_at_once_one_is_sent(info: StackInfo, prevail: Emulator, watch: Watch) -> None:
    session = a_session(prevail)
    sent = a_webhook(info, session)
    answers = post_copies(info, sent)
    item = watch.settled(sent.request_id)
    watch.idle()
    assert [answer.status_code for answer in answers] == [202] * COPIES
    assert {answer.json()["id"] for answer in answers} == {sent.request_id}
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert (text(item, "status"), at(item, ("outcome", "canceled_by"))) == ("canceled", sent.request_id)
    seen = prevail.session(session)
    assert (seen.patches, seen.state_changes) == (1, 1)


def post_copies(info: StackInfo, sent: Webhook) -> list[requests.Response]:
    kept = threading.local()

    def connect() -> None:
        kept.sender = Sender(info)

    def post(_number: int) -> requests.Response:
        answer: requests.Response = kept.sender.post(sent)
        return answer

    with ThreadPoolExecutor(16, initializer=connect) as threads:
        return list(threads.map(post, range(COPIES)))
