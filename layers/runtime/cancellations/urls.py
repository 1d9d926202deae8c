"""Which addresses may stand in the configuration. Each is read once, from left to right, without backtracking.

`urllib.parse` is not asked: it drops tabs and line ends, and forgives what a client would read in another way.
"""

from collections.abc import Iterator
from string import ascii_letters, ascii_lowercase, digits, hexdigits

type Fault = tuple[str, str]
"""What is wrong, and what to write instead. Names a part of the address, and repeats nothing that may be a secret."""

MAX_CHARS = 2048
MAX_HOST_CHARS, MAX_LABEL_CHARS = 253, 63
HTTPS_PORT, MAX_PORT = "443", 65_535

_HOST = frozenset(ascii_lowercase + digits + "-.")
_PATH = frozenset(ascii_letters + digits + "-._~" + "!$&'()*+,;=" + ":@" + "/" + "%")
_QUERY = _PATH | {"?"}
"""RFC 3986, sections 3.3 and 3.4."""
_HEX = frozenset(hexdigits)

_NOT_PUBLIC = (".localhost", ".local", ".internal", ".home.arpa", ".invalid", ".test", ".onion")
"""Names that no public name server knows (RFC 2606, 6761, 6762, 7686, 8375, and ICANN's .internal of 2024)."""

_LOOPBACK = ("127.0.0.1", "localhost")

_A_NAME = "write a host name, such as crm.example.com"


def fault_of_origin(url: str) -> Fault | None:
    """What is wrong with an origin, None if nothing: `https://` and a host name, and no more."""
    fix = 'write an origin such as "https://prevail.ai"'
    if fault := fault_of_address(url):
        return fault[0], fix
    _, authority, path, query = _parts(url)
    if ":" in authority:
        return f"has port {HTTPS_PORT}", fix
    if path or query is not None:
        return "has a path after its host" if path else "has a query after its host", fix
    return None


def fault_of_address(url: str) -> Fault | None:
    """What is wrong with an address that we call, None if nothing: https, a host name, a path and a query."""
    _, authority, _, _ = _parts(url)
    return _fault(url) or _fault_of_reach(authority.partition(":")[0])


def fault_of_callback(url: str, *, under_test: bool) -> Fault | None:
    """The same. under_test: `http://127.0.0.1:PORT/path`, a receiver beside an emulator, is one too."""
    scheme, authority, path, query = _parts(url)
    if not is_loopback(f"{scheme}://{authority}"):
        return fault_of_address(url)
    if not under_test:
        return "is on this machine", "write an https address with a host name that others can reach"
    return _fault_of_characters(url) or _fault_of_path(path) or _fault_of_query(query)


def fault_of_public_url(url: str) -> Fault | None:
    """What is wrong with our own address, written as a sender has registered it: scheme and host in any case."""
    scheme, authority, _, _ = _parts(url)
    before = len(scheme) + len("://") + len(authority)
    return _fault_of_characters(url) or _fault(url[:before].lower() + url[before:])


def is_loopback(url: str) -> bool:
    """Whether the URL is plain HTTP on this machine, for emulators only."""
    scheme, _, authority = url.partition("://")
    host, colon, port = authority.partition(":")
    return scheme == "http" and host in _LOOPBACK and (not colon or _is_port(port))


def host_and_target(url: str) -> tuple[str, str]:
    """Of an address without fault: whom to connect to, and what to ask there for (RFC 9112, section 3.2.1)."""
    _, authority, path, query = _parts(url)
    return authority.partition(":")[0], (path or "/") + ("" if query is None else f"?{query}")


def _parts(url: str) -> tuple[str, str, str, str | None]:
    """Scheme, authority, path and query; a fragment stays in the last of them."""
    scheme, _, rest = url.partition("://")
    before, mark, query = rest.partition("?")
    authority, slash, path = before.partition("/")
    return scheme, authority, slash + path, query if mark else None


def _fault(url: str) -> Fault | None:
    scheme, authority, path, query = _parts(url)
    if fault := _fault_of_characters(url):
        return fault
    if scheme != "https" or "://" not in url:
        return "is not https", "begin it with https:// in lower case"
    return _fault_of_authority(authority) or _fault_of_path(path) or _fault_of_query(query)


def _fault_of_characters(url: str) -> Fault | None:
    """What may stand nowhere in an address, and what a client would cut off."""
    if len(url) > MAX_CHARS:
        return f"has {len(url)} characters", f"use at most {MAX_CHARS}"
    for place, c in enumerate(url, start=1):
        if not "!" <= c <= "~":  # white space, control characters, all that is not ASCII
            return (
                f"has the character U+{ord(c):04X} at position {place}",
                "leave it out, or percent-encode it",
            )
    if "\\" in url:
        return f"has a backslash at position {url.index('\\') + 1}", "write / or %5C"
    if "#" in url:  # what follows may belong to a secret that was not percent-encoded
        return f"has a fragment (# at position {url.index('#') + 1})", "leave it out, or write %23"
    return None


def _fault_of_authority(authority: str) -> Fault | None:
    if "@" in authority:
        return "has a user name before its host", "leave out everything between https:// and the host name"
    if authority.startswith("["):
        return "has an IP address as its host", _A_NAME
    host, colon, port = authority.partition(":")
    if colon and port != HTTPS_PORT:
        return _fault_of_port(port), "leave the port out"
    return _fault_of_host(host)


def _fault_of_port(port: str) -> str:
    if not port:
        return "has a colon but no port after its host"
    if not _DIGITS.issuperset(port):
        return "has something else than a port after its host"
    return f"has port {port}" if _is_port(port) else f"has a port that is not from 1 to {MAX_PORT}"


_DIGITS = frozenset(digits)


def _is_port(port: str) -> bool:
    return 0 < len(port) <= len(str(MAX_PORT)) and _DIGITS.issuperset(port) and 0 < int(port) <= MAX_PORT


def _fault_of_host(host: str) -> Fault | None:
    if not host:
        return "has no host name", _A_NAME
    if wrong := next((c for c in host if c not in _HOST), None):
        if wrong.isupper():
            return "has capital letters in its host name", "write them in lower case"
        return f"has {wrong!r} in its host name", _A_NAME
    if len(host) > MAX_HOST_CHARS:
        return f"has a host name of {len(host)} characters", f"use at most {MAX_HOST_CHARS}"
    labels = host.split(".")
    if longest := max((len(one) for one in labels if len(one) > MAX_LABEL_CHARS), default=0):
        return f"has {longest} characters between two dots of its host name", f"use at most {MAX_LABEL_CHARS}"
    if "" in labels:
        return "has a dot too many in its host name", _A_NAME
    if any("-" in (one[0], one[-1]) for one in labels):
        return "has a part of its host name that begins or ends with a hyphen", _A_NAME
    if labels[-1][0] in _DIGITS:  # as no top-level domain does, and every IPv4 address in whatever spelling
        return "has an IP address as its host", _A_NAME
    if len(labels) == 1:
        return "has a host name without a dot", _A_NAME
    return None


def _fault_of_reach(host: str) -> Fault | None:
    """An address that we call is called from AWS, outside of any network of yours."""
    if ending := next((one for one in _NOT_PUBLIC if f".{host}".endswith(one)), None):
        return f"has a host name that ends in {ending}", "write one that public name servers know"
    return None


def _fault_of_path(path: str) -> Fault | None:
    if wrong := _misplaced(path, _PATH):
        return f"has {wrong!r} in its path", f"write %{ord(wrong):02X}"
    if _has_broken_escape(path):
        return "has a broken percent-escape in its path", "write % and two hexadecimal digits, or %25"
    if dots := next((one for one in _segments(path) if one in (".", "..")), None):
        return f"has the segment {dots!r} in its path", "write the path that is meant without it"
    return None


def _segments(path: str) -> Iterator[str]:
    """As the most forgiving server reads them: decoded once, without what follows a semicolon."""
    read = path.lower().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/").replace("%3b", ";")
    return (segment.partition(";")[0] for segment in read.split("/"))


def _fault_of_query(query: str | None) -> Fault | None:
    """Names a parameter by its place alone: a name may be the rest of a secret with an & in it."""
    for place, parameter in enumerate((query or "").split("&"), start=1):
        if wrong := _misplaced(parameter, _QUERY):
            return f"has {wrong!r} in parameter {place} of its query", f"write %{ord(wrong):02X}"
        if _has_broken_escape(parameter):
            fix = "write % and two hexadecimal digits, or %25"
            return f"has a broken percent-escape in parameter {place} of its query", fix
    return None


def _misplaced(part: str, allowed: frozenset[str]) -> str | None:
    return next((c for c in part if c not in allowed), None)


def _has_broken_escape(part: str) -> bool:
    return any(len(after) < 2 or not _HEX.issuperset(after[:2]) for after in part.split("%")[1:])  # noqa: PLR2004 - two digits
