"""What the tests send to a running stack: valid and new unless told otherwise."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from prevail.client import Emulator
from prevail.model import State
from stack import StackInfo, client
from trial.senders import EVENTS, Senders, Webhook
from trial.signing import signed

CRM, BUS = "example-crm", "example-bus"


def a_session(prevail: Emulator, state: State = "ready", organization: str = "example-legal") -> str:
    """Known at Prevail, with one participant."""
    name = f"{state}-{uuid.uuid4().hex}"
    people = ["participant@example.com"]
    prevail.put_session(name, organization=organization, state=state, participants=people)
    return name


def a_webhook(info: StackInfo, session: str, *, key: str | None = None) -> Webhook:
    """`key`: signed with another secret than the source's."""
    return Senders(info).webhook(session, without_email=True, source=CRM, key=key)


def signed_anew(
    info: StackInfo,
    sent: Webhook,
    body: bytes | None = None,
    *,
    at: float | None = None,
    headers: Mapping[str, str] = {},
) -> Webhook:
    """The same id with another body, time or header, under a signature that is right."""
    draft = sent.draft if body is None else replace(sent.draft, body=body)
    source, secret = Senders(info).sources[sent.source], info.source(sent.source).secret
    delivery = signed(source, draft, secret or "", at or time.time())
    return replace(sent, draft=draft, body=draft.body, headers={**delivery.headers, **headers})


def an_event(info: StackInfo, session: str | None, **changes: str) -> dict[str, Any]:
    """An entry for the bus; without a session it is malformed. Its event id is the session's name."""
    detail = json.loads((EVENTS / "bus.json").read_text(encoding="utf-8"))["detail"]
    named = {"event_id": session or uuid.uuid4().hex, "remote_session_id": session}
    source = info.source(BUS)
    return {
        "EventBusName": info.bus_name,
        "Source": source.source,
        "DetailType": source.detail_type,
        "Detail": json.dumps(detail | named),
        **changes,
    }


def put(info: StackInfo, *entries: Mapping[str, Any]) -> None:
    answer = client("events", info.aws_endpoint_url).put_events(Entries=list(entries))
    assert answer["FailedEntryCount"] == 0
