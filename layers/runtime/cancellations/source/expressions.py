"""JMESPath expressions, compiled and checked once: what could never work is found before the first delivery."""

from collections.abc import Iterator
from typing import Any, cast

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.parser import ParsedResult

type Kind = str
"""What an expression yields: boolean, number, string, list or object."""


def compiled(written: str, wanted: tuple[Kind, ...] = ()) -> ParsedResult:
    """wanted: kinds of which it may yield one, where that can be told. Raises ValueError with a reason of one line."""
    try:
        expression: ParsedResult = jmespath.compile(written)
        tree = cast("dict[str, Any]", expression.parsed)
        for node in _nodes(tree):
            _check(node)
        kind = _kind(tree)
    except JMESPathError as e:
        raise ValueError(str(e).splitlines()[0]) from e
    except RecursionError as e:
        raise ValueError("it is nested too deeply") from e
    if wanted and kind is not None and kind not in wanted:
        raise ValueError(f"it yields a {kind}, where a {' or a '.join(wanted)} is needed")
    return expression


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _nodes(child)


def _check(node: dict[str, Any]) -> None:
    """What jmespath itself finds only when it runs: functions, their arguments, and steps of slices."""
    match node:
        case {"type": "slice", "children": [_, _, 0]}:
            raise ValueError("a slice cannot have the step 0")
        case {"type": "subexpression", "children": [of, *_]} if _kind(of) in _WITHOUT_PARTS:
            # !a.b reads as (!a).b, which is null for ever
            raise ValueError(f"it takes a part of a {_kind(of)}, which has none; write !(a.b) for !a.b")
        case {"type": "function_expression", "value": name, "children": arguments}:
            if name not in Functions.FUNCTION_TABLE:
                raise ValueError(f"there is no function {name}()")
            signature = Functions.FUNCTION_TABLE[name]["signature"]
            variadic = bool(signature) and signature[-1].get("variadic", False)
            if len(arguments) < len(signature) or (len(arguments) > len(signature) and not variadic):
                raise ValueError(f"{name}() takes {len(signature)} arguments, not {len(arguments)}")


_WITHOUT_PARTS = ("boolean", "number", "string")

_KIND_OF_NODE: dict[str, Kind] = {
    "comparator": "boolean",
    "not_expression": "boolean",
    "multi_select_list": "list",
    "multi_select_dict": "object",
    "projection": "list",
    "filter_projection": "list",
    "value_projection": "list",
    "flatten": "list",
}

_KIND_OF_FUNCTION: dict[str, Kind] = {
    **dict.fromkeys(("contains", "ends_with", "starts_with"), "boolean"),
    **dict.fromkeys(("abs", "avg", "ceil", "floor", "length", "sum"), "number"),
    **dict.fromkeys(("join", "to_string", "type"), "string"),
    **dict.fromkeys(("keys", "map", "sort", "sort_by", "to_array", "values"), "list"),
    "merge": "object",
}
"""Functions whose answer is of one kind whatever they are given (jmespath.org/specification.html)."""


def _kind(node: dict[str, Any]) -> Kind | None:
    """None where only a document can tell."""
    children = node.get("children", ())
    match node["type"]:
        case "literal":
            return _kind_of_literal(node["value"])
        case "function_expression":
            return _KIND_OF_FUNCTION.get(node["value"])
        case "pipe" | "subexpression":
            return _kind(children[-1])
        case "and_expression" | "or_expression":
            kinds = {_kind(child) for child in children}
            return kinds.pop() if len(kinds) == 1 else None
        case other:
            return _KIND_OF_NODE.get(other)


def _kind_of_literal(value: object) -> Kind | None:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case dict():
            return "object"
    return None
