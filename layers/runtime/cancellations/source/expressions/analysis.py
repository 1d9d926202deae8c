"""What an expression can yield over a shape: found by walking its tree with shapes in place of values.

Raises Impossible where a part can only be null, a comparison can have one result only, or two fields that may both be
missing are compared: null equals null, and a slip of the pen would cancel.
"""

import difflib
from collections.abc import Callable, Sequence

from cancellations.source.expressions import equality, functions, truth
from cancellations.source.expressions.documents import ROOT
from cancellations.source.expressions.functions import KINDS_OF_TYPE
from cancellations.source.expressions.shapes import (
    ANYTHING,
    Shape,
    either,
    element_of,
    is_open,
    kind_of,
    named,
    not_null,
    of,
    or_null,
    part_of,
)
from cancellations.source.expressions.syntax import (
    Impossible,
    Node,
    Parsed,
    as_field,
    as_text,
    is_constant,
    is_plain,
)

_BOOLEAN = of("boolean")
_LIST_OR_NULL = of("list", "null")


def yields(parsed: Parsed, over: Shape, *, decides: bool = False) -> Shape:
    """The shape of what it can find in documents of a shape.

    decides: it must not be true because a field is missing. Raises Impossible.
    """
    walk = _Walk(parsed.quoted)
    found = walk.shape(parsed.tree, over)
    if decides:
        truth.check(parsed.tree, over, walk.shape)
    return found


class _Walk:
    """Each method takes a node of one type and the shape at hand, and returns the shape of what the node finds."""

    def __init__(self, quoted: frozenset[str]) -> None:
        self._quoted = quoted

    def shape(self, node: Node, over: Shape) -> Shape:
        walk: Callable[[Node, Shape], Shape] = getattr(self, f"_{node['type']}")
        return walk(node, over)

    # ── Paths ─────────────────────────────────────────────────────────────────────────────────────

    def _identity(self, _node: Node, over: Shape) -> Shape:
        return over

    _current = _identity

    def _field(self, node: Node, over: Shape) -> Shape:
        name = node["value"]
        if "object" not in over.kinds:
            raise _no_part(over, as_field(name))
        if name in over.fields:
            found = over.fields[name]
        elif name in over.absent:
            raise Impossible(*over.absent[name])
        elif over.fault_of_name and (doubt := over.fault_of_name(name)):
            raise Impossible(*doubt)
        elif over.rest is None and not is_open(over):
            raise self._unknown(name, over)
        else:
            found = part_of(over)
        return found if over.kinds == {"object"} else or_null(found)

    def _unknown(self, name: str, over: Shape) -> Impossible:
        where = "at its root" if over.name == ROOT else "there"
        known = sorted(over.fields)
        near = next(iter(difflib.get_close_matches(name, known, n=1)), None)
        if name.lower() in ("true", "false", "null"):
            plain = f", or {name.lower()} without any quotes if that is all" if name.lower() != "null" else ""
            return Impossible(f"{name} is a field name here", f"write `{name.lower()}` in backticks{plain}")
        if name in self._quoted:
            text = f"write {as_text(name)} in single quotes for a text"
            return Impossible(
                f'"{name}" in double quotes is a field name, and {over.name} has no such field {where}', text
            )
        ways = [f"did you mean {as_field(near)}?"] if near else []
        if over.name == ROOT:
            ways.append(f"write body.{as_field(name)} for a field of the body, {as_text(name)} for a text")
        else:
            ways.append(f"it has {', '.join(map(as_field, known))}")
        return Impossible(f"{over.name} has no field {as_field(name)} {where}", "; ".join(ways))

    def _subexpression(self, node: Node, over: Shape) -> Shape:
        for child in node["children"]:
            over = self.shape(child, over)
        return over

    _pipe = _index_expression = _subexpression

    def _index(self, node: Node, over: Shape) -> Shape:
        if "list" not in over.kinds:
            raise _no_part(over, f"[{node['value']}]")
        return or_null(element_of(over))

    def _slice(self, node: Node, over: Shape) -> Shape:
        if node["children"][2] == 0:
            raise Impossible("a slice cannot have the step 0", "leave the step out")
        if "list" not in over.kinds:
            raise _no_part(over, "a slice")
        return over

    def _projection(self, node: Node, over: Shape) -> Shape:
        base, right = node["children"]
        elements = self._elements(self.shape(base, over), "[*]")
        return self._list_of(self.shape(right, elements))

    def _value_projection(self, node: Node, over: Shape) -> Shape:
        base, right = node["children"]
        found = self.shape(base, over)
        if "object" not in found.kinds:
            raise _no_part(found, "*")
        return self._list_of(self.shape(right, ANYTHING))

    def _filter_projection(self, node: Node, over: Shape) -> Shape:
        base, right, condition = node["children"]
        elements = self._elements(self.shape(base, over), "[?…]")
        self.shape(condition, elements)
        truth.check(condition, elements, self.shape)
        return self._list_of(self.shape(right, elements))

    def _flatten(self, node: Node, over: Shape) -> Shape:
        elements = self._elements(self.shape(node["children"][0], over), "[]")
        return self._list_of(element_of(elements) if elements.kinds == {"list"} else ANYTHING)

    def _elements(self, found: Shape, part: str) -> Shape:
        if "list" not in found.kinds:
            raise _no_part(found, part)
        return element_of(found)

    def _list_of(self, element: Shape) -> Shape:
        return Shape(_LIST_OR_NULL.kinds, element=not_null(element), name="a list")

    def _multi_select_list(self, node: Node, over: Shape) -> Shape:
        for child in node["children"]:
            self.shape(child, over)
        return of("list") if is_constant(node) or not over.nullable else _LIST_OR_NULL

    def _multi_select_dict(self, node: Node, over: Shape) -> Shape:
        fields = {child["value"]: self.shape(child["children"][0], over) for child in node["children"]}
        made = Shape(frozenset({"object"}), fields, name="an object made in the expression")
        return or_null(made) if over.nullable else made

    # ── Values ────────────────────────────────────────────────────────────────────────────────────

    def _literal(self, node: Node, _over: Shape) -> Shape:
        value = node["value"]
        only = frozenset({value}) if isinstance(value, str) else None
        return Shape(frozenset({kind_of(value)}), only=only, name="a constant")

    def _or_expression(self, node: Node, over: Shape) -> Shape:
        left, right = (self.shape(child, over) for child in node["children"])
        return either(not_null(left), right)

    def _and_expression(self, node: Node, over: Shape) -> Shape:
        return either(*(self.shape(child, over) for child in node["children"]))

    def _not_expression(self, node: Node, over: Shape) -> Shape:
        self.shape(node["children"][0], over)
        return _BOOLEAN

    def _comparator(self, node: Node, over: Shape) -> Shape:
        one, other = node["children"]
        for this, that in ((one, other), (other, one)):
            self._check_quotes(this, unless=that["type"] == "literal")
        left, right = self.shape(one, over), self.shape(other, over)
        if node["value"] not in ("eq", "ne"):
            for side in (left, right):
                if not side.kinds & {"number", "string"}:
                    raise Impossible(
                        f"{named(side.kinds)} is neither smaller nor larger than anything", "compare numbers"
                    )
            return of("boolean", "null") if left.nullable or right.nullable else _BOOLEAN
        equality.check((one, left), (other, right), same=node["value"] == "eq")
        return _BOOLEAN

    def _check_quotes(self, node: Node, *, unless: bool) -> None:
        """A text in double quotes is a field's name, wherever it stands in the place of a text."""
        if node["type"] == "field" and node["value"] in self._quoted and not unless:
            name = node["value"]
            raise Impossible(
                f'"{name}" in double quotes is a field name',
                f'write {as_text(name)} in single quotes for a text, @."{name}" for the field',
            )

    # ── Functions ─────────────────────────────────────────────────────────────────────────────────

    def _expref(self, _node: Node, _over: Shape) -> Shape:
        raise Impossible(
            "& is for arguments of functions only, such as sort_by(list, &field)", "leave it out"
        )

    def _function_expression(self, node: Node, over: Shape) -> Shape:
        name, arguments = node["value"], node["children"]
        signature = functions.signature_of(name, len(arguments))
        functions.check_search(name, arguments)
        found: list[Shape] = []
        for place, argument in enumerate(arguments):
            self._check_quotes(argument, unless=not is_plain(str(argument.get("value"))))
            by_reference = argument["type"] == "expref"
            found.append(
                self.shape(argument["children"][0], ANYTHING) if by_reference else self.shape(argument, over)
            )
            types = signature[min(place, len(signature) - 1)]["types"]
            if by_reference != ("expref" in types):
                raise Impossible(
                    f"{name}() takes {_types(types)} in place {place + 1}", "correct the arguments"
                )
            takes = {KINDS_OF_TYPE[each] for each in types if each in KINDS_OF_TYPE}
            if takes and not by_reference and not found[-1].kinds & takes:
                given = named(found[-1].kinds)
                raise Impossible(
                    f"{name}() takes {_types(types)} in place {place + 1}, not {given}",
                    "correct the argument",
                )
        return functions.result(name, found)


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────


def _no_part(shape: Shape, part: str) -> Impossible:
    if shape.kinds == {"boolean"}:  # !a.b reads as (!a).b
        return Impossible(f"it takes {part} of a boolean, which has no parts", "write !(a.b) for !a.b")
    return Impossible(f"it takes {part} of {named(shape.kinds)}, which has no such part", "correct the path")


def _types(types: Sequence[str]) -> str:
    return " or ".join("an expression (&field)" if each == "expref" else each for each in types)
