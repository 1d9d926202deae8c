from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from duty.site import ACME, KEY, SIGNING_SECRET, Site, a_config, as_somebody, make_table, store
from prevail.client import Emulator
from prevail.server import running


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def site(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Site]:
    emulator = Emulator(url)
    emulator.reset()
    emulator.put_organization(ACME, api_key=KEY)
    with as_somebody(monkeypatch), mock_aws():
        make_table()
        store(f"organizations/{ACME}", {"api_key": KEY})
        store("sources/acme", {"signing_secret": SIGNING_SECRET})
        yield Site(emulator, a_config(tmp_path / "config"), monkeypatch, capsys)
