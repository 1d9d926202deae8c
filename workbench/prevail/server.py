"""Serves the emulator on 127.0.0.1: `serve` for a terminal, `running` inside another program."""

import asyncio
import json
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from prevail import app, state
from prevail.demo import guide, plant_demo
from prevail.fields import BadField
from prevail.seeds import plant
from prevail.service import Service
from prevail.switch import Value
from prevail.tls import TlsListeners

_DRAIN_S = 2
# Assumed, and the default of most servers in front of such an API. Shorter than a client's patience with an idle
# connection, and some requests would meet a closing door, whose outcome nobody can know.
_KEEP_ALIVE_S = 75
_STOP_S = 10.0


class Unfit(Exception):
    """A seed or a state that cannot be; the message names the file, and the field that is wrong."""


def serve(
    port: int = 0,
    *,
    seed: Path | None = None,
    kept: Path | None = None,
    switches: Mapping[str, Value] | None = None,
    as_json: bool = False,
) -> None:
    """Serves until SIGINT or SIGTERM, then returns. Call it on the main thread.

    Port 0 takes a free one. Prints `Prevail emulator: <url>`, or `{"url": <url>}` with `as_json`, when it
    takes calls. `kept` is read at the start, if it is there, and written at the end; else `seed` is planted;
    else it plays a demo organization. Raises OSError (port taken, no such file) and Unfit.
    """
    service = Service(time.time, switches or {})
    demo = _fill(service, seed, kept)
    if kept is not None:
        print(f"The state is kept in {kept}, API keys and all; only you can read it.", file=sys.stderr)
    with listening(port) as listener:
        url = _url(listener)

        def announce() -> None:
            print(json.dumps({"url": url}) if as_json else f"Prevail emulator: {url}", flush=True)
            if demo and not as_json:
                (organization,) = service.world.organizations.values()
                print(guide(url, organization, now=time.time()), flush=True)

        # uvicorn raises each signal again once it has drained; this makes both of them an ordinary end.
        earlier = {
            one: signal.signal(one, signal.default_int_handler) for one in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            _server(service, announce).run(sockets=[listener])
        except KeyboardInterrupt:
            return
        finally:
            for one, handler in earlier.items():
                signal.signal(one, handler)
            if kept is not None:
                state.save(kept, service)


@contextmanager
def running(
    port: int = 0,
    *,
    clock: Callable[[], float] = time.time,
    switches: Mapping[str, Value] | None = None,
) -> Iterator[str]:
    """An empty emulator on a thread of its own, for the length of the block; gives its URL."""
    with listening(port) as listener:
        server = _server(Service(clock, switches or {}))
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="prevail", daemon=True
        )
        thread.start()
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join(_STOP_S)


def listening(port: int) -> socket.socket:
    """Already listening, so that the port is known and no early call is refused. Raises OSError."""
    # asyncio turns Nagle's delay (40 ms an answer) off only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


class _Protocol(H11Protocol):
    """Lets the application have the connection itself, for what no application may do to it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}

    def shutdown(self) -> None:
        """A connection that a fault holds would be waited for in vain."""
        if self.transport.get_protocol() is self:
            super().shutdown()
        else:
            self.transport.abort()


def _server(service: Service, on_start: Callable[[], None] = lambda: None) -> uvicorn.Server:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        on_start()
        yield
        await tls.close()

    def protocol() -> asyncio.Protocol:
        return _Protocol(config=config, server_state=server.server_state, app_state={})

    tls = TlsListeners(protocol, lambda: listening(0))
    config = uvicorn.Config(
        app.build(service, tls, lifespan),
        loop="asyncio",
        http=_Protocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,  # the emulator's clock is not this machine's
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    server = uvicorn.Server(config)
    return server


def _fill(service: Service, seed: Path | None, kept: Path | None) -> bool:
    """Whether it was the demo that was planted."""
    if kept is not None and kept.exists():
        with _named(kept):
            state.read_back(_document(kept), service)
        service.board.put(service.start)  # what is said now comes before what was saved
        return False
    if seed is not None:
        with _named(seed):
            plant(_document(seed), service.world, now=service.now())
        return False
    plant_demo(service.world, now=service.now())
    return True


@contextmanager
def _named(file: Path) -> Iterator[None]:
    try:
        yield
    except BadField as fault:
        raise Unfit(f"{file}: {fault}") from fault


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _document(file: Path) -> object:
    try:
        document: object = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as fault:
        raise BadField("body", "must be JSON") from fault
    return document
