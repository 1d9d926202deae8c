"""The ledger's stream as the announcer gets it: two requests, one that has settled and one that is held."""

from collections.abc import Mapping
from typing import Any

from cancellations.adapters.expressions import typed
from cancellations.answers import answer_for
from cancellations.domain import Outcome, Request
from cancellations.protocol import requests
from cancellations.results import by_answer
from cancellations.waits import Waits
from cancellations.writes import KEY, Change, Default, Increment, Item, Put, Remove, Write, number
from trial.gallery.gateway import ACCOUNT, REGION

TOKEN = "accepted-once"  # noqa: S105 - a name of a write, and no secret


def stream_event(settled: Request, held: Request, *, at: int) -> dict[str, Any]:
    """Each as the ledger's own writes leave it; those before have been filtered out."""
    records: list[Any] = []
    for place, (request, last) in enumerate(_last_writes(settled, held, at), start=1):
        old = _after({}, requests.accept(request, token=TOKEN, now=float(at)))
        records.append(_record(f"{place:021}", at + place, old, _after(old, last)))
    return {"Records": records}


def _last_writes(settled: Request, held: Request, at: int) -> tuple[tuple[Request, Write], ...]:
    canceled = Outcome("canceled", None, settled.id, by_answer(answer_for(200)))
    return (
        (settled, requests.settle(settled, canceled, now=at + 1.0)),
        (held, requests.postpone(held, "held", waits=Waits("key_refused"), next_at=at + 122.0)),
    )


def _record(sequence: str, at: int, old: Item, new: Item) -> dict[str, Any]:
    return {
        "eventID": f"change-{sequence[-1]}",
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": float(at),
            "Keys": {KEY: typed(new[KEY])},
            "OldImage": _image(old),
            "NewImage": _image(new),
            "SequenceNumber": sequence,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ledger/stream/2026-11-20T00:00:00.000",
    }


def _image(item: Item) -> Mapping[str, Any]:
    return {name: typed(value) for name, value in item.items()}


def _after(item: Item, write: Write) -> Item:
    """Of writes that touch whole attributes, as all writes on requests do."""
    new: Item = {KEY: write.key, **item}
    for change in write.changes:
        _apply(new, change)
    return new


def _apply(item: Item, change: Change) -> None:
    name = str(change.path[0])
    match change:
        case Put(_, value):
            item[name] = value
        case Default(_, value):
            item.setdefault(name, value)
        case Increment(_, by):
            item[name] = (number(item, name) or 0) + by
        case Remove():
            item.pop(name, None)
