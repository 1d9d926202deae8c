"""How expressions that decide compare: a sender's "True", 1 or "yes" is not silently taken for something else.

JMESPath compares strictly: "true" is not `true`, and 3 is not "3". That is right for a path, and dangerous for a
decision, where the same answer in another spelling would quietly mean the opposite.
"""

from typing import Any, Literal

from jmespath.visitor import Options, TreeInterpreter

from cancellations.source.expressions.functions import OurFunctions, Unclear, flag_in
from cancellations.source.expressions.syntax import Node

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
        constants = [child["value"] for child in operands if child["type"] == "literal"]
        if node["value"] not in ("eq", "ne") or len(constants) != 1 or constants[0] is None:
            return super().visit_comparator(node, value)  # type: ignore[no-any-return, arg-type]
        (constant,) = constants
        (found,) = (self.visit(child, value) for child in operands if child["type"] != "literal")
        equal = self._equal(found, constant)
        return equal if node["value"] == "eq" else not equal

    def _equal(self, found: object, constant: object) -> bool:
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
