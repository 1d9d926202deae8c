"""The door of Prevail's API: a call comes in, is answered, and may meet a fault on the way."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, request_response

from prevail import wire
from prevail.answers import answer_to, limited
from prevail.arrival import Arrival, arrived
from prevail.asks import Ask, origin_of
from prevail.faults.fault import Fault
from prevail.faults.statements import bad_gateway
from prevail.model import Call
from prevail.operations import OPERATIONS, Operation
from prevail.outgoing import Outgoing
from prevail.reply import Reply
from prevail.service import Service

# All that the call log shows of a query: anything else may be a secret, as jwt_payload is.
_LOGGED = frozenset({"cancel_without_email", "start_time", "end_time", "page", "p", "state", "session_state"})
_LOGGED_CHARACTERS = 20
_HIDDEN = ("hidden", "hidden")


def routes(service: Service) -> list[BaseRoute]:
    return [
        Route(operation.path, _endpoint(Door(service, operation)), methods=[operation.method])
        for operation in OPERATIONS
    ]


def last_route(service: Service) -> BaseRoute:
    """Answers whatever no other route does."""
    return Mount("/", request_response(_endpoint(Door(service, None))))


def _endpoint(door: "Door") -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await door.answer(request)
        except ClientDisconnect:  # before the body had come: nothing was called
            return _Said()

    return answer


class Door:
    """Of one operation, or of none: then every call is for a route that does not exist."""

    def __init__(self, service: Service, operation: Operation | None) -> None:
        self._service = service
        self._operation = operation
        self._with_body = operation is not None and operation.body is not None

    async def answer(self, request: Request) -> Response:
        call = await arrived(
            self._service, request, with_body=self._with_body, with_token=self._operation is not None
        )
        everywhere = self._service.board.everywhere
        if everywhere.rate_limit_per_s:
            rate, burst = everywhere.rate_limit_per_s, everywhere.rate_limit_burst
            wait = self._service.bucket.take(rate, burst, call.now)
            if wait:
                return self._say(call, Reply("rate_limited"), limited(wait, everywhere, call.now))
        fault = self._service.faults.fault_for(call.seen(), call.now)
        if fault is not None:
            return await self._go_wrong(call, fault)
        reply = self._reply(call)
        return self._say(call, reply, self._answer(call, reply))

    def _reply(self, call: Arrival) -> Reply:
        if self._operation is None:
            return Reply("unknown_route")
        if call.caller is None:
            return Reply("unauthorized")
        if call.unreadable is not None:
            return Reply("invalid_body", {"error": str(call.unreadable)})
        switches = self._service.board.of(call.slug)
        ask = Ask(call.request, call.caller, call.body, switches, self._service.now())
        endpoint = self._operation.endpoint
        return self._service.replays.once(ask, lambda: endpoint(self._service, ask))

    def _answer(self, call: Arrival, reply: Reply) -> Outgoing:
        return answer_to(reply, self._service.board.of(call.slug))

    def _say(self, call: Arrival, reply: Reply, answer: Outgoing) -> Response:
        self._record(call, reply, answer.status, None)
        return _response(answer, self._service.now())

    async def _go_wrong(self, call: Arrival, fault: Fault) -> Response:
        await asyncio.sleep(fault.delay_s)
        reply = self._reply(call) if fault.commits else None
        answer = self._answer(call, reply) if reply else bad_gateway()
        if fault.instead is not None:
            answer = fault.instead(answer, call.scene(origin_of(call.request)))
        unheard = reply is None and fault.instead is None
        self._record(call, reply, None if unheard else answer.status, fault)
        if fault.script is None:
            return _response(answer, self._service.now())
        transport: asyncio.Transport = call.request.scope["state"]["transport"]
        await wire.play(transport, fault.script(answer, self._service.now()))
        return _Said()

    def _record(self, call: Arrival, reply: Reply | None, status: int | None, fault: Fault | None) -> None:
        recorded = Call(
            index=self._service.log.count,
            method=call.request.method,
            path=call.path,
            query=_shown(call.request.scope["query_string"].decode("latin-1")),
            slug=call.slug,
            status=status,
            answer=reply.name if reply else None,
            why=call.why,
            at=call.now,
            fault=fault.text if fault else None,
        )
        self._service.log.record(recorded, session=call.session)


class _Said(Response):
    """What was to be said has been said on the wire; the server has nothing to add."""

    async def __call__(self, *_: object) -> None:
        pass


def _response(answer: Outgoing, now: float) -> Response:
    response = Response(answer.body, answer.status)
    response.raw_headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.all_headers(now)
    ]
    return response


def _shown(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [pair if pair[0] in _LOGGED and len(pair[1]) <= _LOGGED_CHARACTERS else _HIDDEN for pair in pairs]
    )
