"""How botocore's requests are sent: as it does that itself, but for the roots, which it reads for every connection."""

import ssl
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import (
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from cancellations.adapters.pools import Opened, open_one

if TYPE_CHECKING:
    from botocore.client import BaseClient


_AT_ONCE = (IPPROTO_TCP, TCP_NODELAY, 1)
"""Else what does not fit into one packet is sent on only when that was acknowledged, 40 ms later."""


class _Connection(Opened, AWSHTTPSConnection):  # type: ignore[misc]  # what botocore overrides has other types
    """Sends a header together with its body, as botocore means to: urllib3 sends them one after the other."""

    _body: bytes | None = None

    def request(
        self, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **how: Any
    ) -> Any:
        self._body = body if isinstance(body, bytes) and headers and "Content-Length" in headers else None
        return super().request(method, url, None if self._body else body, headers, *args, **how)

    def endheaders(self, message_body: Any = None, **how: Any) -> None:
        super().endheaders(self._body or message_body, **how)


class _Pool(AWSHTTPSConnectionPool):
    ConnectionCls = _Connection


class Sender(URLLib3Session):
    """Connections of one client, all under one context that has its roots."""

    def __init__(self, context: ssl.SSLContext, client: "BaseClient") -> None:
        self._context, self._endpoint = context, client.meta.endpoint_url
        calls = cast("Any", client.meta.config)  # its attributes are made as it is made
        super().__init__(
            proxies=get_environ_proxies(self._endpoint),
            timeout=cast("Any", (calls.connect_timeout, calls.read_timeout)),
            max_pool_connections=calls.max_pool_connections,
            socket_options=cast("Any", [_AT_ONCE]),
        )
        own = cast("Any", self)
        own._pool_classes_by_scheme["https"] = _Pool  # noqa: SLF001 - its manager has the same dictionary

    def open(self) -> None:
        """Opens a connection, and keeps it for the first request. Raises botocore's errors, urllib3's or OSError.

        None through a proxy: only urllib3's own requests ask one for a tunnel, and without it the proxy would be taken
        for AWS. Where a rule sends calls to another host than the service's own (FIPS), it stays unused.
        """
        own = cast("Any", self)
        if own._proxy_config.proxy_url_for(self._endpoint) is None:  # noqa: SLF001
            open_one(own._get_connection_manager(self._endpoint).connection_from_url(self._endpoint))  # noqa: SLF001

    def _get_ssl_context(self) -> ssl.SSLContext:
        return self._context

    def _setup_ssl_cert(self, conn: Any, url: str, verify: Any) -> None:
        """Nothing to set up: the context verifies."""
