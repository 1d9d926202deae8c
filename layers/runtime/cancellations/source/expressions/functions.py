"""The functions that expressions can use: JMESPath's own and `flag()`; of which kinds they take and give values."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from jmespath.functions import Functions, signature

from cancellations.source.expressions.shapes import ANYTHING, Kind, Shape, either, not_null, of
from cancellations.source.expressions.syntax import Impossible, Node, as_text

_YES = frozenset(("true", "yes", "y", "on", "1"))
_NO = frozenset(("false", "no", "n", "off", "0"))


class DoesNotFit(Exception):
    """An expression cannot be evaluated on this document, such as a function that gets another kind of value.

    The text is the library's and may quote the document: it is for a person who has the delivery, never for a log.
    """


class Unclear(DoesNotFit):
    """A value means the same as a constant in another spelling, or neither yes nor no. The text quotes nothing."""


def flag_in(value: object) -> bool | None:
    """The answer that a value spells: true, "True", "yes", "on", 1 and so on. None if it spells none."""
    match value:
        case bool():
            return value
        case str():
            word = value.strip().lower()
        case int() | float():
            return bool(value) if value in (0, 1) else None
        case _:
            return None
    return True if word in _YES else False if word in _NO else None


class OurFunctions(Functions):
    """JMESPath's own, and `flag()`."""

    @signature({"types": []})
    def _func_flag(self, value: object) -> bool:
        """Read a flag in every usual spelling; false if it is missing or empty. Raises Unclear."""
        if value is None or value == "":
            return False
        answer = flag_in(value)
        if answer is None:
            raise Unclear("flag() is given what means neither true nor false")
        return answer


TABLE: Mapping[str, Mapping[str, Sequence[Any]]] = OurFunctions.FUNCTION_TABLE
"""By name: `signature`, one row for each argument with its `types`, the last of them maybe `variadic`."""

KINDS_OF_TYPE: Mapping[str, Kind] = {
    "string": "string",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "array-string": "list",
    "array-number": "list",
    "object": "object",
    "null": "null",
}
"""What a signature calls them, and what we do."""


def signature_of(name: str, given: int) -> Sequence[Mapping[str, Any]]:
    """The rows of a function's arguments. Raises Impossible for what jmespath finds only when it runs."""
    if name not in TABLE:
        near = next(iter(difflib.get_close_matches(name, TABLE, n=1)), None)
        known = f"did you mean {near}()?" if near else f"use one of: {', '.join(sorted(TABLE))}"
        raise Impossible(f"there is no function {name}()", known)
    rows = TABLE[name]["signature"]
    variadic = bool(rows) and rows[-1].get("variadic", False)
    if given < len(rows) or (given > len(rows) and not variadic):
        takes = f"{len(rows)} or more" if variadic else str(len(rows))
        plural = "" if takes == "1" else "s"
        raise Impossible(f"{name}() takes {takes} argument{plural}, not {given}", "correct the arguments")
    return rows


def check_search(name: str, arguments: Sequence[Node]) -> None:
    """What is looked for must be a text with something in it, and what it is looked for in must be the delivery's.

    Raises Impossible: everything contains the empty text, and 'canceled' begins with "c".
    """
    if name not in ("contains", "starts_with", "ends_with"):
        return
    where, what = arguments
    if where["type"] == "literal" and isinstance(where["value"], str):
        raise Impossible(f"{name}() looks into a constant", f"write {name}(field, {as_text(where['value'])})")
    if what["type"] == "literal" and what["value"] == "":
        raise Impossible(f"{name}() looks for the empty text, which is everywhere", "write what to look for")


_BOOLEAN = of("boolean")
_RESULTS = {
    **dict.fromkeys(("contains", "ends_with", "starts_with", "flag"), _BOOLEAN),
    **dict.fromkeys(("abs", "ceil", "floor", "length", "sum"), of("number")),
    **dict.fromkeys(("avg", "to_number"), of("number", "null")),
    **dict.fromkeys(("join", "to_string"), of("string")),
    **dict.fromkeys(("keys", "map", "sort", "sort_by", "to_array", "values"), of("list")),
    "reverse": of("list", "string"),
    **dict.fromkeys(("max", "min"), of("number", "string", "null")),
    "merge": of("object"),
}


def result(name: str, arguments: Sequence[Shape]) -> Shape:
    """What a function yields (jmespath.org/specification.html: built-in functions)."""
    if name == "not_null":
        *first, last = arguments
        return either(*(not_null(one) for one in first), last)
    if name == "type":
        return Shape(frozenset({"string"}), only=_TYPES, name="a type")
    return _RESULTS.get(name, ANYTHING)


_TYPES = frozenset(("array", "boolean", "null", "number", "object", "string"))
