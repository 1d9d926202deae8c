import time
from collections.abc import Iterator

import pytest

from prevail.client import ApiCaller, Emulator
from prevail.server import running
from prevail.tokens import sign


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def emulator(url: str) -> Emulator:
    """Holds acme, globex, and initech, which has no Self-Service; no session yet."""
    emulator = Emulator(url)
    emulator.reset()
    for slug in ("acme", "globex", "initech"):
        emulator.put_organization(slug, api_key=slug * 10, self_service=slug != "initech")
    return emulator


@pytest.fixture
def acme(emulator: Emulator) -> ApiCaller:
    return ApiCaller(emulator.url, sign("acme", "acme" * 10, expires_at=time.time() + 300))


@pytest.fixture
def globex(emulator: Emulator) -> ApiCaller:
    return ApiCaller(emulator.url, sign("globex", "globex" * 10, expires_at=time.time() + 300))


@pytest.fixture
def initech(emulator: Emulator) -> ApiCaller:
    return ApiCaller(emulator.url, sign("initech", "initech" * 10, expires_at=time.time() + 300))
