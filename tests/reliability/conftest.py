from collections.abc import Iterator

import pytest

from fakes import Clock
from prevail.client import Emulator
from prevail.server import running
from reliability.scene import Scene, a_scene


@pytest.fixture(scope="module")
def prevail() -> Iterator[tuple[Emulator, Clock]]:
    """An emulator whose clock the tests set."""
    clock = Clock()
    with running(clock=clock) as url:
        yield Emulator(url), clock


@pytest.fixture
def scene(prevail: tuple[Emulator, Clock]) -> Scene:
    emulator, clock = prevail
    clock.now = Clock.now
    emulator.reset()
    return a_scene(emulator, clock)
