"""What a copied process makes anew, with Lambda's hooks played by a module of their name."""

import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from cancellations.adapters.snapshots import after_restore

type Hook = Callable[[], None]


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Hook]:
    """What was registered, ready to be called."""
    registered: list[Hook] = []

    def register(function: Callable[..., None], *args: Any) -> None:  # noqa: ANN401 - as the original
        registered.append(lambda: function(*args))

    played = ModuleType("snapshot_restore_py")
    played.register_after_restore = register  # type: ignore[attr-defined]  # a module is filled as it is made
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", played)
    return registered


def test_nothing_is_renewed_before_a_copy_wakes_up(hooks: list[Hook]) -> None:
    renewed: list[str] = []
    after_restore(lambda: renewed.append("now"))
    assert renewed == []
    for hook in hooks:
        hook()
    assert renewed == ["now"]


def test_two_copies_draw_other_numbers(hooks: list[Hook]) -> None:
    after_restore(lambda: None)
    frozen = random.getstate()
    drawn = []
    for _ in range(2):
        random.setstate(frozen)
        for hook in hooks:
            hook()
        drawn.append(random.random())  # noqa: S311 - as botocore draws its pauses
    assert drawn[0] != drawn[1]


def test_where_nothing_is_copied_nothing_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", None)
    after_restore(lambda: None)
