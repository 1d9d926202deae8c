"""Every text in the headers that could be a signature, a timestamp or an id, with where it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from cancellations.source.verification.headers import MAX_HEADER_CHARS
from trial.rehearsal.signatures import alphabets

MOST = 40
"""Signatures that are looked at."""
MOST_OF_A_KIND = 3
MAX_LEAD_CHARS = 32

_BETWEEN = re.compile(r"[,;\s]")
_QUOTES = "\"'"
_TIME = re.compile(
    r"[0-9]{10}|[0-9]{13}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:?[0-9]{2})", re.ASCII
)
_NEVER = {"authorization", "cookie", "user-agent", "content-length", "traceparent"}


@dataclass(frozen=True, slots=True)
class Text:
    """A part of a header. `lead`: what is directly before it, back to the last separator."""

    header: str
    value: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Needle:
    """What may be a signature: its bytes and its alphabet."""

    text: Text
    raw: bytes
    alphabet: str


def needles(headers: Mapping[str, str], first: str) -> list[Needle]:
    """Those of the header `first` come first."""
    ordered = sorted(headers, key=lambda name: name != first)
    found = (
        Needle(text, raw, alphabet)
        for name in ordered
        for text in texts(name, headers[name])
        for raw, alphabet in alphabets.readings(text.value)
    )
    return list(islice(found, MOST))


def times(headers: Mapping[str, str], first: str = "") -> list[Text]:
    ordered = sorted(headers, key=lambda name: (name != first, "time" not in name))
    found = (
        text
        for name in ordered
        if name not in _NEVER
        for text in texts(name, headers[name])
        if _TIME.fullmatch(text.value)
    )
    return list(islice(found, MOST_OF_A_KIND))


def ids(headers: Mapping[str, str], first: str = "") -> list[Text]:
    named = [name for name in headers if name == first or name.endswith(("-id", "_id")) or name == "id"]
    ordered = sorted(named, key=lambda name: name != first)
    return [Text(name, headers[name]) for name in ordered if headers[name]][:MOST_OF_A_KIND]


def texts(name: str, header: str) -> Iterator[Text]:
    """The parts of one header: between separators, and after the first `=` or `:` of each."""
    if len(header) > MAX_HEADER_CHARS:
        return
    begin = 0
    for part in _BETWEEN.split(header):
        yield from _in_part(name, part, _before(header, begin))
        begin += len(part) + 1


def _before(header: str, begin: int) -> str:
    """A marker such as `v1,` belongs to what follows it; a whole part does not."""
    head = header[max(0, begin - 2 * MAX_LEAD_CHARS) : begin]
    marker = head.rstrip()
    if not marker.endswith(","):
        return head[len(marker) :]
    word = _BETWEEN.split(marker[:-1])[-1]
    if "=" in word or len(word) > MAX_LEAD_CHARS:
        return head[len(marker) :]
    return f"{word},{head[len(marker) :]}"


def _in_part(name: str, part: str, before: str) -> Iterator[Text]:
    if part:
        bare = part.strip(_QUOTES)
        yield Text(name, bare, before + part[: part.find(bare)] if bare else before)
    for sign in "=:":
        head, found, tail = part.partition(sign)
        value = tail.strip(_QUOTES)
        if found and value and len(head) <= MAX_LEAD_CHARS:
            yield Text(name, value, before + head + sign + tail[: tail.find(value)])
