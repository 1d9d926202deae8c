"""JMESPath expressions, compiled and checked once: what could never run is found before the first delivery."""

from collections.abc import Iterator
from typing import Any, cast

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.parser import ParsedResult


def compiled(written: str) -> ParsedResult:
    """Raises ValueError with a reason of one line."""
    try:
        expression: ParsedResult = jmespath.compile(written)
        for node in _nodes(cast("dict[str, Any]", expression.parsed)):
            _check(node)
    except JMESPathError as e:
        raise ValueError(str(e).splitlines()[0]) from e
    except RecursionError as e:
        raise ValueError("it is nested too deeply") from e
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
        case {"type": "function_expression", "value": name, "children": arguments}:
            if name not in Functions.FUNCTION_TABLE:
                raise ValueError(f"there is no function {name}()")
            signature = Functions.FUNCTION_TABLE[name]["signature"]
            variadic = bool(signature) and signature[-1].get("variadic", False)
            if len(arguments) < len(signature) or (len(arguments) > len(signature) and not variadic):
                raise ValueError(f"{name}() takes {len(signature)} arguments, not {len(arguments)}")
