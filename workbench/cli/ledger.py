"""Which ledger a command means: that of a stack on this machine, or a table in AWS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from botocore.exceptions import BotoCoreError, ClientError

import stack
from cancellations.adapters.aws import Aws, DynamoTable
from cancellations.adapters.expressions import item_from
from cancellations.errors import Unavailable
from cancellations.writes import Item
from oncall.deployment import SIGN_IN
from stack import Refused, StackError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Name = Annotated[str | None, typer.Option("--name", help="Which stack on this machine; the default one.")]
TableName = Annotated[
    str | None, typer.Option("--table", help="Instead: a ledger's table in the AWS account you are in.")
]


class WholeLedger(DynamoTable):
    """A ledger that a person may read from one end to the other; no function of ours may."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        super().__init__(client, name)
        self._pages = client.get_paginator("scan")
        self._table_name = name

    def items(self, prefix: str = "") -> Iterator[Item]:
        """Every record whose key begins so, in no order. Reads, and pays for, the whole table. Raises Unavailable."""
        only: dict[str, Any] = {"TableName": self._table_name, "ConsistentRead": True}
        if prefix:
            only |= {
                "FilterExpression": "begins_with(pk, :prefix)",
                "ExpressionAttributeValues": {":prefix": {"S": prefix}},
            }
        try:
            for page in self._pages.paginate(**only):
                yield from map(item_from, page["Items"])
        except (BotoCoreError, ClientError) as e:
            raise Unavailable(f"the ledger's table cannot be read to its end: {e}") from e


def stack_of(name: str | None, table: str | None) -> stack.StackInfo | None:
    """None where a table in AWS is meant. Raises Refused where both are, StackError where no such stack runs."""
    if name and table:
        raise Refused("write --name for a stack on this machine, or --table for one in AWS, not both")
    return None if table else stack.running(name or stack.DEFAULT_NAME)


def ledger_of(name: str | None, table: str | None) -> WholeLedger:
    """Raises what `stack_of` raises, and StackError where nobody is signed in."""
    if info := stack_of(name, table):
        return WholeLedger(cast("Any", stack.client("dynamodb", info.aws_endpoint_url)), info.ledger_table)
    try:
        return WholeLedger(Aws().dynamodb(), str(table))
    except BotoCoreError as fault:  # no region, no such profile
        raise StackError(f"AWS cannot be asked: {fault} {SIGN_IN}") from fault


@contextmanager
def answering(table: str | None) -> Iterator[None]:
    """Raises StackError where the ledger does not answer."""
    try:
        yield
    except Unavailable as down:
        raise StackError(f"{down}. {SIGN_IN}" if table else str(down)) from down
