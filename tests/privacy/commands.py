"""`cancelctl` at the ledger of a scene, as a person at a terminal runs it."""

import sys
from dataclasses import dataclass

import pytest

from cancellations.writes import Item
from cli import cancel, guards, operators, privacy, sources
from cli.ledger import WholeLedger
from cli.main import main
from upgrades.scene import Scene

ARN = "arn:aws:sts::111122223333:assumed-role/operators/on-call"


@dataclass(frozen=True, slots=True)
class Ended:
    code: object
    out: str
    err: str


@dataclass
class Terminal:
    scene: Scene
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        for command in (cancel, guards, operators, privacy, sources):
            self.monkeypatch.setattr(command, "ledger_of", lambda *_: self.ledger)
        self.monkeypatch.setattr(operators, "caller_arn", lambda: ARN)
        self.monkeypatch.setattr("time.time", self.scene.clock)
        self.monkeypatch.setenv("LOGNAME", "somebody")

    @property
    def ledger(self) -> WholeLedger:
        return WholeLedger(self.scene.client, self.scene.table_name)

    def cancelctl(self, *arguments: str) -> Ended:
        self.monkeypatch.setattr(sys, "argv", ["cancelctl", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capsys.readouterr()
        return Ended(ended.value.code or 0, said.out, said.err)

    def log(self) -> list[Item]:
        entries = self.ledger.items("OPERATOR#")
        return sorted(entries, key=lambda entry: str(entry["pk"]))
