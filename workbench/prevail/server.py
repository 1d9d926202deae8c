"""Serves the emulator on 127.0.0.1: `serve` for a terminal, `running` inside another program."""

import json
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from prevail import admin, api
from prevail.demo import guide, plant_demo
from prevail.seeds import BadField, plant
from prevail.world import World

_DRAIN_S = 2
# Assumed, and the default of most servers in front of such an API. Shorter than a client's patience with an idle
# connection, and some requests would meet a closing door, whose outcome nobody can know.
_KEEP_ALIVE_S = 75
_STOP_S = 10.0


def serve(port: int = 0, *, seed: Path | None = None, as_json: bool = False) -> None:
    """Serves until SIGINT or SIGTERM, then returns. Call it on the main thread.

    Port 0 takes a free one. Prints `Prevail emulator: <url>`, or `{"url": <url>}` with `as_json`, when it
    takes calls. Without a seed file it plays a demo organization. Raises OSError (port taken, no such
    file) and BadField (seed).
    """
    world = World()
    if seed is None:
        plant_demo(world, now=time.time())
    else:
        plant(_document(seed), world, now=time.time())
    with listening(port) as listener:
        url = _url(listener)

        def announce() -> None:
            print(json.dumps({"url": url}) if as_json else f"Prevail emulator: {url}", flush=True)
            if seed is None and not as_json:
                (demo,) = world.organizations.values()
                print(guide(url, demo, now=time.time()), flush=True)

        # uvicorn raises each signal again once it has drained; this makes both of them an ordinary end.
        earlier = {
            one: signal.signal(one, signal.default_int_handler) for one in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            uvicorn.Server(_config(build(world, on_start=announce))).run(sockets=[listener])
        except KeyboardInterrupt:
            return
        finally:
            for one, handler in earlier.items():
                signal.signal(one, handler)


@contextmanager
def running(port: int = 0, *, clock: Callable[[], float] = time.time) -> Iterator[str]:
    """An empty emulator on a thread of its own, for the length of the block; gives its URL."""
    with listening(port) as listener:
        server = uvicorn.Server(_config(build(World(), clock=clock)))
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="prevail", daemon=True
        )
        thread.start()
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join(_STOP_S)


def build(
    world: World, *, clock: Callable[[], float] = time.time, on_start: Callable[[], None] = lambda: None
) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        on_start()
        yield

    return Starlette(
        # The admin API first: the last route of the API answers everything.
        routes=[*admin.routes(world, clock), *api.routes(world, clock)],
        exception_handlers={BadField: admin.bad_field},
        lifespan=lifespan,
    )


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


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _document(seed: Path) -> object:
    try:
        document: object = json.loads(seed.read_bytes())
    except ValueError as fault:
        raise BadField("body", "must be JSON") from fault
    return document
