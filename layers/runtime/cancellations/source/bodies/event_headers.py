"""A CloudEvent's attributes as HTTP headers (HTTP protocol binding, section 3.1.3)."""

import re
from collections.abc import Mapping

from cancellations.domain import Json
from cancellations.errors import Malformed
from cancellations.source.bodies import percent

REQUIRED = ("specversion", "id", "source", "type")

_PREFIX = "ce-"
_RESERVED = ("data", "datacontenttype")
"""No headers: the one is the body, the other its content-type."""

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_QUOTED_PAIR = re.compile(r"\\(.)")


def attributes(headers: Mapping[str, str]) -> dict[str, Json]:
    """All `ce-` headers, decoded; their names and what they must be are the caller's to check. Raises Malformed."""
    return {
        name.removeprefix(_PREFIX): _attribute(name.removeprefix(_PREFIX), value.strip(" \t"))
        for name, value in headers.items()
        if name.startswith(_PREFIX)
    }


def _attribute(name: str, value: str) -> str:
    if name in _RESERVED:
        raise Malformed(f"there is a header {_PREFIX}{name}")
    if not value.isascii() or not value.isprintable():
        raise Malformed("an attribute's header has characters that must be percent-encoded")
    quoted = _QUOTED.fullmatch(value)
    if quoted:  # what senders did before spaces and quotes had to be escaped
        return percent.decoded(_QUOTED_PAIR.sub(r"\1", quoted[1]))
    if '"' in value:
        raise Malformed("an attribute's header is quoted in part")
    if name in REQUIRED and "," in value:  # a header that came twice is joined by commas on its way
        raise Malformed(f"the event's {name} may have come twice; escape commas")
    return percent.decoded(value)
