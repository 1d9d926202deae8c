"""What expressions say of a delivery that has none of the fields they name: nothing, or they would invent something.

From the fields that some expressions name, documents are made in which each of these fields is missing, while all that
leads to them is there: objects without the field, lists with one such object, empty lists.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cancellations.domain import Json
from cancellations.source.expressions.syntax import Node


@dataclass(slots=True)
class _Place:
    """A place that expressions read: its fields, and the elements if it is a list."""

    fields: dict[str, "_Place"] = field(default_factory=dict)
    element: "_Place | None" = None
    filled: bool = False

    def named(self, name: str) -> "_Place":
        return self.fields.setdefault(name, _Place())

    def of_list(self) -> "_Place":
        self.element = self.element or _Place()
        return self.element


type _Places = tuple[_Place, ...]
"""Where a part of an expression may read from; none if it makes its value itself."""

_FILLED = "what-is-asked"
"""The value of a field that is there: an id, and no word that a filter looks for."""

_EVERY = "any"
"""The field that stands for all of them, where an expression reads all."""


def documents(
    trees: Iterable[Node], roots: dict[str, Json], filled: Iterable[Node] = ()
) -> Iterator[dict[str, Json]]:
    """Documents without the fields that these trees name.

    roots: what every document has at its root. filled: trees whose fields every document has, even if others name them.
    """
    whole = _Place()
    for tree in trees:
        _Reader().read(tree, (whole,))
    yield dict(roots)
    for tree in filled:
        for place in _Reader().read(tree, (whole,)):
            place.filled = True
    for elements in (1, 0):
        made = {name: _made(place, elements) for name, place in whole.fields.items()}
        there = {name: part for name, part in made.items() if part is not None and name in roots}
        yield {**roots, **there}


def _made(place: _Place, elements: int) -> Json:
    """None for what is missing: a field that nothing is read from."""
    if place.filled:
        return _FILLED
    if place.element is not None:
        inner = _made(place.element, elements)
        return [{} if inner is None else inner] * elements
    if not place.fields:
        return None
    made = {name: _made(part, elements) for name, part in place.fields.items()}
    return {name: part for name, part in made.items() if part is not None}


class _Reader:
    """Notes what a tree reads at some places; each method returns the places of what its node finds."""

    def read(self, node: Node, at: _Places) -> _Places:
        read: Callable[[Node, _Places], _Places] = getattr(self, f"_{node['type']}", self._every_part)
        return read(node, at)

    def _every_part(self, node: Node, at: _Places) -> _Places:
        """Comparisons, negations, and what makes a value of its own."""
        for child in node["children"]:
            if isinstance(child, dict):
                self.read(child, at)
        return ()

    def _field(self, node: Node, at: _Places) -> _Places:
        return tuple(place.named(node["value"]) for place in at)

    def _identity(self, _node: Node, at: _Places) -> _Places:
        return at

    _current = _slice = _identity

    def _subexpression(self, node: Node, at: _Places) -> _Places:
        for child in node["children"]:
            at = self.read(child, at)
        return at

    _pipe = _index_expression = _subexpression

    def _index(self, _node: Node, at: _Places) -> _Places:
        return _elements(at)

    def _projection(self, node: Node, at: _Places) -> _Places:
        base, right = node["children"]
        return _list_of(self.read(right, _elements(self.read(base, at))))

    def _filter_projection(self, node: Node, at: _Places) -> _Places:
        base, right, condition = node["children"]
        elements = _elements(self.read(base, at))
        self.read(condition, elements)
        return _list_of(self.read(right, elements))

    def _value_projection(self, node: Node, at: _Places) -> _Places:
        base, right = node["children"]
        return _list_of(self.read(right, tuple(place.named(_EVERY) for place in self.read(base, at))))

    def _flatten(self, node: Node, at: _Places) -> _Places:
        return self.read(node["children"][0], at)

    def _or_expression(self, node: Node, at: _Places) -> _Places:
        return tuple(place for child in node["children"] for place in self.read(child, at))

    _and_expression = _or_expression

    def _function_expression(self, node: Node, at: _Places) -> _Places:
        values = [child for child in node["children"] if child["type"] != "expref"]
        lists = tuple(place for child in values for place in self.read(child, at))
        for child in node["children"]:
            if child["type"] == "expref":
                self.read(child["children"][0], _elements(lists))
        if node["value"] in ("sort", "sort_by", "reverse", "not_null"):
            return lists
        return _elements(lists) if node["value"] in ("max_by", "min_by") else ()


def _elements(places: _Places) -> _Places:
    return tuple(place.of_list() for place in places)


def _list_of(elements: _Places) -> _Places:
    return tuple(_Place(element=element) for element in elements)
