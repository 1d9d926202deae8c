"""Where things are in a document, as JMESPath: to say what an expression may have meant."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cancellations.domain import Json
from cancellations.source.expressions import Expression

MOST_PATHS = 2_000
MOST_SHOWN = 3

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def paths(document: Json, at: str = "") -> Iterator[str]:
    """Every path to something that is neither an object nor a list, in order."""
    match document:
        case dict():
            for name, part in document.items():
                step = name if _PLAIN.fullmatch(name) else json.dumps(name)
                yield from paths(part, f"{at}.{step}" if at else step)
        case list():
            for place, part in enumerate(document):
                yield from paths(part, f"{at}[{place}]")
        case _:
            yield at


def meant(expression: Expression, document: dict[str, Json]) -> str | None:
    """Paths of this document that end like an expression, or that hold its words; None where none is like it."""
    there = [path for path, _ in zip(paths(document), range(MOST_PATHS), strict=False) if path != "sha256"]
    wanted = next(reversed([*_fields(expression.tree)]), "").lower()
    by_last: dict[str, list[str]] = {}
    for path in there:
        by_last.setdefault(_last(path).lower(), []).append(path)
    close = difflib.get_close_matches(wanted, by_last, n=MOST_SHOWN, cutoff=0.6)
    words = {word for word in re.split(r"[^a-z]+", wanted) if len(word) > MOST_SHOWN}
    found = [path for last in close for path in by_last[last]]
    found += [path for path in there if words & set(re.split(r"[^a-z]+", path.lower())) and path not in found]
    return ", ".join(found[:MOST_SHOWN]) or None


def named(node: Mapping[str, Any]) -> list[str]:
    """The paths in an expression that are names alone, each once and in order."""
    return list(dict.fromkeys(_named(node)))


def _named(node: Mapping[str, Any]) -> Iterator[str]:
    if node.get("type") in ("subexpression", "field"):
        parts = [*_fields(node)]
        only_names = all(
            child.get("type") in ("subexpression", "field") for child in node.get("children", ())
        )
        if only_names and parts:
            yield ".".join(parts)
            return
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _named(child)


def missing(path: str, document: Json) -> bool:
    """Whether a path of names leads nowhere in a document."""
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            return True
        document = document[name]
    return False


def _fields(node: Mapping[str, Any]) -> Iterator[str]:
    """The names in an expression, from left to right."""
    if node.get("type") == "field":
        yield node["value"]
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _fields(child)


def near(name: str, there: Sequence[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, there, n=1)), None)


def _last(path: str) -> str:
    steps = re.findall(r'"([^"]+)"|([A-Za-z_][A-Za-z0-9_]*)', path)
    return next((quoted or plain for quoted, plain in reversed(steps)), path)
