"""A call at the door: whose it is, and whether what it carries can be read."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from prevail.asks import read_body, token_of
from prevail.faults.fault import Scene
from prevail.faults.rules import Seen
from prevail.fields import BadField
from prevail.service import Service
from prevail.tokens import Caller, TokenRefused, verify


@dataclass(frozen=True, slots=True)
class Arrival:
    """`why` says what is wrong with the token where there is no `caller`; `unreadable` what is with the body."""

    request: Request
    now: float
    caller: Caller | None
    why: str | None
    body: Mapping[str, object]
    unreadable: BadField | None

    @property
    def slug(self) -> str | None:
        return self.caller.organization.slug if self.caller else None

    @property
    def path(self) -> str:
        path: str = self.request.scope["path"]
        return path

    @property
    def session(self) -> str | None:
        return self.request.path_params.get("remote_session_id")

    def seen(self) -> Seen:
        organization = self.caller.organization if self.caller else None
        return Seen(self.request.method, self.path, self.session, organization)

    def scene(self, origin: str) -> Scene:
        url = self.request.url
        return Scene(self.now, origin, url.path + (f"?{url.query}" if url.query else ""))


async def arrived(service: Service, request: Request, *, with_body: bool, with_token: bool) -> Arrival:
    """Raises starlette's ClientDisconnect where the client goes before its body has come."""
    now = service.now()
    body: Mapping[str, object] = {}
    unreadable = caller = why = None
    if with_body:
        try:
            body = await read_body(request)
        except BadField as fault:
            unreadable = fault
    if with_token:
        try:
            caller = verify(token_of(request, body), service.world.organizations, service.board, now=now)
        except TokenRefused as refusal:
            why = str(refusal)
    return Arrival(request, now, caller, why, body, unreadable)
