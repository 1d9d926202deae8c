"""What real senders and monitors do that only a running stack can answer: see tests/cases."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from e2e.deliveries import a_session, a_webhook, signed_anew
from prevail.client import Emulator
from stack import StackInfo
from trial.calling import Caller
from trial.entrances import Sender
from trial.senders import Webhook
from trial.watch import Watch, outcome

AT_ONCE = 20


@pytest.fixture
def sent(info: StackInfo, prevail: Emulator) -> Webhook:
    """A delivery for a ready session that nobody has sent yet."""
    return a_webhook(info, a_session(prevail))


def saying(info: StackInfo, sent: Webhook, **data: object) -> Webhook:
    """The same delivery under its own id, with other data."""
    payload = json.loads(sent.body)
    payload["data"] |= data
    return signed_anew(info, sent, json.dumps(payload).encode())


def session_of(sent: Webhook) -> str:
    return str(json.loads(sent.body)["data"]["remote_session_id"])


def ask(info: StackInfo, method: str, path: str) -> requests.Response:
    with requests.Session() as http:
        http.trust_env = False
        return http.request(method, f"{info.api_url}{path}", timeout=60)


# ── Monitors ──────────────────────────────────────────────────────────────────────────────────────


def test_a_monitor_may_ask_by_head(info: StackInfo) -> None:
    """https://github.com/gotify/server/issues/687: UptimeRobot sends HEAD unless it is told otherwise."""
    answer = ask(info, "HEAD", "/v1/health")
    assert (answer.status_code, answer.content) == (200, b"")


def test_head_answers_with_the_headers_of_get(info: StackInfo) -> None:
    """https://github.com/punkpeye/fastmcp/pull/275"""
    by_head, by_get = (ask(info, method, "/v1/health") for method in ("HEAD", "GET"))
    assert by_head.status_code == by_get.status_code
    assert by_head.headers["content-type"] == by_get.headers["content-type"]


# ── One id, many deliveries ───────────────────────────────────────────────────────────────────────


def test_of_many_at_once_one_is_sent(info: StackInfo, prevail: Emulator, watch: Watch, sent: Webhook) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: Sender(info).post(sent), range(AT_ONCE)))
    watch.settled(sent.request_id)
    watch.idle()
    assert [answer.status_code for answer in answers] == [202] * AT_ONCE
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == AT_ONCE - 1
    assert prevail.session(session_of(sent)).patches == 1


def test_another_session_under_the_same_id_is_a_conflict(
    info: StackInfo, prevail: Emulator, sender: Sender, sent: Webhook
) -> None:
    sender.post(sent)
    other = a_session(prevail)
    assert sender.post(saying(info, sent, remote_session_id=other)).status_code == 422


def test_another_reason_under_the_same_id_is_a_replay(info: StackInfo, sender: Sender, sent: Webhook) -> None:
    """A reason only describes: people correct it, and the tool sends it again."""
    sender.post(sent)
    again = sender.post(saying(info, sent, reason="Settled after all"))
    assert again.status_code == 202
    assert again.headers["idempotent-replayed"] == "true"


def test_five_ids_for_one_session_cancel_it_once(
    info: StackInfo, prevail: Emulator, watch: Watch, sender: Sender
) -> None:
    session = a_session(prevail)
    deliveries = [a_webhook(info, session) for _ in range(5)]
    assert [sender.post(one).status_code for one in deliveries] == [202] * 5
    for one in deliveries:
        watch.settled(one.request_id)
    assert prevail.session(session).patches == 1


# ── What only describes ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", [{"code": 3}, {"type": "doc", "content": []}], ids=json.dumps)
def test_a_reason_that_is_no_text_is_noted_in_the_request(
    info: StackInfo, watch: Watch, sender: Sender, sent: Webhook, reason: dict[str, Any]
) -> None:
    assert sender.post(saying(info, sent, reason=reason)).status_code == 202
    assert outcome(watch.settled(sent.request_id)) == "canceled"
    found = Caller.of_stack(info).found(sent.request_id).json()
    assert found.get("reason") is None
    assert any("reason" in note for note in found["notes"])
