"""More listeners, which speak TLS the wrong way; one speaks it right. All lead to the same emulator."""

import asyncio
import socket
import ssl
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prevail.certificates import Authority

KINDS: Mapping[str, str] = {
    "right": "a certificate for 127.0.0.1 and localhost, by an authority whose root the admin API gives",
    "self-signed": "one that signed itself",
    "expired": "one of that authority that ended yesterday",
    "wrong-host": "one of that authority for elsewhere.example",
    "old": "the right one, over TLS 1.1 and older only",
    "stalled": "a handshake that never begins",
}


class TlsListeners:
    """`protocol` makes what answers on a connection; `listen` opens a socket on a free port of 127.0.0.1."""

    def __init__(self, protocol: Callable[[], asyncio.Protocol], listen: Callable[[], socket.socket]) -> None:
        self._protocol = protocol
        self._listen = listen
        self._authority: Authority | None = None
        self._open: dict[str, tuple[str, asyncio.Server]] = {}

    @property
    def urls(self) -> dict[str, str]:
        return {kind: url for kind, (url, _) in self._open.items()}

    def root_pem(self) -> str:
        return self._its_authority().root_pem()

    async def open(self, kind: str) -> str:
        """Its URL. A listener that is open already goes on."""
        if kind not in self._open:
            listener = self._listen()
            url = f"https://127.0.0.1:{listener.getsockname()[1]}"
            context = None if kind == "stalled" else self._context(kind)
            protocol = asyncio.Protocol if context is None else self._protocol
            loop = asyncio.get_running_loop()
            self._open[kind] = url, await loop.create_server(protocol, sock=listener, ssl=context)
        return self._open[kind][0]

    async def close(self) -> None:
        for _, server in self._open.values():
            server.close()
            server.close_clients()
        self._open.clear()

    def _its_authority(self) -> "Authority":
        from prevail.certificates import Authority  # noqa: PLC0415  # needs what only this does

        if self._authority is None:
            self._authority = Authority()
        return self._authority

    def _context(self, kind: str) -> ssl.SSLContext:
        authority = self._its_authority()
        makers = {
            "self-signed": authority.self_signed,
            "expired": authority.expired,
            "wrong-host": authority.wrong_host,
        }
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with TemporaryDirectory() as folder:
            chain = Path(folder, "certificate.pem")
            chain.write_bytes(makers.get(kind, authority.right)())
            context.load_cert_chain(chain)
        if kind == "old":
            _allow_old_only(context)
        return context


def _allow_old_only(context: ssl.SSLContext) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # deprecated is what it is to be
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
