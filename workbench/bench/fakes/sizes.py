"""How large DynamoDB takes an item to be, by the rules of its developer guide ("item sizes and formats")."""

from collections.abc import Mapping
from typing import Any

_CONTAINER = 3
_ELEMENT = 1


def size_of(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes: names and values in UTF-8, numbers by their digits, a little for each list, map and element."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return (len(value.strip("-").replace(".", "")) + 1) // 2 + 1
        case "L":
            return _CONTAINER + sum(_ELEMENT + _value(part) for part in value)
        case "M":
            return _CONTAINER + _ELEMENT * len(value) + size_of(value)
        case _:  # a truth value or null
            return 1
