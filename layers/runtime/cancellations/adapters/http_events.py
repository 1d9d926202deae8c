"""API Gateway's HTTP API (payload format 2.0): what its events ask for."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from cancellations.domain import Delivery
from cancellations.errors import Forbidden, Malformed

type Event = Mapping[str, Any]

_NAME = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)
MAX_PREFER_CHARS = 256
_PREFERENCE = re.compile(r'(?:[^,"]++|"(?:[^"\\]|\\.)*+"?+)++', re.DOTALL)
_WAIT = re.compile(r'wait\s*=\s*("?)(?P<seconds>[0-9]{1,6})\1\s*(;.*)?', re.ASCII | re.IGNORECASE)


def route_of(event: Event) -> str:
    return str(event["routeKey"])


def is_head(event: Event) -> bool:
    return route_of(event).startswith("HEAD ")


def seen_in(event: Event, request_id: str) -> dict[str, str]:
    """What the log may say of an event before anything in it is believed. `request_id` is Lambda's."""
    seen = {"route": route_of(event), "lambda_request": request_id}
    delivery = (event.get("requestContext") or {}).get("requestId")
    if isinstance(delivery, str):  # the gateway's name for it, which its own log has too
        seen["delivery"] = delivery
    if (source := _in_path(event, "source")) is None:
        return seen
    return {**seen, "source": source if _NAME.fullmatch(source) else "(no possible name)"}


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
    return Delivery(_in_path(event, "source") or "", _headers(event), raw)


def caller_of(event: Event) -> str:
    """The ARN of a caller that API Gateway has authenticated. Raises Forbidden where it has not.

    The route's authorization turns them away before; where somebody takes it off the route, this still does.
    """
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    arn = (authorizer.get("iam") or {}).get("userArn")
    if not isinstance(arn, str) or not arn:
        raise Forbidden("the event names no caller that IAM knows")
    return arn


def request_id_of(event: Event) -> str:
    return _in_path(event, "id") or ""


def wait_of(event: Event) -> int | None:
    """Seconds that the sender would wait for the outcome (RFC 7240: `Prefer: wait=N`), None where it would not.

    As the RFC has it, the first of two counts and what makes no sense is as if it were not there; so is a header of
    more than MAX_PREFER_CHARS.
    """
    preferred = _headers(event).get("prefer", "")
    for preference in _PREFERENCE.findall(preferred) if len(preferred) <= MAX_PREFER_CHARS else ():
        if re.split(r"[\s=;]", preference.strip(), maxsplit=1)[0].lower() == "wait":
            asked = _WAIT.fullmatch(preference.strip())
            return int(asked["seconds"]) or None if asked else None
    return None


def _in_path(event: Event, name: str) -> str | None:
    value = (event.get("pathParameters") or {}).get(name)
    return None if value is None else str(value)


def _headers(event: Event) -> dict[str, str]:
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}
