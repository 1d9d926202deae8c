"""JSON with one reading only: what two parsers could understand differently is refused."""

import json
import math
from typing import Never

from cancellations.domain import Json
from cancellations.errors import Malformed

MAX_DEPTH = 32


def loads(raw: bytes) -> Json:
    """Parse UTF-8 JSON. Raises Malformed with a reason that names no value of the document.

    Refused beyond the grammar: duplicate keys, NaN and Infinity, numbers that overflow, nesting deeper than
    MAX_DEPTH, unpaired surrogates, a byte order mark, any encoding but UTF-8.
    """
    try:
        document: Json = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError as e:
        raise Malformed("the body is not UTF-8") from e
    except RecursionError as e:
        raise Malformed(f"the body is nested deeper than {MAX_DEPTH} levels") from e
    except json.JSONDecodeError as e:
        raise Malformed(f"the body is not JSON: {e.msg} at character {e.pos}") from e
    except ValueError as e:  # an integer of more digits than Python converts
        raise Malformed("the body has a number that is too long") from e
    _check(document, MAX_DEPTH)
    return document


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("the body has an object with the same key twice")
    return found


def _refuse_constant(name: str) -> Never:
    raise Malformed(f"the body has {name}, which JSON does not know")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Malformed("the body has a number that is too large")
    return value


def _check(value: Json, levels: int) -> None:
    match value:
        case str():
            _check_text(value)
        case dict():
            _check_levels(levels)
            for name, part in value.items():
                _check_text(name)
                _check(part, levels - 1)
        case list():
            _check_levels(levels)
            for part in value:
                _check(part, levels - 1)


def _check_levels(levels: int) -> None:
    if levels == 0:
        raise Malformed(f"the body is nested deeper than {MAX_DEPTH} levels")


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as e:
            raise Malformed("the body has text with an unpaired surrogate") from e
