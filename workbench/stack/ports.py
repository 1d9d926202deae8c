"""Ports of loopback that nobody listens on."""

import socket

TRIES = 5
"""How often another one is chosen where somebody was faster."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
