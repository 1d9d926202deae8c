"""Which ledger a command means: that of a stack on this machine, or a table in AWS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, cast

import typer
from botocore.exceptions import BotoCoreError

import stack
from cancellations.adapters.aws import Aws, DynamoTable
from cancellations.errors import Unavailable
from cli.secrets import SIGN_IN
from stack import Refused, StackError

Name = Annotated[str | None, typer.Option("--name", help="Which stack on this machine; the default one.")]
TableName = Annotated[
    str | None, typer.Option("--table", help="Instead: a ledger's table in the AWS account you are in.")
]


def stack_of(name: str | None, table: str | None) -> stack.StackInfo | None:
    """None where a table in AWS is meant. Raises Refused where both are, StackError where no such stack runs."""
    if name and table:
        raise Refused("write --name for a stack on this machine, or --table for one in AWS, not both")
    return None if table else stack.running(name or stack.DEFAULT_NAME)


def ledger_of(name: str | None, table: str | None) -> DynamoTable:
    """Raises what `stack_of` raises, and StackError where nobody is signed in."""
    if info := stack_of(name, table):
        return DynamoTable(cast("Any", stack.client("dynamodb", info.aws_endpoint_url)), info.ledger_table)
    try:
        return DynamoTable(Aws().dynamodb(), str(table))
    except BotoCoreError as fault:  # no region, no such profile
        raise StackError(f"AWS cannot be asked: {fault} {SIGN_IN}") from fault


@contextmanager
def answering(table: str | None) -> Iterator[None]:
    """Raises StackError where the ledger does not answer."""
    try:
        yield
    except Unavailable as down:
        raise StackError(f"{down}. {SIGN_IN}" if table else str(down)) from down
