"""What became of requests, read where it is written: in the ledger and on the queues."""

import json
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from cancellations.adapters.aws import DynamoTable
from cancellations.adapters.expressions import item_from
from cancellations.domain import SETTLED
from cancellations.protocol import request_key
from cancellations.writes import KEY, Item, at, text
from stack import StackInfo, client
from stack.aws import pages

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)

MOST_AT_ONCE = 100
"""That DynamoDB reads by one call."""


class TookTooLong(Exception):
    """What was waited for did not come within the time."""


class Watch:
    def __init__(self, info: StackInfo) -> None:
        self._info = info
        self._dynamodb = cast("DynamoDBClient", client("dynamodb", info.aws_endpoint_url))
        self._table = DynamoTable(self._dynamodb, info.ledger_table)
        self._sqs = client("sqs", info.aws_endpoint_url)

    def request(self, request_id: str) -> Item | None:
        return self._table.read(request_key(request_id))

    def requests(self, request_ids: Sequence[str]) -> dict[str, Item]:
        """Those of them that are there, a hundred at most, by one call. It may leave some out when it is busy."""
        table, ids = self._info.ledger_table, {request_key(one): one for one in request_ids}
        keys = [{KEY: {"S": key}} for key in ids]
        answer = self._dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        items = map(item_from, answer["Responses"].get(table, []))
        return {ids[str(item[KEY])]: item for item in items}

    def settled(self, request_id: str, within: float = 30.0) -> Item:
        """The request once it has settled. Raises TookTooLong."""

        def found() -> Item | None:
            item = self.request(request_id)
            return item if item and text(item, "status") in SETTLED else None

        return until(found, within, f"request {request_id} to settle")

    def decision(self, message_id: str, within: float = 30.0) -> str:
        """What the worker's log says that became of a message which was no request. Raises TookTooLong."""
        logs = client("logs", self._info.aws_endpoint_url)
        groups = [group["logGroupName"] for group in pages(logs, "describe_log_groups", "logGroups")]
        (worker,) = (name for name in groups if name.endswith("CancelLogs"))

        def found() -> str | None:
            lines = pages(logs, "filter_log_events", "events", logGroupName=worker)
            worked = (json.loads(line["message"]) for line in lines if message_id in line["message"])
            return next((_word(line) for line in worked if "decision" in line), None)

        return until(found, within, f"message {message_id} to be worked on", pause=0.2)

    def idle(self, within: float = 30.0) -> None:
        """Returns when no message is on the queue or being worked on. Raises TookTooLong."""
        until(lambda: self.messages(self._info.queue_url) == 0 or None, within, "the queue to be empty")

    def dead_letters(self) -> int:
        return self.messages(self._info.dead_letter_queue_url) + self.messages(
            self._info.bus_dead_letter_queue_url
        )

    def messages(self, queue_url: str) -> int:
        attributes = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=list(COUNTS))
        return sum(int(attributes["Attributes"].get(name, 0)) for name in COUNTS)


def outcome(item: Item | None) -> str:
    """How a request settled, in a word or two."""
    found = at(item, ("outcome", "status")), at(item, ("outcome", "reason"))
    return ": ".join(str(part) for part in found if part) or "-"


def _word(line: dict[str, Any]) -> str:
    """What a line of the log says was decided, with the filter's name where one said no."""
    return f"{line['decision']} by {line['filter']}" if "filter" in line else str(line["decision"])


def until[T](found: Callable[[], T | None], within: float, what: str, pause: float = 0.02) -> T:
    """Asks again and again until there is an answer. Raises TookTooLong."""
    deadline = time.monotonic() + within
    while (answer := found()) is None:
        if time.monotonic() > deadline:
            raise TookTooLong(f"waited {within:.0f} s for {what}")
        time.sleep(pause)
    return answer
