from collections.abc import Iterator
from types import ModuleType

import pytest

import wired
from functions.around import Around


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Iterator[Around]:
    monkeypatch.delenv("PREVAIL_URL", raising=False)
    yield Around()
    wired.forget()


@pytest.fixture
def receive(around: Around, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return around.door("receive", monkeypatch)


@pytest.fixture
def cancel(around: Around, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return around.door("cancel", monkeypatch)


@pytest.fixture
def sweep(around: Around, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return around.door("sweep", monkeypatch)


@pytest.fixture
def announce(around: Around, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return around.door("announce", monkeypatch)


@pytest.fixture
def notify(around: Around, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return around.door("notify", monkeypatch)
