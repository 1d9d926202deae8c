"""What callers inside AWS send to `/v1/requests`, and what API Gateway makes of it: valid unless told otherwise."""

import json
from typing import Any

from cancellations.domain import Delivery, Json

CALLER = "arn:aws:sts::111122223333:assumed-role/docket/worker"
KEY = "docket-20417-canceled"

ASKED: dict[str, Json] = {"organization": "acme-legal", "remote_session_id": "session-1"}


def an_ask(
    body: bytes | None = None,
    *,
    key: str | None = KEY,
    media_type: str = "application/json",
    **asked: Json,
) -> Delivery:
    """`asked` changes fields or adds some; `body` replaces all of them. No key: no header."""
    headers = {"content-type": media_type, **({} if key is None else {"idempotency-key": key})}
    return Delivery("", headers, json.dumps({**ASKED, **asked}).encode() if body is None else body)


def an_ask_event(ask: Delivery | None = None, **changes: object) -> dict[str, Any]:
    """JSON comes from API Gateway as text."""
    ask = ask or an_ask()
    return {
        "version": "2.0",
        "routeKey": "POST /v1/requests",
        "headers": dict(ask.headers),
        "requestContext": {"authorizer": {"iam": {"userArn": CALLER}}},
        "body": ask.body.decode(),
        "isBase64Encoded": False,
        **changes,
    }


def a_question_event(request_id: str, **changes: object) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "GET /v1/requests/{id}",
        "headers": {},
        "pathParameters": {"id": request_id},
        "requestContext": {"authorizer": {"iam": {"userArn": CALLER}}},
        "isBase64Encoded": False,
        **changes,
    }
