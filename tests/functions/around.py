"""What the doors stand in: the real wiring and the shipped configuration, with every adapter in memory."""

import io
import json
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

import wired
from builders import API_KEY, door
from cancellations.answers import Answer, answer_for
from cancellations.domain import Organization, Request
from cancellations.ledger import Ledger
from cancellations.messages import request_in
from cancellations.protocol import request_key
from cancellations.source import strict_json
from cancellations.writes import Item, text
from fakes import (
    Clock,
    KnownKeys,
    MemoryBus,
    MemoryKeys,
    MemoryMessages,
    MemoryQueue,
    MemoryReceivers,
    MemoryTable,
    ScriptedPrevail,
)
from trial.senders import EVENTS

AT = 1_795_197_600.0
"""When the stories of events/ happen: 2026-11-20T18:00:00Z."""

ENVIRONMENT = {
    "ACCOUNT_ID": "000000000000",
    "LEDGER_TABLE": "ledger",
    "OUTCOME_BUS": "bus",
    "CALLBACK_QUEUE_URL": "callbacks",
    "QUEUE_URL": "queue",
    "SECRETS_PREFIX": "prevail-cancellations",
}


def story(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return told


@dataclass
class StumblingPrevail(ScriptedPrevail):
    """Answers by its script, but has an accident with one session."""

    over: str | None = None

    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        if remote_session_id == self.over:
            raise ZeroDivisionError("an accident")
        return super().cancel(organization, remote_session_id, without_email=without_email, token=token)


@dataclass
class Around:
    table: MemoryTable = field(default_factory=MemoryTable)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    bus: MemoryBus = field(default_factory=MemoryBus)
    receivers: MemoryReceivers = field(default_factory=MemoryReceivers)
    outcomes: MemoryMessages = field(default_factory=MemoryMessages)
    keys: MemoryKeys = field(default_factory=lambda: MemoryKeys({"example-legal": API_KEY}))
    secrets: KnownKeys = field(default_factory=KnownKeys)
    prevail: StumblingPrevail = field(default_factory=lambda: StumblingPrevail([answer_for(200)]))
    clock: Clock = field(default_factory=lambda: Clock(AT))
    log: io.StringIO = field(default_factory=io.StringIO)

    def accepted(self) -> Request:
        """The first request of events/queue.json, stored as the door for webhooks stores it."""
        message = strict_json.loads(story("queue")["Records"][0]["body"].encode())
        assert isinstance(message, dict)
        request = request_in(message)
        Ledger(self.table, lambda: "owner", lease_s=120).accept(request, AT)
        return request

    def request(self, request_id: str) -> Item:
        return self.table.items[request_key(request_id)]

    def settled(self, request_id: str) -> str | None:
        """The status of a request that the ledger has an outcome for."""
        return text(self.request(request_id), "status") if "outcome" in self.request(request_id) else None

    def stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """For every adapter; `monkeypatch` puts the wiring back afterwards."""
        for variable, value in ENVIRONMENT.items():
            monkeypatch.setenv(variable, value)
        adapters = {
            "Aws": NoAws(),
            "DynamoTable": self.table,
            "SqsQueue": self.queue,
            "EventBus": self.bus,
            "HttpReceivers": self.receivers,
            "MessagesOf": self.outcomes,
            "SecretsManager": NoAws(),
            "OrganizationKeys": self.keys,
            "KeptKeyring": self.secrets,
            "PrevailApi": self.prevail,
        }
        for adapter, made in adapters.items():
            wired.replace(monkeypatch, adapter, lambda *_, made=made, **__: made)
        wired.replace(monkeypatch, "clock", self.clock)
        wired.forget()

    def door(self, name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
        """A door that was loaded here."""
        self.stand_in(monkeypatch)
        module = door(name)
        monkeypatch.setattr(module.logger.registered_handler, "stream", self.log)
        return module


class NoAws:
    """Clients that nobody calls."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any client, any call
        return lambda *_: None
