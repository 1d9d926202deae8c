"""How expressions that decide compare: a sender's "True", 1 or "yes" is not silently taken for something else.

JMESPath compares strictly: "true" is not `true`, and 3 is not "3". That is right for a path, and dangerous for a
decision, where the same answer in another spelling would quietly mean the opposite.
"""

from typing import Any, Literal

from jmespath.visitor import Options, TreeInterpreter

from cancellations.source.expressions.functions import OurFunctions, Unclear, flag_in
from cancellations.source.expressions.syntax import Node, is_constant

type Comparing = TreeInterpreter
type Mode = Literal["refuse", "understand"]

_OPTIONS = Options(custom_functions=OurFunctions())


class _Careful(TreeInterpreter):
    """understand: a flag in another spelling is the flag it spells; else it raises Unclear, as all else does."""

    def __init__(self, mode: Mode) -> None:
        super().__init__(_OPTIONS)
        self._understands = mode == "understand"

    def visit_comparator(self, node: Node, value: Any) -> bool | None:  # noqa: ANN401 - any JSON
        operands = node["children"]
        constants = [self.visit(child, {}) for child in operands if is_constant(child)]
        if node["value"] not in ("eq", "ne") or len(constants) != 1 or constants[0] is None:
            return super().visit_comparator(node, value)  # type: ignore[no-any-return, arg-type]
        (constant,) = constants
        (found,) = (self.visit(child, value) for child in operands if not is_constant(child))
        equal = self._equal(found, constant)
        return equal if node["value"] == "eq" else not equal

    def visit_function_expression(self, node: Node, value: Any) -> object:  # noqa: ANN401 - any JSON
        """`contains()` of a list compares its elements as `==` would; a text that spells a flag contains no word."""
        arguments = node["children"]
        if node["value"] != "contains" or not any(map(is_constant, arguments)):
            return super().visit_function_expression(node, value)  # type: ignore[arg-type]
        where, what = (self.visit(one, value) for one in arguments)
        if isinstance(where, list):
            pairs = [_in_order(arguments, one, what) for one in where]
            if any(type(found) is type(constant) and found == constant for found, constant in pairs):
                return True
            return any([self._equal(*two) for two in pairs])  # noqa: C419 - each is judged
        if self._understands and flag_in(where) is not None:
            raise Unclear("contains() is given a flag; flag() reads one")
        return super().visit_function_expression(node, value)  # type: ignore[arg-type]

    def _equal(self, found: object, constant: object) -> bool:
        if isinstance(found, list) and isinstance(constant, list):
            same_length = len(found) == len(constant)
            return same_length and all([self._equal(*two) for two in zip(found, constant, strict=True)])  # noqa: C419
        if isinstance(found, dict) and isinstance(constant, dict):
            same_names = found.keys() == constant.keys()
            return same_names and all([self._equal(found[k], constant[k]) for k in found])  # noqa: C419
        if type(found) is type(constant) and found == constant:
            return True
        if found is None or found == "" or _both_numbers(found, constant):
            return found == constant
        answers = flag_in(found), flag_in(constant)
        if self._understands and None not in answers:
            return answers[0] == answers[1]
        if _same_in_other_words(found, constant) or (None not in answers and answers[0] == answers[1]):
            raise Unclear("it compares a value with a constant that is the same in another spelling")
        if self._understands and (answers[1] is not None or not _two_texts(found, constant)):
            raise Unclear("it compares a value of another kind, or one that is neither true nor false")
        return False


def _in_order(arguments: list[Node], element: object, what: object) -> tuple[object, object]:
    """What the delivery says, and the constant that it is compared with."""
    return (what, element) if is_constant(arguments[0]) else (element, what)


def _two_texts(found: object, constant: object) -> bool:
    """Whether both are texts, and more than case or white space tells them apart."""
    texts = isinstance(found, str) and isinstance(constant, str)
    return texts and _spelled(found) != _spelled(constant)


def _both_numbers(found: object, constant: object) -> bool:
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in (found, constant))


def _same_in_other_words(found: object, constant: object) -> bool:
    """A number and its digits; a text alone in a list. Texts that differ by case are two texts."""
    if isinstance(found, list):
        return constant in found
    if isinstance(found, dict) or type(found) is type(constant):
        return False
    return _spelled(found) == _spelled(constant)


def _spelled(value: object) -> str:
    match value:
        case str():
            return value.strip().lower()
        case bool():
            return str(value).lower()
        case int() if value.bit_length() > _MOST_BITS:
            return ""  # it is longer than Python writes out, and equals no text
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


_MOST_BITS = 256


PLAIN: Comparing = TreeInterpreter(_OPTIONS)
REFUSING: Comparing = _Careful("refuse")
UNDERSTANDING: Comparing = _Careful("understand")
