"""Who may look into the emulator: programs and pages of this machine, not a web page that found its port."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class LocalOnly:
    """A page elsewhere can make a browser call here under a name of its own, or with an Origin that tells on it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if _name(f"//{host}") in _NAMES and (origin is None or _name(origin) in _NAMES):
            await self._app(scope, receive, send)
            return
        refusal = JSONResponse({"error": "host: must be 127.0.0.1 or localhost, and so must an Origin"}, 403)
        await refusal(scope, receive, send)


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
