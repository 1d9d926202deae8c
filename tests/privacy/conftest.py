from collections.abc import Iterator

import pytest

from privacy.commands import Terminal
from upgrades.scene import a_scene


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    with a_scene() as scene:
        yield Terminal(scene, monkeypatch, capsys)
