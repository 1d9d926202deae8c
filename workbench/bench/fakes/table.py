"""One table: conditional writes, reads, one index, and what each would cost in units."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.fakes.expressions import Path, Scene, Value, condition, update
from bench.fakes.sizes import size_of

type Item = dict[str, Value]
type Call = Mapping[str, Any]

WRITE_UNIT, READ_UNIT = 1024, 4096


class ConditionFailed(Exception):
    """`item` is the one that stood in the way, None where there is none or nobody asked for it."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("The conditional request failed")
        self.item = item


@dataclass(slots=True)
class Units:
    """Of on-demand capacity: what writes cost on the table and on its index, and what reads cost."""

    write: float = 0
    index: float = 0
    read: float = 0


@dataclass(slots=True)
class Table:
    """`index` names the attributes that put an item into the index, if it has them all."""

    key: str
    index: tuple[str, ...] = ()
    items: dict[str, Item] = field(default_factory=dict)
    units: Units = field(default_factory=Units)

    @property
    def operations(self) -> Mapping[str, Callable[[Call], dict[str, Any]]]:
        return {
            "PutItem": self.put,
            "UpdateItem": self.update,
            "DeleteItem": self.delete,
            "GetItem": self.get,
            "Query": self.query,
        }

    def put(self, call: Call) -> dict[str, Any]:
        old = self._allowed(call, call["Item"])
        return _answered(call, old, self._stored(old, dict(call["Item"])))

    def update(self, call: Call) -> dict[str, Any]:
        old = self._allowed(call, call["Key"])
        scene, changes = _scene(call, old or {}), update(call["UpdateExpression"])
        new: Item = dict(old or call["Key"])
        for path, operand in changes.sets:
            value = operand(scene)
            if value is None:
                raise ValueError("an operand that is not there")
            new = _put(new, scene.path(path), value)
        # Removals from lists come last and from the end, so that positions stay true.
        for path in sorted((scene.path(path) for path in changes.removes), key=_from_the_end, reverse=True):
            new = _removed(new, path)
        return _answered(call, old, self._stored(old, new))

    def delete(self, call: Call) -> dict[str, Any]:
        old = self._allowed(call, call["Key"])
        self._charge_write(old, None)
        self.items.pop(call["Key"][self.key]["S"], None)
        return _answered(call, old, {})

    def get(self, call: Call) -> dict[str, Any]:
        item = self.items.get(call["Key"][self.key]["S"])
        units = max(1, math.ceil(size_of(item or {}) / READ_UNIT))
        self.units.read += units if call.get("ConsistentRead") else units / 2
        return {"Item": item} if item else {}

    def query(self, call: Call) -> dict[str, Any]:
        """The index alone, by its two keys; the second is a number."""
        wanted = condition(call["KeyConditionExpression"])
        indexed = (item for item in self.items.values() if self._is_indexed(item))
        found = [item for item in indexed if wanted(_scene(call, item))]
        found.sort(key=lambda item: float(item[self.index[-1]]["N"]))
        found = found[: call.get("Limit")]
        self.units.read += max(1, math.ceil(sum(map(size_of, found)) / READ_UNIT)) / 2
        return {"Items": found, "Count": len(found)}

    def _allowed(self, call: Call, key: Mapping[str, Value]) -> Item | None:
        """The item as it stands. Raises ConditionFailed."""
        old = self.items.get(key[self.key]["S"])
        text = call.get("ConditionExpression")
        if text and not condition(text)(_scene(call, old or {})):
            self._charge_write(old, old)
            told = call.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            raise ConditionFailed(old if told else None)
        return old

    def _stored(self, old: Item | None, new: Item) -> Item:
        self._charge_write(old, new)
        self.items[new[self.key]["S"]] = new
        return new

    def _charge_write(self, old: Item | None, new: Item | None) -> None:
        self.units.write += max(_written(old), _written(new), 1)
        before, after = old if self._is_indexed(old) else None, new if self._is_indexed(new) else None
        if before and after:
            moved = any(before[name] != after[name] for name in self.index)
            if moved:
                self.units.index += _written(before) + _written(after)
            elif before != after:
                self.units.index += max(_written(before), _written(after))
        else:
            self.units.index += _written(before) + _written(after)

    def _is_indexed(self, item: Item | None) -> bool:
        return item is not None and bool(self.index) and all(name in item for name in self.index)


def _scene(call: Call, item: Item) -> Scene:
    names, values = call.get("ExpressionAttributeNames"), call.get("ExpressionAttributeValues")
    return Scene(item, names or {}, values or {})


def _answered(call: Call, old: Item | None, new: Item) -> dict[str, Any]:
    told = {"ALL_NEW": new, "ALL_OLD": old}.get(call.get("ReturnValues", "NONE"))
    return {"Attributes": told} if told else {}


def _written(item: Item | None) -> int:
    return math.ceil(size_of(item) / WRITE_UNIT) if item else 0


def _put(item: Item, path: Path, value: Value) -> Item:
    """The item with another value in one place; nothing that others hold is changed."""
    name, rest = str(path[0]), path[1:]
    return {**item, name: _put_in(item[name], rest, value) if rest else value}


def _put_in(value: Value, path: Path, new: Value) -> Value:
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        parts = list(value["L"])
        if step < len(parts):
            parts[step] = _put_in(parts[step], rest, new)
        else:
            parts.append(new)
        return {"L": parts}
    inner = value["M"]
    return {"M": {**inner, step: _put_in(inner[step], rest, new) if rest else new}}


def _from_the_end(path: Path) -> list[str]:
    return [f"{step:09}" if isinstance(step, int) else step for step in path]


def _removed(item: Item, path: Path) -> Item:
    name, rest = str(path[0]), path[1:]
    if name not in item:
        return item
    if rest:
        return {**item, name: _removed_in(item[name], rest)}
    return {other: value for other, value in item.items() if other != name}


def _removed_in(value: Value, path: Path) -> Value:
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        parts = list(value["L"])
        if step < len(parts):
            parts[step : step + 1] = [_removed_in(parts[step], rest)] if rest else []
        return {"L": parts}
    inner = dict(value["M"])
    if not rest:
        inner.pop(step, None)
    elif step in inner:
        inner[step] = _removed_in(inner[step], rest)
    return {"M": inner}
