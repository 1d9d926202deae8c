"""The emulator's own API under /_emulator: seed it, look at it, reset it. Never shows an API key.

Guarded by nothing: the server listens on loopback only.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, request_response

from prevail.seeds import BadField, faults_from, organization_from, session_from, sessions_from
from prevail.world import World

_INDEX = re.compile(r"[0-9]{1,12}")


class Admin:
    def __init__(self, world: World, clock: Callable[[], float]) -> None:
        self._world = world
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/health", self.health),
            Route("/organizations/{slug}", self.put_organization, methods=["PUT"]),
            Route("/sessions/{remote_session_id}", self.put_session, methods=["PUT"]),
            Route("/sessions/{remote_session_id}", self.session),
            Route("/sessions", self.put_sessions, methods=["PUT"]),
            Route("/sessions", self.sessions),
            Route("/outbox", self.outbox),
            Route("/calls", self.calls),
            Route("/totals", self.totals),
            Route("/faults", self.put_faults, methods=["PUT"]),
            Route("/reset", self.reset, methods=["POST"]),
            Mount("/", request_response(self.nothing)),
        ]

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def put_organization(self, request: Request) -> Response:
        organization = organization_from(await _json(request), request.path_params["slug"])
        self._world.put_organization(organization)
        shown = asdict(organization)
        del shown["api_key"]
        return JSONResponse(shown)

    async def put_session(self, request: Request) -> Response:
        remote_session_id = request.path_params["remote_session_id"]
        body = await _json(request)
        session = session_from(body, self._world.organizations, self._clock(), remote_session_id)
        self._world.put_sessions([session])
        return JSONResponse(asdict(self._world.report(session)))

    async def put_sessions(self, request: Request) -> Response:
        sessions = sessions_from(await _json(request), self._world.organizations, self._clock())
        self._world.put_sessions(sessions)
        return JSONResponse({"stored": len(sessions)})

    async def session(self, request: Request) -> Response:
        session = self._world.sessions.get(request.path_params["remote_session_id"])
        if session is None:
            return JSONResponse({"error": "remote_session_id: no such session"}, 404)
        return JSONResponse(asdict(self._world.report(session)))

    async def sessions(self, _: Request) -> Response:
        reports = [asdict(self._world.report(session)) for session in self._world.sessions.values()]
        return JSONResponse({"sessions": reports})

    async def outbox(self, _: Request) -> Response:
        return JSONResponse({"emails": [asdict(email) for email in self._world.outbox]})

    async def calls(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not _INDEX.fullmatch(since):
            raise BadField("since", "must be the index of a call, 0 or more")
        return JSONResponse({"calls": [asdict(call) for call in self._world.calls[int(since) :]]})

    async def totals(self, _: Request) -> Response:
        return JSONResponse(asdict(self._world.totals()))

    async def put_faults(self, request: Request) -> Response:
        self._world.faults = faults_from(await _json(request))
        return JSONResponse({"silent_after_commit": self._world.faults.silent_after_commit})

    async def reset(self, _: Request) -> Response:
        self._world.reset()
        return JSONResponse({"status": "reset"})

    async def nothing(self, _: Request) -> Response:
        return JSONResponse({"error": "the admin API has no such method and path"}, 404)


def routes(world: World, clock: Callable[[], float]) -> list[BaseRoute]:
    return [Mount("/_emulator", routes=Admin(world, clock).routes())]


async def bad_field(_: Request, fault: Exception) -> Response:
    return JSONResponse({"error": str(fault)}, 400)


async def _json(request: Request) -> object:
    try:
        body: object = json.loads(await request.body())
    except (ValueError, RecursionError) as fault:
        raise BadField("body", "must be JSON") from fault
    return body
