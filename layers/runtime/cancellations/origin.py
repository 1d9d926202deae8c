"""Which origins a token may be sent to: https by name, and loopback where that is said out loud."""

import re
from urllib.parse import urlsplit

_REST = r"([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"([a-z0-9]{_REST}\.)+[a-z]{_REST}", re.ASCII)
"""The last label begins with a letter, as no address does, in whatever spelling."""

_PATH = re.compile(r"([A-Za-z0-9_~-][A-Za-z0-9._~-]*/?)*", re.ASCII)

_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?", re.ASCII)


def fault_of_origin(url: str) -> str | None:
    """What is wrong with an origin, None if nothing: `https://` and a host name, and no more.

    Whatever could hide the true host or swallow the path is refused: user info, ports, paths, queries, fragments,
    addresses in any spelling.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme != "https":
        return "is not https"
    if "@" in parts.netloc or port is not None or url != f"https://{host}":
        return "has more than a scheme and a host name"
    if not _HOST.fullmatch(host):
        return "is not a host name"
    return None


def fault_of_address(url: str) -> str | None:
    """What is wrong with an address below an origin, None if nothing: a plain path, and no more."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if fault := fault_of_origin(f"{scheme}://{host}"):
        return fault
    if slash and not _PATH.fullmatch(path):
        return "has more than a plain path after its host"
    return None


def fault_of_callback(url: str) -> str | None:
    """The same, but for receivers under test on this machine: `http://127.0.0.1:PORT/path` is one too."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    if is_loopback(f"{scheme}://{host}") and _PATH.fullmatch(path):
        return None
    return fault_of_address(url)


def is_loopback(url: str) -> bool:
    """Whether the URL is plain HTTP on this machine, for emulators only."""
    return _LOOPBACK.fullmatch(url) is not None
