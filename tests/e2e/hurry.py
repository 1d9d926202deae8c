"""Waiting made short. What waits for a time that is noted in the ledger waits for some seconds, not for minutes.

The leases of those who died, the settling time, an open breaker and the sweep's patience end sooner: the test writes to
the ledger that they are over when nothing has moved for STANDS_STILL_S. Nobody alive holds a session that long here.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from stack import StackInfo, client
from stack.aws import pages

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

STANDS_STILL_S: Mapping[str, float] = {
    "lease_until": 20.0,
    "look_after": 20.0,
    "breaker_until": 10.0,
    "due_at": 8.0,
}
"""Seconds, by what says until when. A sweep that comes too early puts one message too many, and that does no harm."""

type Row = Mapping[str, Mapping[str, Any]]


class Hurry:
    """`sweeps`: whether a row may be overdue before its time, by its key; the others must do without the sweep."""

    def __init__(self, info: StackInfo, sweeps: Callable[[str], bool] = lambda _: True) -> None:
        self._table, self._sweeps = info.ledger_table, sweeps
        self._dynamodb = cast("DynamoDBClient", client("dynamodb", info.aws_endpoint_url))
        self._since: dict[tuple[str, ...], float] = {}

    def rows(self) -> Iterator[Row]:
        return pages(cast("Any", self._dynamodb), "scan", "Items", TableName=self._table)

    def along(self) -> bool:
        """Ends what has been waited for long enough; whether there is a request now that the sweep would find."""
        overdue = False
        for row in self.rows():
            name = _waits_for(row)
            if name and (name != "due_at" or self._sweeps(row["pk"]["S"])):
                waited = self._waited((row["pk"]["S"], name, row[name]["N"]))
                overdue |= waited > STANDS_STILL_S[name] and self._over(row, name) and name == "due_at"
        return overdue

    def _waited(self, for_what: tuple[str, ...]) -> float:
        return time.monotonic() - self._since.setdefault(for_what, time.monotonic())

    def _over(self, row: Row, name: str) -> bool:
        """It was a second ago; unless it was over before, or somebody has moved on meanwhile."""
        now = time.time()
        if float(row[name]["N"]) < now:
            return True
        with suppress(ClientError):
            self._dynamodb.update_item(
                TableName=self._table,
                Key={"pk": {"S": row["pk"]["S"]}},
                UpdateExpression="SET #waits = :over",
                ConditionExpression="#waits = :seen",
                ExpressionAttributeNames={"#waits": name},
                ExpressionAttributeValues={":over": {"N": str(now - 1)}, ":seen": {"N": row[name]["N"]}},
            )
            return True
        return False


def _waits_for(row: Row) -> str | None:
    """The attribute that says until when."""
    for name in ("due_at", "breaker_until"):
        if name in row:
            return name
    match row.get("state", {}).get("S"):
        case "in_flight":
            return "lease_until"
        case "unknown" if "look_after" in row:
            return "look_after"
    return None
