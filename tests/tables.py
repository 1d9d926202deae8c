"""The tables under contract: in memory and DynamoDB as moto plays it; the deployed one joins in tests/e2e."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from botocore.session import Session
from moto import mock_aws

from cancellations.adapters.aws import DynamoTable
from cancellations.ports import Table
from cancellations.writes import KEY
from fakes import MemoryTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@contextmanager
def memory_table() -> Iterator[Table]:
    yield MemoryTable()


@contextmanager
def moto_table() -> Iterator[Table]:
    with mock_aws():
        session = Session()
        session.set_credentials("testing", "testing")
        client = cast("DynamoDBClient", session.create_client("dynamodb", region_name="us-east-1"))
        client.create_table(
            TableName="ledger",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": KEY, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": KEY, "KeyType": "HASH"}],
        )
        yield DynamoTable(client, "ledger")


TABLES = {"memory": memory_table, "moto": moto_table}

ATOMIC_TABLES = {"memory": memory_table}
"""Those that judge and write in one step. In one process moto does not: two threads can both find a key new."""
