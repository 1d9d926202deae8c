"""An account that is made up, Prevail's emulator on a socket, and cancelctl between the two."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.session import Session

from builders import a_request, a_source_table, an_organization_table, some_configuration, some_names
from cancellations.adapters.aws import DynamoTable
from cancellations.domain import Request
from cancellations.ledger import Ledger
from cancellations.protocol import Claim
from cancellations.writes import Write
from cli.main import main
from prevail.client import Emulator

TABLE, PREFIX, ACME = "ledger", "prevail-cancellations/dev", "acme-legal"
KEY = "Qm7tXw2LrZp9Kd4VhN8sBf3JyC6gTe5A"
SIGNING_SECRET = "whsec_h3Jk9QwX7vBn2MzL5tRc8YpD4sGf6KaE"
PASSAGE = "_make_api_call"
"""Where every operation of botocore passes."""

READING = ("Describe", "Get", "List", "Query")


@dataclass(frozen=True, slots=True)
class Ended:
    code: object
    stdout: str
    stderr: str

    @property
    def told(self) -> Any:  # noqa: ANN401 - what --json prints
        return json.loads(self.stdout)


@dataclass
class Site:
    """`operations` are the calls to AWS that commands made, by their names."""

    emulator: Emulator
    config: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    operations: list[str] = field(default_factory=list)

    def cancelctl(self, *arguments: str) -> Ended:
        with self.monkeypatch.context() as run:
            run.setattr(sys, "argv", ["cancelctl", *arguments])
            run.setattr(BaseClient, PASSAGE, self._overheard())
            with pytest.raises(SystemExit) as ended:
                main()
        said = self.capsys.readouterr()
        return Ended(ended.value.code or 0, said.out, said.err)

    def state(self, session: str, *arguments: str) -> Ended:
        return self.cancelctl("state", ACME, session, *self.table, *arguments)

    def doctor(self, *arguments: str) -> Ended:
        return self.cancelctl("doctor", *self.table, *arguments)

    @property
    def table(self) -> tuple[str, ...]:
        """How a command is told where everything is."""
        asked = ("--table", TABLE, "--secrets", PREFIX, "--config", str(self.config))
        return (*asked, "--prevail-url", self.emulator.url)

    @property
    def ledger(self) -> Ledger:
        return Ledger(DynamoTable(client("dynamodb"), TABLE), some_names(), lease_s=180)

    def write(self, write: Write) -> None:
        DynamoTable(client("dynamodb"), TABLE).write(write)

    def asked(self, session: str = "s1", **changes: object) -> Request:
        """A request that was accepted."""
        fields = {"remote_session_id": session, "accepted_at": time.time(), "event_id": session, **changes}
        request = a_request(**fields)
        self.ledger.accept(request, time.time())
        return request

    def claimed(self, request: Request, now: float | None = None) -> Claim:
        held = self.ledger.claim(request, now or time.time())
        assert isinstance(held, Claim)
        return held

    def wrote(self) -> list[str]:
        """What changed something, at AWS or at Prevail."""
        calls = [call.method for call in self.emulator.calls()]
        return [one for one in self.operations if not one.startswith(READING)] + [
            method for method in calls if method != "GET"
        ]

    def _overheard(self) -> object:
        call = getattr(BaseClient, PASSAGE)

        def overheard(aws: BaseClient, operation: str, parameters: object) -> object:
            self.operations.append(operation)
            return call(aws, operation, parameters)

        return overheard


def client(service: str) -> Any:  # noqa: ANN401 - whichever service
    return _session().create_client(service)


@cache  # it reads the whole of botocore's data
def _session() -> Session:
    return Session()


def store(name: str, value: object) -> None:
    """A text is stored as it is, all else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value)
    client("secretsmanager").create_secret(Name=f"{PREFIX}/{name}", SecretString=text)


def replace(name: str, value: object) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    client("secretsmanager").put_secret_value(SecretId=f"{PREFIX}/{name}", SecretString=text)


def a_config(folder: Path, **sources: object) -> Path:
    """One organization, and a source of signed webhooks unless others are named."""
    folder.mkdir(exist_ok=True)
    return some_configuration(
        folder,
        organizations={ACME: an_organization_table()},
        sources=sources or {"acme": a_source_table()},
    )


TABLE_PROPERTIES: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "open", "AttributeType": "S"},
        {"AttributeName": "due_at", "AttributeType": "N"},
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "open",
            "KeySchema": [
                {"AttributeName": "open", "KeyType": "HASH"},
                {"AttributeName": "due_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    "DeletionProtectionEnabled": True,
}


def make_table(**changes: object) -> None:
    tables = client("dynamodb")
    properties = {**TABLE_PROPERTIES, **changes}
    tables.create_table(
        TableName=TABLE, **{name: value for name, value in properties.items() if value is not None}
    )
    tables.update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    tables.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


@contextmanager
def as_somebody(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Signed in to an account that is made up."""
    signed_in = {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "DEFAULT_REGION": "us-east-1"}
    with monkeypatch.context() as environment:
        for name, value in signed_in.items():
            environment.setenv(f"AWS_{name}", value)
        environment.delenv("AWS_PROFILE", raising=False)
        yield


def lines(ended: Ended, *statuses: str) -> list[str]:
    """The doctor's findings of these statuses, as printed."""
    return [
        line.strip() for line in ended.stdout.splitlines() if line.split()[:1] in [[one] for one in statuses]
    ]


def secrets_in(texts: Iterable[str], canaries: Iterable[str]) -> list[str]:
    said = "\n".join(texts)
    return [canary for canary in (*canaries, "eyJ") if canary in said]
