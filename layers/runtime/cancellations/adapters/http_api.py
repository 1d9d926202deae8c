"""API Gateway's HTTP API (payload format 2.0): its events as deliveries, our results as responses.

Which result or error is which status and problem (RFC 9457) stands in the two tables here and nowhere else.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cancellations import __version__
from cancellations.domain import Delivery, Json
from cancellations.errors import (
    ConfigurationError,
    Malformed,
    SignatureRefused,
    TooLarge,
    TryAgain,
    UnsupportedBody,
)
from cancellations.receive import Conflicted, Ignored, Received

type Event = Mapping[str, Any]
type Response = dict[str, Any]

PROBLEM = "urn:prevail-cancellations:problem:"
"""Types of problems are names, stable across versions; nobody needs to look them up to tell them apart."""

RETRY_AFTER_S = 30

_NAME = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)

PROBLEMS: Mapping[type[Exception], tuple[int, str, str]] = {
    SignatureRefused: (401, "signature-refused", "The delivery could not be verified."),
    Malformed: (400, "malformed", "The delivery is not what its source announces."),
    TooLarge: (413, "too-large", "The body is too large."),
    UnsupportedBody: (415, "unsupported-body", "The body is in a form that is not accepted."),
    TryAgain: (503, "try-again", "The delivery could not be stored. Send it again."),
    ConfigurationError: (503, "not-configured", "The delivery cannot be taken at the moment. Send it again."),
}

SAYS_WHY = (Malformed, TooLarge, UnsupportedBody)
"""Problems whose cause is told to the sender: it has proved who it is, or the cause is plain."""


def route_of(event: Event) -> str:
    return str(event["routeKey"])


def named_source(event: Event) -> str:
    """The source that the address names, for the log; nothing that could not be the name of one."""
    name = str(event.get("pathParameters", {}).get("source", ""))
    return name if _NAME.fullmatch(name) else "(no possible name)"


def delivery_from(event: Event) -> Delivery:
    """Raw bytes as they were signed: API Gateway's base64 is undone first. Raises Malformed."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            raw = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as e:
            raise Malformed("the body is not base64") from e
    else:
        raw = body.encode("utf-8", "surrogatepass")
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    return Delivery(event.get("pathParameters", {}).get("source", ""), headers, raw)


def received(result: Received) -> Response:
    headers = {"location": f"/v1/requests/{result.request.id}"}
    if result.replayed:
        headers["idempotent-replayed"] = "true"
    return _json(202, {"id": result.request.id, "status": result.status}, headers)


def ignored(_: Ignored) -> Response:
    return _json(200, {"status": "ignored"})


def conflicted(result: Conflicted) -> Response:
    title = "Another payload was accepted under this event id before."
    return _problem(422, "conflict", title, {"id": result.request.id})


RESPONSES: Mapping[type, Callable[[Any], Response]] = {
    Received: received,
    Ignored: ignored,
    Conflicted: conflicted,
}


def response_for(result: Received | Ignored | Conflicted) -> Response:
    return RESPONSES[type(result)](result)


def response_to(error: Exception) -> Response:
    """The problem for an error of ours; 503 for an accident, so that the sender comes again."""
    kind = next((kind for kind in PROBLEMS if isinstance(error, kind)), TryAgain)
    status, name, title = PROBLEMS[kind]
    return _problem(status, name, title, {"detail": str(error)} if kind in SAYS_WHY else {})


def health(fault: Exception | None) -> Response:
    if fault:
        return response_to(fault)
    return _json(200, {"status": "ok", "version": __version__})


def not_found() -> Response:
    return _problem(404, "no-such-route", "There is nothing at this address.", {})


def _problem(status: int, name: str, title: str, more: dict[str, Json]) -> Response:
    headers = {"retry-after": str(RETRY_AFTER_S)} if status == 503 else {}  # noqa: PLR2004 - HTTP's own number
    problem: dict[str, Json] = {"type": PROBLEM + name, "title": title, "status": status, **more}
    return _json(status, problem, headers, "application/problem+json")


def _json(
    status: int,
    body: dict[str, Json],
    headers: Mapping[str, str] = {},
    media_type: str = "application/json",
) -> Response:
    return {
        "statusCode": status,
        "headers": {"content-type": media_type, "cache-control": "no-store", **headers},
        "body": json.dumps(body),
    }
