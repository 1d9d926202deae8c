"""SQS batches: every message on its own thread, so that a slow one holds up none, and only failures come again."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from cancellations.adapters import journal, metrics, threads
from cancellations.errors import CancellationsError

type Event = Mapping[str, Any]
type Response = dict[str, list[dict[str, str]]]

_TRACE = re.compile(r"(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)")


def seen_in(record: Mapping[str, Any], request_id: str) -> dict[str, str]:
    """What the log may say of a message before anything in it is believed. `request_id` is Lambda's.

    delivery_trace: the X-Ray trace of whoever put it on the queue; the line's own is this function's.
    """
    attributes = record.get("attributes") or {}
    seen = {
        "message_id": str(record["messageId"]),
        "lambda_request": request_id,
        "receives": str(attributes.get("ApproximateReceiveCount", "")),
    }
    traced = _TRACE.search(str(attributes.get("AWSTraceHeader", "")))
    return {**seen, "delivery_trace": traced[1]} if traced else seen


def attempted[T](logger: object, seen: Mapping[str, str], use_case: Callable[[], T]) -> T | None:
    """What came of a message; None where it comes again, which is told and counted. Raises nothing."""
    try:
        return use_case()
    except CancellationsError as error:
        journal.comes_again(logger, seen, error)
    except Exception as accident:  # noqa: BLE001 - the last line: an accident with one message must not touch its neighbours
        journal.accident(logger, seen, accident)
    metrics.of_message(seen)
    return None


def work_on(event: Event, done: Callable[[Mapping[str, Any]], bool]) -> Response:
    """Partial batch response: the messages for which `done` says no come again. `done` must not raise."""
    records = event["Records"]
    verdicts = list(threads.each(done, records))
    failed = [record["messageId"] for record, ok in zip(records, verdicts, strict=True) if not ok]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
