"""A table with a stream: what the announcer gets to see of the product's own writes."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cancellations.adapters.expressions import typed
from cancellations.news import Change
from cancellations.ports import Clock
from cancellations.writes import KEY, Item, Write, text
from fakes import MemoryTable


class StreamedTable(MemoryTable):
    """`changes` are all writes that changed an item, in their order."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.changes: list[Change] = []

    def write(self, write: Write) -> Item:
        old = copy.deepcopy(self.items.get(write.key, {}))
        told = super().write(write)
        new = copy.deepcopy(self.items[write.key])
        if new != old:
            self.changes.append(Change(str(len(self.changes) + 1), self._clock(), old, new))
        return told

    def since(self, mark: int) -> list[Change]:
        return self.changes[mark:]


def record_of(change: Change) -> dict[str, Any]:
    """As Lambda hands it on."""
    key = text(change.new, KEY) or text(change.old, KEY) or ""
    images = {"OldImage": _image(change.old), "NewImage": _image(change.new)}
    told: dict[str, Any] = {
        "ApproximateCreationDateTime": change.at,
        "Keys": {KEY: {"S": key}},
        "SequenceNumber": change.sequence,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
        **{name: image for name, image in images.items() if image},
    }
    name = "INSERT" if not change.old else "MODIFY" if change.new else "REMOVE"
    return {
        "eventID": f"event-{change.sequence}",
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": told,
    }


def _image(item: Item) -> Mapping[str, Any]:
    return {name: typed(value) for name, value in item.items()}


def a_batch(*changes: Change) -> dict[str, Any]:
    return {"Records": [record_of(change) for change in changes]}


def numbered(*changes: Change) -> list[Change]:
    return [replace(change, sequence=str(place)) for place, change in enumerate(changes, start=1)]
