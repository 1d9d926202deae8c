from collections.abc import Iterator

import pytest

from undocumented.emulated import Site, site


@pytest.fixture(scope="module")
def emulated() -> Iterator[Site]:
    with site() as made:
        yield made
