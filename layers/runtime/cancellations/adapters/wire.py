"""Connections that keep a total deadline and know whether anything has left this machine.

A timeout of `urllib3` is one per read: a peer that sends a byte now and then is waited for without end. Here every
operation of a socket gets what is left of the exchange that its thread is in.
"""

import logging
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from socket import IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, getaddrinfo, socket
from typing import Any

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection
from urllib3.exceptions import LocationParseError
from urllib3.util import Timeout, parse_url

from cancellations.adapters import pools, tls

CONNECT_S = 3.0
"""What one address may take to answer."""

IDLE_S = 10.0
"""How long a connection may lie idle and be used again: shorter than servers keep theirs open, so that no request meets
one that is just being closed."""

# At DEBUG it logs paths and queries, and the query of a callback may be a credential.
logging.getLogger("urllib3").setLevel(logging.INFO)

_JSON_ALONE = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # nothing to inflate, so nothing that inflates without end
    "User-Agent": "prevail-cancellations",
}


class Exchange:
    """One request and its answer on this thread."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self.sent = False
        """Whether any byte of the request, as opposed to the handshake, was handed to the network."""

    def left(self) -> float:
        """Seconds left. Raises TimeoutError where there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the exchange is over its total deadline")
        return left

    @property
    def over(self) -> bool:
        """Whether the total deadline has passed."""
        return time.monotonic() >= self._ends


class _Current(threading.local):
    exchange: Exchange | None = None


_current = _Current()


@contextmanager
def exchange(seconds: float) -> Iterator[Exchange]:
    """All that this thread does on our connections in here is one exchange under one deadline."""
    _current.exchange = begun = Exchange(seconds)
    try:
        yield begun
    finally:
        _current.exchange = None


class _PlainSocket(socket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        _limit(self)
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        _limit(self)
        _mark_sent()
        super().sendall(*args, **kwargs)


class _TlsSocket(_PlainSocket, ssl.SSLSocket):
    """The same above TLS: what it limits and marks is the request, not the handshake."""


def _limit(connection: socket) -> None:
    if _current.exchange:
        connection.settimeout(_current.exchange.left())


def _mark_sent() -> None:
    if _current.exchange:
        _current.exchange.sent = True


class _Dialing(HTTPConnection):
    """Tries one address after the other, all under the same deadline; is over once it has lain idle."""

    _used_at = 0.0

    @property
    def is_connected(self) -> bool:
        """After a freeze, and behind what forgets the silent, the peer has often hung up without a word."""
        return super().is_connected and time.monotonic() - self._used_at <= IDLE_S

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's own, as its connections answer
        answer = super().getresponse()
        self._used_at = time.monotonic()
        return answer

    def _new_conn(self) -> socket:
        failure = OSError(f"no address for {self.host}")
        for family, kind, protocol, _, address in getaddrinfo(self.host, self.port, type=SOCK_STREAM):
            dialed = _PlainSocket(family, kind, protocol)
            try:
                left = _current.exchange.left() if _current.exchange else CONNECT_S
                dialed.settimeout(min(CONNECT_S, left))
                dialed.connect(address)
                dialed.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            except OSError as e:
                dialed.close()
                failure = e
            else:
                self._used_at = time.monotonic()
                return dialed
        raise failure


class _TlsConnection(_Dialing, pools.Opened):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Dialing


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class Connections:
    """Sends what it is given, once: follows nothing, keeps no cookie, knows no proxy and no netrc."""

    def __init__(self, most: int, patience_s: float) -> None:
        context = tls.context()
        context.sslsocket_class = _TlsSocket  # on connections of others it limits nothing
        patience = Timeout(connect=min(CONNECT_S, patience_s), read=patience_s)
        self._pools = PoolManager(num_pools=most, maxsize=most, ssl_context=context, timeout=patience)
        self._pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    @contextmanager
    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Iterator[BaseHTTPResponse]:
        """To a request in JSON; its body is still to be read. Raises urllib3's HTTPError or OSError."""
        parsed = parse_url(url)
        if (
            parsed.url.lower() != url.lower()
        ):  # it may write %2f as %2F, which is the same (RFC 3986, 6.2.2.1)
            raise LocationParseError("an address that would change on its way")  # which may be a credential
        pool = self._pools.connection_from_url(url)
        target = parsed.request_uri
        answer = pool.urlopen(
            method,
            target,
            body,
            {**headers, **_JSON_ALONE},
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            yield answer
        finally:
            answer.close()  # a connection whose answer was read to its end is back in its pool by now

    def open(self, origin: str) -> None:
        """Opens a connection, and keeps it for the first request. Raises urllib3's errors or OSError."""
        with exchange(CONNECT_S):
            pools.open_one(self._pools.connection_from_url(origin))

    def close(self) -> None:
        """All connections; whoever needs one opens another."""
        self._pools.clear()
