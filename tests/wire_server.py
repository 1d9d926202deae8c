"""A server that does on a socket what a test says, for what no well-behaved server would do."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

type Script = Callable[[socket.socket], None]
"""What to do with each connection; it is closed afterwards."""


@dataclass
class WireServer:
    """`requests` are the bytes of each request that was read to the end of its headers."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def wire_server(script: Script, *, read_first: bool = True, scheme: str = "http") -> Iterator[WireServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = WireServer(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}")
        over = threading.Event()
        open_now: list[socket.socket] = []

        def serve() -> None:
            while True:
                with suppress(OSError):  # the client gave up, which is what many scripts want
                    connection, _ = listening.accept()
                    if over.is_set():
                        connection.close()
                        return
                    server.connections += 1
                    open_now[:] = [connection]
                    with connection:
                        if read_first:
                            server.requests.append(_head(connection))
                        script(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            for connection in open_now:
                with suppress(OSError):  # a script may wait for a client that keeps its connection
                    connection.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                socket.create_connection(listening.getsockname()).close()
            thread.join(10)


def _head(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(4096)
        if not part:
            break
        read += part
    return read


def says(raw: bytes) -> Script:
    """Answers every request with these bytes."""
    return lambda connection: connection.sendall(raw)


def drips(raw: bytes, every_s: float, over: threading.Event) -> Script:
    """Sends a byte now and then, for ever, until the test is over."""

    def script(connection: socket.socket) -> None:
        for byte in raw:
            if over.wait(every_s):
                return
            connection.sendall(bytes([byte]))

    return script
