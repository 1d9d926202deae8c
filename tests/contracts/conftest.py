from collections.abc import Iterator

import pytest

from cancellations.ports import Table
from tables import ATOMIC_TABLES, TABLES


@pytest.fixture(params=TABLES)
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    with TABLES[request.param]() as made:
        yield made


@pytest.fixture(params=ATOMIC_TABLES)
def atomic_table(request: pytest.FixtureRequest) -> Iterator[Table]:
    with ATOMIC_TABLES[request.param]() as made:
        yield made
