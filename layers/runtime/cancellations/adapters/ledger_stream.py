"""The ledger's stream as Lambda hands it on: changes in their order, and from which of them on they come again."""

from collections.abc import Iterator, Mapping
from typing import Any

from cancellations.adapters.expressions import item_from
from cancellations.announce import Announced
from cancellations.news import Change

type Event = Mapping[str, Any]
type Response = dict[str, list[dict[str, str]]]


def changes_in(event: Event) -> Iterator[Change]:
    """Each when it is asked for: one that cannot be read must not hide those before it."""
    for record in event["Records"]:
        told = record["dynamodb"]
        yield Change(
            told["SequenceNumber"],
            float(told["ApproximateCreationDateTime"]),
            item_from(told.get("OldImage", {})),
            item_from(told.get("NewImage", {})),
        )


def response_to(announced: Announced) -> Response:
    """Partial batch response: Lambda goes back to the lowest number that it is told, and counts all before as done."""
    stopped = announced.stopped
    return {"batchItemFailures": [{"itemIdentifier": stopped.sequence}] if stopped else []}
