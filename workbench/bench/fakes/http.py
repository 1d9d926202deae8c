"""HTTP/1.1 over TLS: just enough of it, with connections that stay open and are counted."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import cast


@dataclass(frozen=True, slots=True)
class Asked:
    """Header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    content_type: str


type Answers = Callable[[Asked], Answer]


@dataclass(slots=True)
class Site:
    """One host: who answers there, how long that takes, and how often somebody has connected."""

    answers: Answers
    delay_s: float = 0.0
    connections: int = 0
    failures: int = 0
    """How many of the next answers will be a 500."""
    open: set[asyncio.Transport] = field(default_factory=set)

    def answer(self, asked: Asked) -> Answer:
        answer = self.answers(asked)
        if not self.failures:
            return answer
        self.failures -= 1
        return Answer(500, b"{}", "application/json")

    def obey(self, what: str, seconds: float = 0.0, times: int = 0) -> None:
        match what:
            case "delay":
                self.delay_s = seconds
            case "fail":
                self.failures = times
            case "hang up":  # on all who are connected
                for transport in list(self.open):
                    transport.close()
            case "fall silent":  # towards them, as where what stood in between has forgotten them
                for transport in self.open:
                    transport.pause_reading()
                self.open.clear()

    async def serve(self, context: ssl.SSLContext) -> int:
        """The port on 127.0.0.1 that it listens at from now on."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, ssl=context, backlog=512)
        return int(server.sockets[0].getsockname()[1])


class _Connection(asyncio.Protocol):
    def __init__(self, site: Site) -> None:
        self._site, self._read = site, bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._site.connections += 1
        self._site.open.add(self._transport)

    def connection_lost(self, _: Exception | None) -> None:
        if self._transport:
            self._site.open.discard(self._transport)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (asked := self._taken()) is not None:
            answer = self._site.answer(asked)
            if self._site.delay_s:
                asyncio.get_running_loop().call_later(self._site.delay_s, self._write, answer)
            else:
                self._write(answer)

    def _taken(self) -> Asked | None:
        """The next whole request, None where more of it must come."""
        head, blank, rest = self._read.partition(b"\r\n\r\n")
        if not blank:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        fields = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in fields}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        self._read = rest[length:]
        return Asked(method, target, headers, bytes(rest[:length]))

    def _write(self, answer: Answer) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        head = (
            f"HTTP/1.1 {answer.status} {'OK' if answer.status == 200 else 'Refused'}\r\n"  # noqa: PLR2004
            f"date: {formatdate(usegmt=True)}\r\n"
            f"content-type: {answer.content_type}\r\n"
            f"content-length: {len(answer.body)}\r\n"
            "x-amzn-requestid: 0\r\n\r\n"
        )
        self._transport.write(head.encode() + answer.body)
