"""Headers in a file, in any form in which tools save them. Whatever is wrong with them is Refused."""

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path

from stack import Refused

type Pairs = list[tuple[str, str]]

FORMS = 'write a JSON object {"Name": "value"}, or lines such as Name: value'

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_REQUEST_LINE = re.compile(r"[A-Z]{3,10} [^\s]+ HTTP/[0-9.]{1,3}", re.ASCII)
_KINDS = {bool: "a boolean", int: "a number", float: "a number", type(None): "null", dict: "an object"}
_INSIDE = ("headers", "request", "log", "entries")
"""Where records of a request keep its headers: HAR, webhook.site, RequestBin, Postman."""


def pairs_in(file: Path, raw: bytes) -> Pairs:
    """Names and values in order. Raises Refused."""
    text = text_of(raw)
    if text.lstrip()[:1] in ("{", "["):
        try:
            document = json.loads(text)
        except ValueError as e:
            raise Refused(f"{file} is not JSON: {e}") from e
        return list(_in_json(file, document))
    return list(_in_lines(file, text))


def text_of(raw: bytes) -> str:
    """A file that a person saved: UTF-8, with or without a byte order mark, or the UTF-16 of some shells."""
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    return raw.decode("utf-8-sig", "replace")


def _in_json(file: Path, document: object) -> Iterator[tuple[str, str]]:
    match document:
        case dict():
            inside = next((document[k] for k in _INSIDE if isinstance(document.get(k), dict | list)), None)
            if inside and not _is_values(inside):
                yield from _in_json(file, inside)
                return
            for name, value in document.items():
                yield from _named(file, name, value)
        case [dict() as entry] if any(key in entry for key in _INSIDE):
            yield from _in_json(file, entry)
        case list():
            for place, element in enumerate(document, start=1):
                yield from _element(file, place, element)
        case _:
            raise Refused(f"{file} has no headers: {FORMS}")


def _is_values(found: object) -> bool:
    """A header may be named like a part of a record: its value is then a list of texts."""
    return isinstance(found, list) and bool(found) and all(isinstance(one, str) for one in found)


def _element(file: Path, place: int, element: object) -> Iterator[tuple[str, str]]:
    match element:
        case {"name": str(name), "value": value} | {"key": str(name), "value": value}:
            if not (isinstance(element, dict) and element.get("disabled") is True):
                yield from _named(file, name, value)
        case [str(name), value]:
            yield from _named(file, name, value)
        case _:
            raise Refused(
                f'{file}: element {place} of the list is no header; write {{"name": "…", "value": "…"}} '
                'or ["name", "value"] for each'
            )


def _named(file: Path, name: str, value: object) -> Iterator[tuple[str, str]]:
    if name.startswith(":"):
        return  # a pseudo-header of HTTP/2
    if not _NAME.fullmatch(name.strip()):
        raise Refused(f"{file}: {name[:64]!a} is no header's name")
    match value:
        case str():
            yield name, value
        case [] | [_, _, *_]:
            said = f"a list of {len(value)} values"
            raise Refused(f"{file}: the header {name} has {said}; write a text for each header")
        case [one]:
            yield from _named(file, name, one)
        case _:
            raise Refused(f"{file}: the header {name} is {_KINDS[type(value)]}; write its value as a text")


def _in_lines(file: Path, text: str) -> Iterator[tuple[str, str]]:
    lines = list(enumerate(text.splitlines(), start=1))
    if any(_is_of_curl(line) for _, line in lines):
        lines = [(number, line[1:].lstrip(" ")) for number, line in lines if line.startswith(">")]
    whole_request = False
    begun = False
    for number, line in lines:
        if not line.strip():
            if whole_request and begun:
                return  # what follows is the body
            continue
        if not begun and _REQUEST_LINE.fullmatch(line.strip()):
            whole_request = True
            continue
        begun = True
        if line.startswith(":"):
            continue  # a pseudo-header of HTTP/2
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name.strip()):
            raise Refused(f"{file}:{number}: is no header; {FORMS}")
        yield name, value.strip()


def _is_of_curl(line: str) -> bool:
    """What `curl -v` prints of a request: `> POST /path HTTP/1.1`, `> Name: value`."""
    return line.startswith("> ") and (":" in line or " HTTP/" in line)
