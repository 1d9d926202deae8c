"""A receiver of outcomes on this machine, as a source would run one."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

type Post = tuple[str, Mapping[str, str], bytes]
"""Path, headers with names in lower case, and body."""


@dataclass
class Receiver(ThreadingHTTPServer):
    """`statuses` are its answers, the last for ever; 0: it takes the request and says nothing.

    drips: seconds between two bytes of its answer.
    """

    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    drips: float = 0.0
    got: list[Post] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append((self.path, headers, body))
        if not (status := self.server.next_status()):
            self.server.released.wait(10)
            return
        if self.server.drips:
            for byte in f"HTTP/1.1 {status} \r\n\r\n".encode():
                self.server.released.wait(self.server.drips)
                self.wfile.write(bytes([byte]))
            return
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        """Whoever follows a redirect may come by this way."""
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        yield receiver
        receiver.released.set()
        receiver.shutdown()
