"""What each fault of the wire puts there. Nothing here touches a connection."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from prevail.assumed import CANCELED
from prevail.outgoing import Outgoing, json_answer
from prevail.wire import End, Pause, Step

type Script = Callable[[Outgoing, float], Iterator[Step]]
"""From an answer and the emulator's time."""

MB = 1_000_000
_CHUNK = b"x" * 65_536
_FILLER = b"X-Filler: " + b"x" * 114 + b"\r\n"  # 126 bytes

GARBAGE: Mapping[str, bytes] = {
    "bytes": bytes(range(128, 256)) * 2,
    "text": b"<html>the whole answer of a server of 1991</html>\n",
    "status": b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n",
    "half": b"HTTP/1.1 ",
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
    "lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\n{}",
}


def silence(_: Outgoing, __: float) -> Iterator[Step]:
    yield End.HOLD


def cut(where: str, number: int | None) -> Script:
    """A reset at a byte of the answer: before the head, within it, within the body, or after so many bytes."""

    def script(answer: Outgoing, now: float) -> Iterator[Step]:
        head = answer.head(now)
        places = {"start": 0, "head": len(head) // 2, "body": len(head) + len(answer.body) // 2}
        if part := (head + answer.body)[: places[where] if number is None else number]:
            yield part
        yield End.RESET

    return script


def drip(milliseconds: int) -> Script:
    def script(answer: Outgoing, now: float) -> Iterator[Step]:
        for byte in answer.head(now) + answer.body:
            yield bytes([byte])
            yield Pause(milliseconds / 1000)

    return script


def truncated(missing: int) -> Script:
    def script(answer: Outgoing, now: float) -> Iterator[Step]:
        length = f"Content-Length: {len(answer.body) + missing}\r\n\r\n".encode()
        yield answer.head(now, without="Content-Length")[:-2] + length + answer.body

    return script


def huge(megabytes: int) -> Script:
    def script(answer: Outgoing, now: float) -> Iterator[Step]:
        start, end, size = b'{"messages":"', b'"}', megabytes * MB
        length = f"Content-Length: {len(start) + size + len(end)}\r\n\r\n".encode()
        yield answer.head(now, without="Content-Length")[:-2] + length + start
        for at in range(0, size, len(_CHUNK)):
            yield _CHUNK[: size - at]
        yield end

    return script


def bomb(megabytes: int) -> Script:
    def script(answer: Outgoing, now: float) -> Iterator[Step]:
        body = _zeros(megabytes)
        packed = Outgoing(answer.status, body, answer.content_type, answer.headers)
        yield packed.with_headers(("Content-Encoding", "gzip")).head(now) + body

    return script


@lru_cache(2)
def _zeros(megabytes: int) -> bytes:
    gzip = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(gzip.compress(bytes(MB)) for _ in range(megabytes)), gzip.flush()])


def garbage(kind: str) -> Script:
    def script(_: Outgoing, __: float) -> Iterator[Step]:
        yield GARBAGE[kind]

    return script


def headers(kilobytes: int) -> Script:
    def script(answer: Outgoing, now: float) -> Iterator[Step]:
        yield answer.head(now)[:-2]
        for _ in range(kilobytes):
            yield _FILLER * 8
        yield b"\r\n" + answer.body

    return script


def interim(count: int) -> Script:
    def script(answer: Outgoing, now: float) -> Iterator[Step]:
        for _ in range(count):
            yield b"HTTP/1.1 102 Processing\r\n\r\n"
        yield answer.head(now) + answer.body

    return script


def chunked(answer: Outgoing, now: float) -> Iterator[Step]:
    head = answer.head(now, without="Content-Length")[:-2]
    yield head + b"Transfer-Encoding: chunked\r\n\r\n" + b'5\r\n{"mes\r\nZZ\r\n'


def stale_close(answer: Outgoing, now: float) -> Iterator[Step]:
    """Keeps the connection, says the answer, and hangs up at once."""
    yield answer.head(now) + answer.body


def stale_reset(answer: Outgoing, now: float) -> Iterator[Step]:
    yield answer.head(now) + answer.body
    yield End.RESET_ON_NEXT


def early(answer: Outgoing, now: float) -> Iterator[Step]:
    """The answer, and right behind it one to a request that nobody has sent yet."""
    unasked = json_answer(200, CANCELED)
    yield answer.head(now) + answer.body + unasked.head(now) + unasked.body
    yield End.HOLD
