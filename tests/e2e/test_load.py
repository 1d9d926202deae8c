"""Many at once: nothing lost, nothing twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import requests

from cancellations.writes import at, text
from e2e.deliveries import a_session, a_webhook
from prevail.client import Emulator
from stack import StackInfo
from trial.entrances import Sender
from trial.load import load
from trial.senders import Webhook
from trial.watch import Watch

POSTS, COPIES = 1000, 1000


def test_of_a_thousand_webhooks_each_cancels_its_session_once(info: StackInfo) -> None:
    became = load(info, POSTS, 8, lambda _posted, _settled: None)
    assert became.answers == {"202": POSTS}
    assert became.statuses == {"canceled": POSTS}
    assert (became.patches, became.emails, became.dead_letters) == (POSTS, 0, 0)


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
