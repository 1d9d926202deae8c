"""The connection itself, taken from the web server: raw bytes, pauses, and the ways to end.

A script is what happens on it, step by step. When it is over the connection is closed, unless a step ended it.
"""

import asyncio
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

LONGEST_S = 600.0
"""No connection is held for longer, whatever its script and its client do."""


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


class End(Enum):
    HOLD = auto()
    """Say nothing more until the client has gone."""
    RESET = auto()
    RESET_ON_NEXT = auto()
    """Take the first bytes of the next request as the sign to reset."""


type Step = bytes | Pause | End


async def play(transport: asyncio.Transport, steps: Iterable[Step]) -> None:
    """Returns when the connection is closed. What the client sends meanwhile is read and dropped."""
    if transport.is_closing():
        return  # the client has gone, and nobody would be told of it again
    taken = _Taken(transport)
    try:
        async with asyncio.timeout(LONGEST_S):
            for step in steps:
                await taken.do(step)
                if transport.is_closing():
                    break
            transport.close()
            await taken.over.wait()
    except TimeoutError:
        pass
    finally:
        if not taken.over.is_set():
            transport.abort()


class _Taken(asyncio.Protocol):
    """Stands where the server's protocol stood, and tells it of the end so that it can clear up."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._server = transport.get_protocol()
        self._writable = asyncio.Event()
        self._writable.set()
        self._heard = asyncio.Event()
        self.over = asyncio.Event()
        transport.set_protocol(self)
        transport.resume_reading()

    async def do(self, step: Step) -> None:
        match step:
            case bytes():
                self._transport.write(step)
                await asyncio.sleep(0)  # others have a turn, and so has the news that the client is gone
                await self._writable.wait()
            case Pause(seconds):
                try:
                    await asyncio.wait_for(self.over.wait(), seconds)
                except TimeoutError:
                    return
            case End.HOLD:
                await self.over.wait()
            case End.RESET:
                self._reset()
            case End.RESET_ON_NEXT:
                self._heard.clear()
                await self._heard.wait()
                self._reset()

    def _reset(self) -> None:
        """A close with nothing to linger for is a reset: the other end reads what came before, then an error."""
        if self.over.is_set():
            return  # the client has gone first
        connection: socket.socket = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def data_received(self, _: bytes) -> None:
        self._heard.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set()
        self._heard.set()
        self._writable.set()
        self._server.connection_lost(exc)
