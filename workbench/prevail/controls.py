"""The part of the emulator's own API that changes how it behaves: switches, faults, TLS, state."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from prevail import state
from prevail.admin import read_json
from prevail.faults.kinds import KINDS
from prevail.faults.reading import replaced_rules, rule_from, silent_share, written
from prevail.fields import BadField
from prevail.service import Service
from prevail.switch import Numbers
from prevail.switches import SWITCHES, read
from prevail.tls import KINDS as TLS_KINDS
from prevail.tls import TlsListeners


class Controls:
    def __init__(self, service: Service, tls: TlsListeners) -> None:
        self._service = service
        self._tls = tls

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/switches", self.switches),
            Route("/switches", self.put_switches, methods=["PUT"]),
            Route("/switches", self.forget_switches, methods=["DELETE"]),
            Route("/organizations/{slug}/switches", self.put_switches_of_one, methods=["PUT"]),
            Route("/faults", self.faults),
            Route("/faults", self.put_faults, methods=["PUT"]),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.forget_faults, methods=["DELETE"]),
            Route("/tls", self.tls),
            Route("/tls/{kind}", self.open_tls, methods=["PUT"]),
            Route("/state", self.state),
            Route("/state", self.put_state, methods=["PUT"]),
        ]

    async def switches(self, _: Request) -> Response:
        """All of them, with what each may be set to and why its default is what it is."""
        board = self._service.board
        values = board.everywhere.values()
        rows = [
            {
                "name": switch.name,
                "value": values[switch.name],
                "default": switch.default,
                "allowed": str(switch.allowed)
                if isinstance(switch.allowed, Numbers)
                else list(switch.allowed),
                "why": switch.why,
            }
            for switch in SWITCHES.values()
        ]
        return JSONResponse({"switches": rows, "organizations": board.own})

    async def put_switches(self, request: Request) -> Response:
        """Those named; the others stay."""
        self._service.board.put(read(await read_json(request)))
        return JSONResponse(self._service.board.everywhere.values())

    async def put_switches_of_one(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        if slug not in self._service.world.organizations:
            raise BadField("slug", "must be an organization that exists; put it first")
        self._service.board.put(read(await read_json(request), for_one_organization=True), slug)
        return JSONResponse(self._service.board.of(slug).values())

    async def forget_switches(self, _: Request) -> Response:
        """All stand again as they did at the start."""
        self._service.board.clear()
        return JSONResponse(self._service.board.everywhere.values())

    async def faults(self, _: Request) -> Response:
        known = [{"fault": kind.grammar, "does": kind.does} for kind in KINDS.values()]
        return JSONResponse({**self._in_force(), "known": known})

    async def put_faults(self, request: Request) -> Response:
        """In the place of those there were."""
        self._service.put_rules(replaced_rules(await read_json(request), self._service.now()))
        return JSONResponse(self._in_force())

    async def add_fault(self, request: Request) -> Response:
        rule = rule_from(await read_json(request), self._service.now())
        self._service.faults.add(rule, self._service.world.organizations)
        return JSONResponse(self._in_force())

    async def forget_faults(self, _: Request) -> Response:
        self._service.faults.clear()
        return JSONResponse(self._in_force())

    def _in_force(self) -> dict[str, object]:
        rules, now = self._service.faults.rules, self._service.now()
        shown = [{**written(rule), "in_force": rule.in_force(now)} for rule in rules]
        return {"silent_after_commit": silent_share(rules), "rules": shown}

    async def tls(self, _: Request) -> Response:
        return JSONResponse(
            {"open": self._tls.urls, "known": dict(TLS_KINDS), "root_pem": self._tls.root_pem()}
        )

    async def open_tls(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in TLS_KINDS:
            raise BadField("kind", f"must be one of {', '.join(TLS_KINDS)}")
        return JSONResponse({"url": await self._tls.open(kind)})

    async def state(self, _: Request) -> Response:
        """API keys are in it."""
        return JSONResponse(state.written_out(self._service), headers={"Cache-Control": "no-store"})

    async def put_state(self, request: Request) -> Response:
        state.read_back(await read_json(request), self._service)
        return JSONResponse({"sessions": len(self._service.world.sessions)})
