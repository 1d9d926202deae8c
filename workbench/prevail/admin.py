"""The emulator's own API under /_emulator: what it holds and what it saw. Never shows an API key.

Guarded by nothing but `prevail.local`: the server listens on loopback only.
"""

import json
import re
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from prevail.asks import origin_of
from prevail.fields import BadField
from prevail.seeds import organization_from, session_from, sessions_from
from prevail.service import Service

_INDEX = re.compile(r"[0-9]{1,12}", re.ASCII)
NO_SESSION = {"error": "remote_session_id: no such session"}


class Admin:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._world = service.world

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/health", self.health),
            Route("/organizations/{slug}", self.put_organization, methods=["PUT"]),
            Route("/sessions/{remote_session_id}", self.put_session, methods=["PUT"]),
            Route("/sessions/{remote_session_id}", self.session),
            Route("/sessions/{remote_session_id}/schedule", self.schedule, methods=["POST"]),
            Route("/sessions", self.put_sessions, methods=["PUT"]),
            Route("/sessions", self.sessions),
            Route("/outbox", self.outbox),
            Route("/postbacks", self.postbacks),
            Route("/calls", self.calls),
            Route("/totals", self.totals),
            Route("/reset", self.reset, methods=["POST"]),
        ]

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def put_organization(self, request: Request) -> Response:
        organization = organization_from(await read_json(request), request.path_params["slug"])
        self._world.put_organization(organization)
        shown = asdict(organization)
        del shown["api_key"]
        return JSONResponse(shown)

    async def put_session(self, request: Request) -> Response:
        remote_session_id = request.path_params["remote_session_id"]
        body = await read_json(request)
        session = session_from(body, self._world.organizations, self._service.now(), remote_session_id)
        self._world.put_sessions([session])
        return JSONResponse(asdict(self._service.report(session)))

    async def put_sessions(self, request: Request) -> Response:
        sessions = sessions_from(await read_json(request), self._world.organizations, self._service.now())
        self._world.put_sessions(sessions)
        return JSONResponse({"stored": len(sessions)})

    async def session(self, request: Request) -> Response:
        session = self._world.sessions.get(request.path_params["remote_session_id"])
        if session is None:
            return JSONResponse(NO_SESSION, 404)
        return JSONResponse(asdict(self._service.report(session)))

    async def sessions(self, _: Request) -> Response:
        reports = [asdict(self._service.report(session)) for session in self._world.sessions.values()]
        return JSONResponse({"sessions": reports})

    async def schedule(self, request: Request) -> Response:
        """What Prevail's Scheduling Team does."""
        session = self._world.sessions.get(request.path_params["remote_session_id"])
        if session is None:
            return JSONResponse(NO_SESSION, 404)
        if session.state != "initial":
            raise BadField("state", "must be initial; this session is scheduled already")
        now = self._service.now()
        scheduled = self._world.schedule(session, now=now)
        self._service.postbacks.send(scheduled, origin_of(request), now)
        return JSONResponse(asdict(self._service.report(scheduled)))

    async def outbox(self, _: Request) -> Response:
        return JSONResponse({"emails": [asdict(email) for email in self._world.outbox]})

    async def postbacks(self, _: Request) -> Response:
        return JSONResponse({"postbacks": [asdict(postback) for postback in self._world.postbacks]})

    async def calls(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not _INDEX.fullmatch(since):
            raise BadField("since", "must be the index of a call, 0 or more")
        return JSONResponse({"calls": [asdict(call) for call in self._service.log.since(int(since))]})

    async def totals(self, _: Request) -> Response:
        return JSONResponse(asdict(self._service.totals()))

    async def reset(self, _: Request) -> Response:
        self._service.reset()
        return JSONResponse({"status": "reset"})


async def read_json(request: Request) -> object:
    """Raises BadField."""
    try:
        body: object = json.loads(await request.body())
    except (ValueError, RecursionError) as fault:
        raise BadField("body", "must be JSON") from fault
    return body
