"""The application: Prevail's API, the emulator's own, its OpenAPI document, its page."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, Router, request_response

from prevail import api
from prevail.admin import Admin
from prevail.asks import origin_of
from prevail.controls import Controls
from prevail.fields import BadField
from prevail.local import LocalOnly
from prevail.openapi import document
from prevail.page import CONTENT_POLICY, page
from prevail.service import Service
from prevail.shown import can_be_joined
from prevail.tls import TlsListeners

type Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def build(service: Service, tls: TlsListeners, lifespan: Lifespan) -> Starlette:
    async def shown(_: Request) -> Response:
        return HTMLResponse(page(service, tls), headers={"Content-Security-Policy": CONTENT_POLICY})

    async def described(request: Request) -> Response:
        return JSONResponse(document(service.board.everywhere, origin_of(request)))

    async def joined(request: Request) -> Response:
        """What a participant finds behind a join URL. The answer to one that is disabled is assumed."""
        if can_be_joined(service.world.sessions.get(request.path_params["remote_session_id"])):
            return PlainTextResponse("You have joined the session.")
        return PlainTextResponse("This session cannot be joined.", 410)

    own = Router(
        [*Admin(service).routes(), *Controls(service, tls).routes(), Mount("/", request_response(_nothing))]
    )
    return Starlette(
        routes=[
            *api.routes(service),
            Mount("/_emulator", LocalOnly(own)),
            Route("/", LocalOnly(request_response(shown))),
            Route("/openapi.json", described),
            Route("/join/{remote_session_id}", joined),
            api.last_route(service),
        ],
        exception_handlers={BadField: _bad_field},
        lifespan=lifespan,
    )


async def _nothing(_: Request) -> Response:
    return JSONResponse({"error": "the admin API has no such method and path"}, 404)


async def _bad_field(_: Request, fault: Exception) -> Response:
    return JSONResponse({"error": str(fault)}, 400)
