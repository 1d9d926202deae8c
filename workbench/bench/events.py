"""The events that all are measured with: signed webhooks, and batches of the messages that follow from them.

Each asks for a session of its own, so that every one has its whole way to go.
"""

import base64
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cancellations.adapters.expressions import update_of
from cancellations.domain import Request
from cancellations.messages import message_for
from cancellations.protocol import requests
from cancellations.source.presets import STANDARD_WEBHOOKS
from cancellations.source.verification.keys import HmacKey

ORGANIZATION, SOURCE = "example-legal", "example-crm"
_KEY = bytes(range(32))
API_KEY = base64.b64encode(_KEY).decode()
SIGNING_SECRET = f"whsec_{base64.b64encode(_KEY).decode()}"
SECRETS_PREFIX = "prevail-cancellations"
SECRETS: Mapping[str, str] = {
    f"{SECRETS_PREFIX}/organizations/{ORGANIZATION}": json.dumps({"api_key": API_KEY}),
    f"{SECRETS_PREFIX}/sources/{SOURCE}": json.dumps({"signing_secret": SIGNING_SECRET}),
}

type Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """An SQS batch, and the calls that accept its requests, as the receive function makes them."""

    event: Event
    accepts: tuple[dict[str, Any], ...]


def webhook() -> Event:
    """What API Gateway makes of a signed delivery."""
    session, now = str(uuid.uuid4()), time.time()
    body = json.dumps(
        {
            "type": "deposition.canceled",
            "timestamp": "2026-11-20T18:00:00Z",
            "data": {
                "remote_session_id": session,
                "cancel_without_email": True,
                "reason": "The case settled.",
            },
        }
    )
    message = f"msg_{session}"
    signature = STANDARD_WEBHOOKS.sign(HmacKey(_KEY, "v1,"), body.encode(), now, message)
    route, path = "POST /v1/webhooks/{source}", f"/v1/webhooks/{SOURCE}"
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "host": "abc123.execute-api.us-east-1.amazonaws.com",
            "user-agent": "example-crm",
            "webhook-id": message,
            "webhook-timestamp": str(int(now)),
            "webhook-signature": signature,
        },
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "abc123",
            "domainName": "abc123.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "abc123",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "example-crm",
            },
            "requestId": f"request-{session}",
            "routeKey": route,
            "stage": "$default",
            "time": "20/Nov/2026:18:00:00 +0000",
            "timeEpoch": int(now * 1000),
        },
        "pathParameters": {"source": SOURCE},
        "body": body,
        "isBase64Encoded": False,
    }


def batch(size: int) -> Batch:
    now = time.time()
    asked = [_asked(str(uuid.uuid4()), now) for _ in range(size)]
    bodies = [json.dumps(message_for(request), separators=(",", ":")) for request in asked]
    return Batch(batch_of(bodies), tuple(_accept(request, now) for request in asked))


def _asked(session: str, now: float) -> Request:
    return Request(
        ORGANIZATION,
        SOURCE,
        f"msg_{session}",
        session,
        cancel_without_email=True,
        accepted_at=now,
        reason="The case settled.",
    )


def batch_of(bodies: list[str]) -> Event:
    return {"Records": [_record(place, body) for place, body in enumerate(bodies)]}


def _record(place: int, body: str) -> Event:
    return {
        "messageId": f"{place:08d}-{uuid.uuid4()}",
        "receiptHandle": "AQEB" + "x" * 400,
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795197600000",
            "SenderId": "AROAEXAMPLE:receive",
            "ApproximateFirstReceiveTimestamp": "1795197600100",
        },
        "messageAttributes": {},
        "md5OfBody": "0" * 32,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:queue",
        "awsRegion": "us-east-1",
    }


def _accept(request: Request, now: float) -> dict[str, Any]:
    write = requests.accept(request, token=uuid.uuid4().hex, now=now)
    return {"Key": {"pk": {"S": write.key}}, **update_of(write)}
