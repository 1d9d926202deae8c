"""Deliveries as their senders make them: the stories of events/, signed anew and sent to a running stack."""

import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from cancellations.domain import idempotency_key
from cancellations.source import standard_webhooks
from stack import SourceInfo, StackInfo, client

TIMEOUT_S = 120
"""Longer than any sender waits: a burst at a cold local stack starts many environments on few processors."""

EVENTS = Path(__file__).parents[2] / "events"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A delivery that can be sent as often as wanted: its id, time and body stay."""

    source: SourceInfo
    message_id: str
    headers: dict[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        return idempotency_key(self.source.organization, self.source.name, self.message_id)


def webhook(source: SourceInfo, session: str, *, without_email: bool, secret: str | None = None) -> Webhook:
    """The story of events/webhook.json for another session. `secret`: sign with another than the source's."""
    story = json.loads((EVENTS / "webhook.json").read_text(encoding="utf-8"))
    payload = json.loads(story["body"])
    payload["data"] |= {"remote_session_id": session, "cancel_without_email": without_email}
    body = json.dumps(payload, separators=(",", ":")).encode()
    message_id, now = f"msg_{uuid.uuid4().hex}", int(time.time())
    key = standard_webhooks.key_of(secret or source.secret or "")
    headers = {
        "content-type": story["headers"]["content-type"],
        standard_webhooks.ID_HEADER: message_id,
        standard_webhooks.TIMESTAMP_HEADER: str(now),
        standard_webhooks.SIGNATURE_HEADER: standard_webhooks.sign(key, message_id, now, body),
    }
    return Webhook(source, message_id, headers, body)


class Sender:
    """Posts to the stack's API over kept connections. Not for use by several threads."""

    def __init__(self, info: StackInfo) -> None:
        self._address = f"{info.api_url}/v1/webhooks"
        self._http = requests.Session()
        self._http.trust_env = False  # loopback needs no proxy

    def post(self, sent: Webhook) -> requests.Response:
        address = f"{self._address}/{sent.source.name}"
        return self._http.post(address, data=sent.body, headers=sent.headers, timeout=TIMEOUT_S)


def put_bus_event(info: StackInfo, source: SourceInfo, session: str, *, without_email: bool) -> str:
    """The story of events/bus.json for another session; returns the id of the request that it makes."""
    story: dict[str, Any] = json.loads((EVENTS / "bus.json").read_text(encoding="utf-8"))
    event_id = f"crm-{uuid.uuid4().hex}"
    detail = story["detail"] | {
        "event_id": event_id,
        "remote_session_id": session,
        "cancel_without_email": without_email,
    }
    entry = {
        "EventBusName": info.bus_name,
        "Source": source.source,
        "DetailType": source.detail_type,
        "Detail": json.dumps(detail),
    }
    answer = client("events", info.aws_endpoint_url).put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus refused the event: {answer['Entries']}")
    return idempotency_key(source.organization, source.name, event_id)
