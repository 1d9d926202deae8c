"""Connections that keep a total deadline and know whether anything has left this machine.

A timeout of `requests` is one per read: a peer that sends a byte now and then is waited for without end. Here every
operation of a socket gets what is left of the exchange that its thread is in.
"""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, getaddrinfo, socket
from typing import Any

import certifi
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.retry import Retry

CONNECT_S = 3.0
"""What one address may take to answer."""

IDLE_S = 10.0
"""How long a connection may lie idle and be used again: shorter than servers keep theirs open, so that no request meets
one that is just being closed."""


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


class _Dialing:
    """Tries one address after the other, all under the same deadline."""

    host: str
    port: int

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
                return dialed
        raise failure


class _PlainConnection(_Dialing, HTTPConnection):
    pass


class _TlsConnection(_Dialing, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DeadlineAdapter(HTTPAdapter):
    """Repeats nothing, and shares one TLS context: reading the roots anew costs more than the call itself."""

    def __init__(self, connections: int) -> None:
        self._context = ssl.create_default_context(cafile=certifi.where())
        self._context.sslsocket_class = _TlsSocket
        super().__init__(
            pool_connections=connections, pool_maxsize=connections, max_retries=Retry(0, read=False)
        )
        self._used_at = time.monotonic()

    def drop_idle(self) -> None:
        """Close connections that nobody used of late: after a freeze the peer has often hung up without a word."""
        now = time.monotonic()
        if now - self._used_at > IDLE_S:
            self.close()
        self._used_at = now

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """The context verifies, with the roots it was made with."""
