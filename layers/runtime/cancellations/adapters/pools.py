"""Connections that are opened before anybody needs them."""

import ssl
from socket import socket

from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPSConnection


def open_one(pool: HTTPConnectionPool) -> None:
    """Opens a connection, and leaves it in the pool for whoever comes first. Raises urllib3's errors or OSError."""
    connection = pool._get_conn(timeout=1)  # noqa: SLF001 - urllib3 has no other word for it
    try:
        if connection.is_closed:
            connection.connect()
    except BaseException:
        connection.close()  # else what is left of a failed handshake passes for an open connection
        raise
    finally:
        pool._put_conn(connection)  # noqa: SLF001 - what could not connect tries again when it is used


class Opened(HTTPSConnection):
    """Stays open while it is unused.

    TLS 1.3 sends tickets after its handshake. urllib3 takes whatever lies unread for the end of a connection.
    """

    @property
    def is_connected(self) -> bool:
        return super().is_connected or (self.sock is not None and _has_only_tickets(self.sock))


def _has_only_tickets(connection: socket) -> bool:
    """Reads them. Everything else that nobody has asked for is the end."""
    patience = connection.gettimeout()
    connection.settimeout(0)
    try:
        connection.recv(1)
    except ssl.SSLWantReadError:
        return True
    except OSError:
        return False
    finally:
        connection.settimeout(patience)
    return False
