"""Whoever wants to hear of outcomes, over HTTPS. Only the status of an answer is read, and nothing is followed."""

from collections.abc import Mapping

from urllib3.exceptions import HTTPError

from cancellations.adapters.prevail import retry_after
from cancellations.adapters.wire import Connections, exchange
from cancellations.ports import Clock, Reply

TOTAL_S = 10.0


class HttpReceivers:
    """`total_s` bounds a POST from the first packet to the answer's head."""

    def __init__(self, clock: Clock, *, connections: int = 10, total_s: float = TOTAL_S) -> None:
        self._clock, self._total_s = clock, total_s
        self._connections = Connections(connections, total_s)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        with exchange(self._total_s):
            try:
                with self._connections.answer("POST", url, headers, body) as response:
                    wait = retry_after(response.headers.get("Retry-After"), self._clock())
                    return Reply(f"HTTP {response.status}", response.status, wait)
            except (HTTPError, OSError, ValueError) as e:  # ValueError: an address that nobody can call
                return Reply(type(e).__name__)
