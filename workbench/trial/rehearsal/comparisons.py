"""Why a comparison in an expression is false on an item although its two sides look alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from jmespath.exceptions import JMESPathError

from cancellations.source import values
from cancellations.source.expressions import DoesNotFit
from cancellations.source.expressions.comparing import PLAIN
from cancellations.source.mapping import Item
from trial.rehearsal.causes import Cause

SALESFORCE_SHORT, SALESFORCE_LONG = 15, 18
MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class _Side:
    """`path`: the expression's own words, empty if they are more than names."""

    path: str
    value: object
    fixed: bool
    """It is the same in every delivery."""


def explained(tree: Mapping[str, Any], item: Item) -> tuple[Cause, ...]:
    """Of every comparison for equality in an expression."""
    return tuple(dict.fromkeys(cause for node in _nodes(tree) for cause in _of(node, item)))


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if node.get("type") in ("filter_projection", "projection", "value_projection"):
        return  # its parts are about elements that cannot be known here
    yield node
    for child in node.get("children", ()):
        if isinstance(child, Mapping):
            yield from _nodes(child)


def _of(node: Mapping[str, Any], item: Item) -> Iterator[Cause]:
    match node:
        case {"type": "comparator", "value": "eq", "children": [left, right]}:
            one, other = _side(left, item), _side(right, item)
            if one and other and one.fixed != other.fixed:
                yield from _unequal(*((other, one) if one.fixed else (one, other)))


def _side(node: Mapping[str, Any], item: Item) -> _Side | None:
    try:
        value = PLAIN.visit(cast("Any", node), item)
    except (DoesNotFit, JMESPathError, TypeError, ValueError, ArithmeticError):
        return None
    return _Side(_path(node), value, node.get("type") == "literal")


def _path(node: Mapping[str, Any]) -> str:
    match node:
        case {"type": "field", "value": str(name)}:
            return name
        case {"type": "subexpression", "children": [*parts]} if all(map(_path, parts)):
            return ".".join(map(_path, parts))
    return ""


def _unequal(found: _Side, wanted: _Side) -> Iterator[Cause]:
    """Why what was found is not what it is compared with, though somebody may mean the same."""
    name = found.path or "What is compared"
    has, want = found.value, wanted.value
    if has is None or (has == want and isinstance(has, bool) == isinstance(want, bool)):
        return
    if type(has) is not type(want) and _as_text(has) == _as_text(want):
        said = f"{name} is {values.kind(has)}, compared with {values.kind(want)}: they are never equal."
        yield Cause("another-kind", said, f"Compare with {_literal(has)}.")
    elif isinstance(has, str) and isinstance(want, str):
        yield from _texts(name, has, want)


def _texts(name: str, has: str, want: str) -> Iterator[Cause]:
    if has.strip() == want.strip():
        said = f"{name} and what it is compared with differ in white space around them."
        yield Cause("white-space", said, f"Compare with {_literal(has)}.")
    elif has.strip().casefold() == want.strip().casefold():
        said = f"{name} is {has[:MAX_SHOWN]!a}: upper and lower case differ."
        yield Cause("another-case", said, f"Compare with {_literal(has)}, or with both.")
    elif len(want) == SALESFORCE_SHORT and len(has) == SALESFORCE_LONG and has.startswith(want):
        said = f"{name} is an id of 18 characters, compared with its form of 15."
        yield Cause("salesforce-id", said, f"Write starts_with({name}, '{want}').")
    elif len(has) == SALESFORCE_SHORT and len(want) == SALESFORCE_LONG and want.startswith(has):
        said = f"{name} is an id of 15 characters, compared with its form of 18."
        yield Cause("salesforce-id", said, f"Compare with {_literal(has)}.")
    elif "".join(c for c in has.casefold() if c.isalnum()) == "".join(
        c for c in want.casefold() if c.isalnum()
    ):
        said = f"{name} is {has[:MAX_SHOWN]!a}: it differs in signs only."
        yield Cause("another-spelling", said, f"Compare with {_literal(has)}.")
    elif has.casefold().replace("cancelled", "canceled") == want.casefold().replace("cancelled", "canceled"):
        said = f"{name} is {has[:MAX_SHOWN]!a}: canceled is spelled in another way."
        yield Cause("another-spelling", said, f"Compare with {_literal(has)}.")


def _as_text(value: object) -> str:
    return str(value).strip().casefold()


def _literal(value: object) -> str:
    """As JMESPath writes it."""
    if isinstance(value, str):
        return "'" + value[:MAX_SHOWN].replace("\\", "\\\\").replace("'", "\\'") + "'"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
