"""What a sandbox runs: Lambda's runtime client, where the names of AWS and Prevail are ports of this machine.

Names stand for what they stand for in production, so that endpoints, certificates and origins are judged as they are
there; a name that is not known here has no address. It runs in Lambda's place, so it knows the standard library alone.
"""

import json
import os
import socket
import sys
from typing import Any

HOSTS = "BENCH_HOSTS"
"""Ports by host, as JSON; taken out of the environment before anything else sees it."""

CORE = "BENCH_CORE"
"""The processor that the sandbox keeps to, where it is told one."""


def _resolve_to(ports: dict[str, int]) -> None:
    genuine = socket.getaddrinfo

    def resolved(host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:  # noqa: ANN401 - as the original
        if host in ports:
            return genuine("127.0.0.1", ports[host], *args, **kwargs)
        if host in ("127.0.0.1", "localhost"):
            return genuine(host, port, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, f"no such host here: {host}")

    socket.getaddrinfo = resolved


def main() -> None:
    _resolve_to(json.loads(os.environ.pop(HOSTS)))
    if (core := os.environ.pop(CORE, "")) and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    from awslambdaric.__main__ import (  # type: ignore[import-not-found]  # noqa: PLC0415 - of Lambda, after the names
        main as serve,
    )

    serve([sys.argv[0], os.environ["_HANDLER"]])


if __name__ == "__main__":
    main()
