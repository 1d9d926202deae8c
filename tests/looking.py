"""A look: the state of one session, read from the list over a real socket as a worker reads it."""

import json
import time
from collections.abc import Iterable
from socket import socket
from typing import Any

from builders import API_KEY
from cancellations.adapters.prevail import PrevailApi
from cancellations.answers import Unread
from cancellations.domain import Organization
from cancellations.token import sign
from wire_server import Script


def state(url: str, session: str, starts_at: float | None = None, *, total_s: float = 5) -> str | Unread:
    organization = Organization("acme", url, "acme")
    api, token = PrevailApi(time.time, total_s=total_s), sign(API_KEY, "acme", time.time())
    return api.state(organization, session, starts_at=starts_at, token=token)


def reason(look: str | Unread) -> str:
    """Why the state could not be read."""
    assert isinstance(look, Unread), look
    return look.answer.reason


def a_page(number: int, sessions: Iterable[str | None], **pagy: int) -> bytes:
    """One page as Prevail sends it: the second of two unless `pagy` says otherwise. None is a session without an id."""
    rows: list[dict[str, Any]] = [
        {"remote_session_id": name, "state": "ready", "title": f"{number}.{place}"}
        for place, name in enumerate(sessions)
    ]
    return respond(json.dumps({"pagy": {"page": number, "pages": 2, **pagy}, "sessions": rows}).encode())


def respond(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def one_by_one(*responses: bytes) -> Script:
    """Send the first response to the first request, and so on; stay silent after the last."""
    left = iter(responses)

    def script(connection: socket) -> None:
        connection.sendall(next(left, b""))

    return script
