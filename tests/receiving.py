"""A receiver of outcomes on this machine, as a source would run one."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from prevail.certificates import Authority

type Post = tuple[str, Mapping[str, str], bytes]
"""Path, headers with names in lower case, and body."""


@dataclass
class Receiver(ThreadingHTTPServer):
    """`statuses` are its answers, the last for ever; 0: it takes the request and says nothing.

    drips: seconds between two bytes of its answer.
    """

    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
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
        self.wfile.write(self.server.body)

    def do_GET(self) -> None:
        """Key sets are fetched, and redirects followed, by this method."""
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiving_tls(monkeypatch: pytest.MonkeyPatch, folder: Path, host: str) -> Iterator[Receiver]:
    """Over TLS on port 443 of a host that this process alone resolves, under an authority that it trusts."""
    authority, genuine = Authority(), socket.getaddrinfo
    (folder / "server.pem").write_bytes(authority.right(host))
    (folder / "root.pem").write_text(authority.root_pem(), encoding="utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with receiving(context) as receiver:

        def resolved(asked: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:  # noqa: ANN401 - as the original
            assert (asked, port) == (host, 443)
            return genuine("127.0.0.1", receiver.server_port, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "root.pem"))
        yield receiver


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """context: speak TLS by it."""
    with Receiver() as receiver:
        if context:
            receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        yield receiver
        receiver.released.set()
        receiver.shutdown()
