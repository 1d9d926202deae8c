"""Arrivals as our functions get them: events of API Gateway (payload format 2.0), and of the bus."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cancellations.domain import BusMatch, Delivery
from trial.gallery.sample import Ask, Event

ACCOUNT, REGION = "000000000000", "us-east-1"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/docket"

_AS_TEXT = ("application/json", "application/xml", "application/javascript")
"""Media types that API Gateway hands on as text, with all of `text/`; anything else comes in base64."""


def webhook_event(delivery: Delivery) -> dict[str, Any]:
    path = f"/v1/webhooks/{delivery.source}"
    return {
        "version": "2.0",
        "routeKey": (route := "POST /v1/webhooks/{source}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(delivery.headers),
        "requestContext": _context(route, path),
        "pathParameters": {"source": delivery.source},
        **_body(delivery.headers, delivery.body),
    }


def ask_event(ask: Ask) -> dict[str, Any]:
    path = "/v1/requests"
    headers = {"content-type": "application/json", "idempotency-key": ask.key}
    body = json.dumps(ask.fields, separators=(",", ":")).encode()
    known = {"iam": {"userArn": CALLER, "accountId": ACCOUNT}}
    return {
        "version": "2.0",
        "routeKey": (route := f"POST {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers),
        "requestContext": {**_context(route, path), "authorizer": known},
        **_body(headers, body),
    }


def bus_event(bus: BusMatch, event: Event) -> dict[str, Any]:
    """As the rule puts it on the queue."""
    return {
        "version": "0",
        "id": event.id,
        "detail-type": bus.detail_type,
        "source": bus.source,
        "account": bus.account or ACCOUNT,
        "time": datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [],
        "detail": dict(event.detail),
    }


def batch_event(*bodies: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Messages as SQS hands them to the worker."""
    records: list[Any] = [
        {
            "messageId": f"message-{number}",
            "receiptHandle": f"handle-{number}",
            "body": json.dumps(body, separators=(",", ":")),
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(at * 1000)},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue",
            "awsRegion": REGION,
        }
        for number, body in enumerate(bodies, start=1)
    ]
    return {"Records": records}


def _context(route: str, path: str) -> dict[str, Any]:
    http: dict[str, Any] = {"method": "POST", "path": path}
    return {"http": http, "requestId": "request-1", "routeKey": route, "stage": "$default"}


def _body(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    media_type = headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type in _AS_TEXT or media_type.startswith("text/"):
        return {"body": body.decode(), "isBase64Encoded": False}
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
