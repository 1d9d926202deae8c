"""SQS batches: every message on its own thread, so that a slow one holds up none, and only failures come again."""

from collections.abc import Callable, Mapping
from typing import Any

from cancellations.adapters import threads

type Event = Mapping[str, Any]
type Response = dict[str, list[dict[str, str]]]


def work_on(event: Event, done: Callable[[Mapping[str, Any]], bool]) -> Response:
    """Partial batch response: the messages for which `done` says no come again. `done` must not raise."""
    records = event["Records"]
    verdicts = list(threads.each(done, records))
    failed = [record["messageId"] for record, ok in zip(records, verdicts, strict=True) if not ok]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
