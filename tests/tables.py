"""The tables under contract: in memory, and DynamoDB as the benchmarks, moto and ministack play it."""

import atexit
import secrets
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from _pytest.mark import ParameterSet
from botocore.config import Config
from botocore.session import Session
from moto import mock_aws

import stack.ministack
from bench import hosts
from bench.world import World, world
from cancellations.adapters.aws import OPEN_INDEX, DynamoTable
from cancellations.ports import Table
from cancellations.writes import KEY
from fakes import MemoryTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

THREADS = 50
"""As many connections as a race has runners: who must wait for one does not race."""


@contextmanager
def memory_table() -> Iterator[Table]:
    yield MemoryTable()


@contextmanager
def moto_table() -> Iterator[Table]:
    with moto_ledger() as (client, name):
        yield DynamoTable(client, name)


@contextmanager
def moto_ledger() -> Iterator[tuple["DynamoDBClient", str]]:
    """The client too, for whoever looks at items as they are stored."""
    with mock_aws():  # every one begins with no table
        yield _dynamodb(None), _fresh_table(_dynamodb(None))


@contextmanager
def ministack_table() -> Iterator[Table]:
    client = _dynamodb(ministack())
    yield DynamoTable(client, _fresh_table(client))


@cache
def ministack() -> str:
    """The endpoint of a ministack with nothing deployed to it, which lasts as long as this process."""
    home = tempfile.TemporaryDirectory(prefix="contracts-ministack-")
    atexit.register(home.cleanup)
    mark, folder = secrets.token_hex(8), Path(home.name)
    for _ in range(stack.ports.TRIES):
        part, endpoint = stack.ministack.start(mark, folder, folder / "ministack.log")
        atexit.register(part.stop)
        if stack.ministack.wait(part, endpoint, mark):
            return endpoint
    raise RuntimeError("no free port for ministack")


@cache  # a client costs more than a test
def client_of(service: str, endpoint: str | None, roots: str | None = None) -> object:
    session = Session()
    session.set_credentials("testing", "testing")
    config = Config(max_pool_connections=THREADS, proxies={})
    return session.create_client(
        service, region_name="us-east-1", endpoint_url=endpoint, verify=roots, config=config
    )


def _dynamodb(endpoint: str | None) -> "DynamoDBClient":
    return cast("DynamoDBClient", client_of("dynamodb", endpoint))


def _fresh_table(client: "DynamoDBClient") -> str:
    name = f"ledger-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": KEY, "AttributeType": "S"},
            {"AttributeName": "open", "AttributeType": "S"},
            {"AttributeName": "due_at", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": KEY, "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": OPEN_INDEX,
                "KeySchema": [
                    {"AttributeName": "open", "KeyType": "HASH"},
                    {"AttributeName": "due_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return name


@contextmanager
def bench_table() -> Iterator[Table]:
    """As the benchmarks play it."""
    played, root = _bench()
    played.empty()
    client = client_of("dynamodb", f"https://127.0.0.1:{played.ports[hosts.DYNAMODB]}", root)
    yield DynamoTable(cast("DynamoDBClient", client), hosts.LEDGER)


@cache
def _bench() -> tuple[World, str]:
    """Fakes that last as long as this process, and the file of the root that they are signed with."""
    kept = ExitStack()
    atexit.register(kept.close)
    folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="contracts-bench-")))
    played = kept.enter_context(world(folder))
    root = folder / "root.pem"
    root.write_text(played.root_pem, encoding="ascii")
    return played, str(root)


TABLES = {
    "memory": memory_table,
    "bench": bench_table,
    "moto": moto_table,
    "ministack": ministack_table,
}

ATOMIC_TABLES = {"memory": memory_table, "ministack": ministack_table}
"""Those that judge and write in one step. In one process moto does not: two threads can both find a key new."""

ON_THE_STACK = {"ministack"}
"""Those that need a server started: left out of the quick tests."""


def each(names: Iterable[str]) -> list[ParameterSet]:
    """As parameters of tests."""
    return [pytest.param(name, marks=[pytest.mark.stack] if name in ON_THE_STACK else []) for name in names]
