"""Lambda's Runtime API for one sandbox, on 127.0.0.1: hands it events, takes what it answers, and looks at the clock.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DEADLINE_S = 60
_POLL_S = 0.05
ARN = "arn:aws:lambda:us-east-1:111122223333:function:measured"
TRACE = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"


@dataclass(frozen=True, slots=True)
class Said:
    """What a sandbox posted: `ready` (it asked for its first event), `response`, `error` or `init/error`."""

    what: str
    body: bytes
    at: float


_OVER = "", b""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A sandbox that was ended in the middle of a word is no news."""


class RuntimeApi:
    """`said` is in the order in which things were said; times are of `perf_counter`."""

    def __init__(self) -> None:
        self.said: queue.SimpleQueue[Said] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._restores: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._is_ready = False
        self._server = _Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(_POLL_S,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def put(self, request_id: str, event: Any) -> float:  # noqa: ANN401 - any event
        """Hands an event to the sandbox, and says when."""
        raw = json.dumps(event).encode()
        now = time.perf_counter()
        self._events.put((request_id, raw))
        return now

    def restore(self) -> None:
        """Lets a sandbox go on that waits to be restored from its snapshot."""
        self._restores.put(None)

    def close(self) -> None:
        self._events.put(_OVER)
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                if self.path.endswith("/restore/next"):
                    api.said.put(Said("snapshot", b"", time.perf_counter()))
                    api._restores.get()
                    self._answer(200, b"", {})
                elif (event := api._next()) is not _OVER:
                    self._answer(200, event[1], api.headers(event[0]))
                else:
                    self.close_connection = True

            def do_POST(self) -> None:
                what = self.path.partition("/runtime/")[2]
                body, at = self.rfile.read(int(self.headers.get("content-length", 0))), time.perf_counter()
                self._answer(202, b"", {})
                short = what if what.startswith(("init", "restore")) else what.rpartition("/")[2]
                api.said.put(Said(short, body, at))

            def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response_only(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()

        return Handler

    def _next(self) -> tuple[str, bytes]:
        if not self._is_ready:
            self._is_ready = True
            self.said.put(Said("ready", b"", time.perf_counter()))
        return self._events.get()

    @staticmethod
    def headers(request_id: str) -> dict[str, str]:
        """What comes with an event."""
        return {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + DEADLINE_S) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": TRACE,
        }
