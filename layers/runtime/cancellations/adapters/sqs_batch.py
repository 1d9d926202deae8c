"""SQS batches: every message on its own thread, so that a slow one holds up none, and only failures come again."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

type Event = Mapping[str, Any]
type Response = dict[str, list[dict[str, str]]]

_threads = ThreadPoolExecutor(max_workers=10, thread_name_prefix="message")


def work_on(event: Event, done: Callable[[Mapping[str, Any]], bool]) -> Response:
    """Partial batch response: the messages for which `done` says no come again. `done` must not raise."""
    records = event["Records"]
    verdicts = list(_threads.map(done, records))
    failed = [record["messageId"] for record, ok in zip(records, verdicts, strict=True) if not ok]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
