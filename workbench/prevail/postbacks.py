"""Prevail's postback: a JWT, signed with the API key, to the `postback_url` of a session that was scheduled.

Only addresses on this machine are called. One attempt; what became of it is in the world's list.
"""

import asyncio
import http.client
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from json import dumps
from urllib.parse import SplitResult, urlencode, urlsplit

from prevail.board import Board
from prevail.model import Postback, Session
from prevail.shown import request_row
from prevail.tokens import signed
from prevail.world import World

_TIMEOUT_S = 5.0
_TOKEN_LIFE_S = 300
_BODIES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "token": ("application/jwt", str),
    "json": ("application/json", lambda token: dumps({"jwt_payload": token})),
    "form": ("application/x-www-form-urlencoded", lambda token: urlencode({"jwt_payload": token})),
}


class Postbacks:
    def __init__(self, world: World, board: Board) -> None:
        self._world = world
        self._board = board
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, session: Session, origin: str, now: float) -> None:
        """Returns at once; a thread does the rest."""
        if session.postback_url is None:
            return
        organization = self._world.organizations[session.organization]
        switches = self._board.of(organization.slug)
        about = {"exp": int(now) + _TOKEN_LIFE_S, "slug": organization.slug}
        claims = {**request_row(session, origin), **about}
        token = signed(claims, organization.api_key, switches.token_algorithm)
        kind, body = _BODIES[switches.postback_body]
        sending = self._send(session, session.postback_url, (kind, body(token)), now)
        task = asyncio.get_running_loop().create_task(sending)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, session: Session, url: str, content: tuple[str, str], now: float) -> None:
        outcome = await asyncio.to_thread(_post, url, content)
        shown = Postback(_without_secrets(url), session.organization, session.remote_session_id, now, outcome)
        self._world.postbacks.append(shown)


def _post(url: str, content: tuple[str, str]) -> str:
    """The status that came back, or why none did. Follows nothing, uses no proxy."""
    try:
        parts = urlsplit(url)
        host, port = _on_this_machine(parts), parts.port
    except ValueError:
        return "not sent: no address"
    if host is None:
        return "not sent: only http addresses on this machine are called"
    kind, body = content
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("POST", target, body=body, headers={"Content-Type": kind})
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException, ValueError) as fault:  # ValueError: a target that is none
        return f"failed: {type(fault).__name__}"
    finally:
        connection.close()


def _on_this_machine(parts: SplitResult) -> str | None:
    """The loopback address to call; a name is looked up nowhere. Raises ValueError."""
    if parts.scheme != "http" or not parts.hostname:
        return None
    if parts.hostname == "localhost":
        return "127.0.0.1"
    address = ip_address(parts.hostname)
    return str(address) if address.is_loopback else None


def _without_secrets(url: str) -> str:
    """What comes after the path may be a secret, and so may a user's name."""
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return "(no address)"
    return f"{parts.scheme}://{parts.hostname}:{port}{parts.path}"
