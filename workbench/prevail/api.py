"""Prevail's API under /api/v1: each endpoint asks the world and names a row of `prevail.assumed`."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, request_response

from prevail.assumed import ANSWERS, ESTIMATED_DURATION, ITEMS_A_PAGE, PAGE_PARAMETER, AnswerName
from prevail.model import Call, Session
from prevail.tokens import Caller, TokenRefused, verify
from prevail.world import World
from prevail.zones import local_start

_BOOLEANS = {"true": True, "false": False}
_EPOCH_SECONDS = re.compile(r"-?[0-9]{1,12}")
_PAGE = re.compile(r"[1-9][0-9]{0,8}")
# All that the call log shows of a query: anything else may be a secret, as jwt_payload is.
_LOGGED_CHARACTERS = 20
_HIDDEN = ("hidden", "hidden")
_LOGGED = frozenset({"cancel_without_email", "start_time", "end_time", PAGE_PARAMETER})


@dataclass(frozen=True, slots=True)
class Ask:
    """One verified call."""

    request: Request
    caller: Caller
    now: float

    def parameter(self, name: str) -> str | None:
        """From the query, else from the token's payload (both are documented)."""
        in_query = self.request.query_params.get(name)
        if in_query is not None or name not in self.caller.claims:
            return in_query
        claim = self.caller.claims[name]
        return claim if isinstance(claim, str) else json.dumps(claim)


@dataclass(frozen=True, slots=True)
class Reply:
    """A row of the table of answers, with a body where the row has none."""

    name: AnswerName
    body: object = None


type Endpoint = Callable[[World, Ask], Reply]


def cancel(world: World, ask: Ask) -> Reply:
    wanted = ask.parameter("cancel_without_email")
    without_email = False if wanted is None else _BOOLEANS.get(wanted)
    if without_email is None:
        return Reply("invalid_cancel_without_email")
    remote_session_id: str = ask.request.path_params["remote_session_id"]
    return Reply(
        world.cancel(remote_session_id, ask.caller.organization, with_email=not without_email, now=ask.now)
    )


def list_sessions(world: World, ask: Ask) -> Reply:
    window = [ask.parameter("start_time"), ask.parameter("end_time")]
    if not all(text is None or _EPOCH_SECONDS.fullmatch(text) for text in window):
        return Reply("invalid_time")
    asked_page = ask.parameter(PAGE_PARAMETER)
    if asked_page is not None and not _PAGE.fullmatch(asked_page):
        return Reply("invalid_page")
    start, end = (None if text is None else int(text) for text in window)
    found = world.sessions_between(ask.caller.organization.slug, start, end)
    page = int(asked_page or 1)
    first = (page - 1) * ITEMS_A_PAGE
    pages = max(1, ceil(len(found) / ITEMS_A_PAGE))
    pagy = {"page": page, "items": ITEMS_A_PAGE, "count": len(found), "pages": pages}
    shown = found[first : first + ITEMS_A_PAGE]
    return Reply("listed", {"pagy": pagy, "sessions": [_listed(session) for session in shown]})


def _listed(session: Session) -> dict[str, object]:
    start_date, start_time = local_start(session.starts_at, session.time_zone)
    return {
        "remote_session_id": None if session.state == "initial" else session.remote_session_id,
        "title": session.title,
        "start_date": start_date,
        "start_time": start_time,
        "time_zone": session.time_zone,
        "state": session.state,
        "estimated_duration": ESTIMATED_DURATION,
    }


def routes(world: World, clock: Callable[[], float]) -> list[BaseRoute]:
    """The API, with a last route that answers whatever no other route does."""

    def door(endpoint: Endpoint | None) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            now = clock()
            slug = why = None
            try:
                if endpoint is None:
                    reply = Reply("unknown_route")
                else:
                    caller = verify(_token(request), world.organizations, now=now)
                    slug = caller.organization.slug
                    reply = endpoint(world, Ask(request, caller, now))
            except TokenRefused as refusal:
                reply, why = Reply("unauthorized"), str(refusal)
            row = ANSWERS[reply.name]
            call = Call(
                index=len(world.calls),
                method=request.method,
                path=request.scope["path"],
                query=_shown(request.scope["query_string"].decode()),
                slug=slug,
                status=row.status,
                answer=row.name,
                why=why,
                at=now,
            )
            patched = request.path_params.get("remote_session_id") if request.method == "PATCH" else None
            world.record(call, patched=patched)
            await world.faults.after_commit(request)
            return JSONResponse(reply.body if row.body is None else row.body, row.status)

        return answer

    return [
        Route("/api/v1/sessions/{remote_session_id}/cancel", door(cancel), methods=["PATCH"]),
        Route("/api/v1/sessions", door(list_sessions), methods=["GET"]),
        Mount("/", request_response(door(None))),
    ]


def _token(request: Request) -> str:
    """`Authorization: Bearer`, or the query's `jwt_payload` (both are documented)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.query_params.get("jwt_payload", "")


def _shown(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [pair if pair[0] in _LOGGED and len(pair[1]) <= _LOGGED_CHARACTERS else _HIDDEN for pair in pairs]
    )
