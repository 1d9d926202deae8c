"""The address as the sender may have it, where the address is a part of what is signed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from trial.rehearsal.causes import Cause

STAGES = ("prod", "$default", "default", "dev", "test", "stage", "staging", "production", "live", "api", "v1")
"""What APIs commonly have before the path."""

MOST_CHANGES = 2


@dataclass(frozen=True, slots=True)
class AddressMeant:
    url: str
    causes: tuple[Cause, ...] = ()
    changes: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """The address at which a recorded delivery arrived, as far as its record says; empty texts if it does not."""

    host: str = ""
    path: str = ""
    query: str = ""


def others(url: str, headers: Mapping[str, str], seen: Seen) -> list[AddressMeant]:
    """Fewest changes first, each address once."""
    parts = urlsplit(url)
    found: dict[str, AddressMeant] = {}
    for scheme, by_scheme in _schemes(parts):
        for host, by_host in _hosts(parts, headers, seen):
            for path, by_path in _paths(parts, seen):
                for query, by_query in _queries(parts, seen):
                    changes = [change for change in (by_scheme, by_host, by_path, by_query) if change]
                    other = f"{scheme}{host}{path}{query}"
                    if other != url and 0 < len(changes) <= MOST_CHANGES:
                        meant = AddressMeant(other, (_cause(changes, other),), len(changes))
                        if other not in found or found[other].changes > len(changes):
                            found[other] = meant
    if (arrived := _arrived(parts, seen)) not in (url, *found):
        found[arrived] = AddressMeant(
            arrived, (_cause([("address", "it is where this arrived")], arrived),), 1
        )
    return sorted(found.values(), key=lambda meant: meant.changes)


def _arrived(parts: SplitResult, seen: Seen) -> str:
    """The whole address at which the delivery arrived, its unknown parts as they are configured."""
    query = f"?{seen.query}" if seen.query else ""
    return f"https://{seen.host or parts.netloc}{seen.path or parts.path}{query}"


def _cause(changes: list[tuple[str, str]], url: str) -> Cause:
    code = changes[0][0] if len(changes) == 1 else "address"
    what = " and ".join(said for _, said in changes)
    fix = f'Write public_url = "{url}", or change the address at the sender.'
    if code == "address-http":
        fix = "Enter the address at the sender with https://: public_url must be an https address."
    return Cause(code, f"The address that the sender signs is another: {what}. It signs {url}.", fix)


type _Change = tuple[str, str] | None
"""A code, and what differs; None for the part as it is configured."""


def _schemes(parts: SplitResult) -> Iterator[tuple[str, _Change]]:
    yield f"{parts.scheme}://", None
    yield "http://", ("address-http", "it begins with http://")
    yield "https://", ("address-https", "it begins with https://")
    yield "", ("address-scheme-missing", "it has no scheme before the host")


def _hosts(parts: SplitResult, headers: Mapping[str, str], seen: Seen) -> Iterator[tuple[str, _Change]]:
    bare = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
    yield parts.netloc, None
    yield bare, ("address-port", "it has no port")
    for port in (443, 80, 8443):
        yield f"{bare}:{port}", ("address-port", f"it has the port {port}")
    for other in (bare.lower(), bare.upper(), bare.title()):
        yield other, ("address-host-case", "its host is written in another case")
    for other in (headers.get("host", ""), headers.get("x-forwarded-host", ""), seen.host):
        if other:
            yield other, ("address-host", f"its host is {other}")
    yield "", ("address-host-missing", "it has no host")


def _paths(parts: SplitResult, seen: Seen) -> Iterator[tuple[str, _Change]]:
    path = parts.path
    yield path, None
    slash = (
        "address-slash",
        "it ends in a slash" if not path.endswith("/") else "it does not end in a slash",
    )
    yield path.removesuffix("/") if path.endswith("/") else f"{path}/", slash
    for stage in STAGES:
        yield f"/{stage}{path}", ("address-stage", f"it has /{stage} before the path")
    first, _, rest = path.removeprefix("/").partition("/")
    if rest:
        yield f"/{rest}", ("address-stage", f"it has no /{first} before the path")
    if seen.path:
        yield seen.path, ("address-path", f"its path is {seen.path}")
    yield "", ("address-path-missing", "it has no path")


def _queries(parts: SplitResult, seen: Seen) -> Iterator[tuple[str, _Change]]:
    query = f"?{parts.query}" if parts.query else ""
    yield query, None
    yield "", ("address-query", "it has no query string")
    if not query:
        yield "?", ("address-query", "it ends in a question mark")
    if seen.query:
        yield f"?{seen.query}", ("address-query", f"it has the query string ?{seen.query}")
