"""The desk at which the cases are tried."""

import sys
from pathlib import Path

import pytest

from cases.desk import Desk, Ended
from cli.main import main


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Desk:
    def cancelctl(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["cancelctl", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(ended.value.code or 0, said.out, said.err)

    return Desk(tmp_path, cancelctl)
