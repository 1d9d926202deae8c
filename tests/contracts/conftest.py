from collections.abc import Iterator

import pytest

from builders import API_KEY
from cancellations.ledger import Ledger
from cancellations.ports import Table
from ledgers import a_ledger
from prevail.client import Emulator
from prevail.server import running
from tables import ATOMIC_TABLES, TABLES, each


@pytest.fixture(params=each(TABLES))
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    with TABLES[request.param]() as made:
        yield made


@pytest.fixture(params=each(ATOMIC_TABLES))
def atomic_table(request: pytest.FixtureRequest) -> Iterator[Table]:
    with ATOMIC_TABLES[request.param]() as made:
        yield made


@pytest.fixture
def ledger(table: Table) -> Ledger:
    return a_ledger(table)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with running() as url:
        emulator = Emulator(url)
        emulator.put_organization("acme", api_key=API_KEY)
        yield emulator
