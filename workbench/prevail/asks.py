"""A call as the endpoints see it: who calls, and the parameters, whichever way they travel."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from prevail.fields import BadField
from prevail.switches import Switches
from prevail.tokens import Caller

LONGEST_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Ask:
    """One verified call. `body` holds the parameters in it; empty where it has none or they cannot be read."""

    request: Request
    caller: Caller
    body: Mapping[str, object]
    switches: Switches
    now: float

    @property
    def remote_session_id(self) -> str:
        name: str = self.request.path_params["remote_session_id"]
        return name

    @property
    def origin(self) -> str:
        return origin_of(self.request)

    def parameter(self, name: str) -> str | None:
        """From the query, else from the token's payload (both are documented)."""
        in_query = self.request.query_params.get(name)
        if in_query is not None or name not in self.caller.claims:
            return in_query
        claim = self.caller.claims[name]
        return claim if isinstance(claim, str) else json.dumps(claim)

    def part(self, name: str) -> object:
        """An object of the body, else of the token's payload."""
        return self.body[name] if name in self.body else self.caller.claims.get(name)


def origin_of(request: Request) -> str:
    """Scheme and authority, as the client has them."""
    server, port = request.scope["server"]
    return f"{request.scope['scheme']}://{request.headers.get('host') or f'{server}:{port}'}"


async def read_body(request: Request) -> Mapping[str, object]:
    """A JSON object or a form. Raises BadField."""
    text = await _text(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # curl calls what it sends a form unless told otherwise.
    if kind == "application/x-www-form-urlencoded" and not text.lstrip().startswith(b"{"):
        return dict(parse_qsl(text.decode("latin-1")))
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadField("body", "must be JSON") from fault
    if not isinstance(body, dict):
        raise BadField("body", "must be an object")
    return body


async def _text(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_BODY:
            raise BadField("body", f"must not be longer than {LONGEST_BODY} bytes")
        parts.append(part)
    return b"".join(parts)


def token_of(request: Request, body: Mapping[str, object]) -> str:
    """`Authorization: Bearer`, else `jwt_payload` in the query or in the body of a POST (all are documented)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    in_query = request.query_params.get("jwt_payload")
    if in_query is not None:
        return in_query
    in_body = body.get("jwt_payload", "") if request.method == "POST" else ""
    return in_body if isinstance(in_body, str) else ""
