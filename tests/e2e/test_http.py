"""The HTTP contract, over real HTTP."""

import gzip
import json
import time
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from cancellations.receive import MAX_BODY_BYTES
from e2e.deliveries import BUS, CRM, a_session, a_webhook, signed_anew
from prevail.client import Emulator
from stack import StackInfo
from trial.entrances import Sender
from trial.senders import Senders, Webhook
from trial.watch import Watch

OF_ONE_ANSWER = {"date", "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "apigw-requestid"}
"""Headers that differ from answer to answer, whatever was asked."""


@pytest.fixture
def sent(info: StackInfo, prevail: Emulator) -> Webhook:
    """A delivery for a ready session that nobody has sent yet."""
    return a_webhook(info, a_session(prevail))


def get(info: StackInfo, path: str) -> requests.Response:
    with requests.Session() as http:
        http.trust_env = False
        return http.get(f"{info.api_url}{path}", timeout=30)


def test_an_accepted_delivery_is_answered_with_where_its_request_is(sender: Sender, sent: Webhook) -> None:
    answer = sender.post(sent)
    assert answer.status_code == 202
    assert answer.json() == {"id": sent.request_id, "status": "queued"}
    assert answer.headers["location"] == f"/v1/requests/{sent.request_id}"
    assert "idempotent-replayed" not in answer.headers


def test_a_duplicate_is_answered_with_what_is_known(sender: Sender, watch: Watch, sent: Webhook) -> None:
    sender.post(sent)
    watch.settled(sent.request_id)
    again = sender.post(sent)
    assert again.status_code == 202
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == f"/v1/requests/{sent.request_id}"
    assert again.json() == {"id": sent.request_id, "status": "canceled"}


def test_another_payload_under_the_same_id_is_a_conflict_and_has_no_effect(
    info: StackInfo, sender: Sender, sent: Webhook, watch: Watch, prevail: Emulator
) -> None:
    sender.post(sent)
    other = a_session(prevail)
    payload = json.loads(sent.body)
    payload["data"]["remote_session_id"] = other
    answer = sender.post(signed_anew(info, sent, json.dumps(payload).encode()))
    assert answer.status_code == 422
    assert problem(answer)["type"].endswith(":conflict")
    watch.idle()
    assert prevail.session(other).patches == 0


def test_refusals_look_alike(info: StackInfo, sender: Sender, sent: Webhook) -> None:
    forged = replace(sent, body=sent.body + b" ")
    unknown = replace(sent, source="there-is-no-such-source")
    stale = signed_anew(info, sent, at=time.time() - 3600)
    on_the_bus = replace(sent, source=BUS)
    answers = [sender.post(refused) for refused in (forged, unknown, stale, on_the_bus)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert len({frozenset(lasting(answer).items()) for answer in answers}) == 1
    assert problem(answers[0])["type"].endswith(":signature-refused")


def lasting(answer: requests.Response) -> dict[str, str]:
    return {n.lower(): value for n, value in answer.headers.items() if n.lower() not in OF_ONE_ANSWER}


@dataclass(frozen=True, slots=True)
class Bad:
    """What is signed in place of the valid body, and headers in place of the valid ones."""

    status: int
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


def of_session(session: object, **data: object) -> bytes:
    content = {"remote_session_id": session, **data}
    return json.dumps({"type": "deposition.canceled", "data": content}).encode()


AS_BYTES = ("content-type", "application/cloudevents+json")
"""API Gateway hands `application/json` on as text, and bytes that are none are lost, and with them the signature."""

BAD = {
    "malformed JSON": Bad(400, b'{"type": "deposition.canceled", "data": '),
    "a list": Bad(400, b"[]"),
    "a session that is a number": Bad(400, of_session(7)),
    "a session that is a path": Bad(400, of_session("../sessions")),
    "a flag that is a text": Bad(400, of_session("s", cancel_without_email="true")),
    "one byte too much": Bad(413, of_session("s").ljust(MAX_BODY_BYTES + 1)),
    "compressed": Bad(415, gzip.compress(of_session("s")), (("content-encoding", "gzip"), AS_BYTES)),
    "a form": Bad(415, None, (("content-type", "application/x-www-form-urlencoded"),)),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_signed_delivery_that_is_not_what_it_must_be_is_refused_and_leaves_nothing(
    *, bad: Bad, info: StackInfo, sender: Sender, watch: Watch, sent: Webhook, prevail: Emulator
) -> None:
    watch.idle()
    before = prevail.totals()
    answer = sender.post(signed_anew(info, sent, bad.body, headers=dict(bad.headers)))
    assert answer.status_code == bad.status
    assert problem(answer)["status"] == bad.status
    assert watch.request(sent.request_id) is None
    watch.idle()
    assert prevail.totals() == before


def test_the_largest_body_is_accepted(info: StackInfo, sender: Sender, sent: Webhook) -> None:
    assert sender.post(signed_anew(info, sent, sent.body.ljust(MAX_BODY_BYTES))).status_code == 202


def test_a_refused_delivery_leaves_no_session(
    info: StackInfo, sender: Sender, watch: Watch, prevail: Emulator
) -> None:
    session = a_session(prevail)
    forged = Senders(info).webhook(session, without_email=True, source=CRM, key="whsec_" + "A" * 44)
    sender.post(forged)
    watch.idle()
    assert watch.request(forged.request_id) is None
    assert prevail.session(session).patches == 0


def test_health_says_ok(info: StackInfo) -> None:
    answer = get(info, "/v1/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_head_of_health_is_get_without_its_body(info: StackInfo) -> None:
    answer = requests.head(f"{info.api_url}/v1/health", timeout=30)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/webhooks", "/v1/webhooks/a/b", "/v2/health"])
def test_an_unknown_path_is_not_found(info: StackInfo, path: str) -> None:
    assert get(info, path).status_code == 404


def problem(answer: requests.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert {"type", "title", "status"} <= found.keys()
    return found
