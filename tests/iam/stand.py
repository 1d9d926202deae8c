"""The real doors in the environment that the template gives them, on moto. Prevail is played, and so is the clock."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

import wired
from builders import (
    API_KEY,
    SIGNING_SECRET,
    AContext,
    a_bus_table,
    a_source_table,
    an_organization_table,
    door,
    some_configuration,
    some_names,
)
from cancellations.adapters.aws import DynamoTable
from cancellations.answers import answer_for
from cancellations.configuration import load_directory
from cancellations.ledger import Ledger
from cancellations.wiring.requests import LEASE_S
from fakes import Clock, MemoryReceivers, ScriptedPrevail
from house.template import template
from iam.recorder import Recorder
from iam.resolve import REGION, Stack

SECRETS = {
    "sources/acme": {"signing_secret": SIGNING_SECRET},
    "sources/clerk": {"signing_secret": SIGNING_SECRET},
    "organizations/acme-legal": {"api_key": API_KEY},
    "callbacks/acme": {"signing_secret": SIGNING_SECRET},
}


def configured(directory: Path) -> Path:
    """Every way to AWS that a configuration can choose: lookups in the ledger, a cap, a rate, lanes."""
    looked_up = {"table": True}
    return some_configuration(
        directory,
        organizations={
            "acme-legal": an_organization_table(requests_per_second=1000, concurrent_requests=1),
            "keyless": an_organization_table(secret="keyless"),
        },
        sources={
            "acme": a_source_table(callback=a_callback("acme")),
            "capped": a_source_table(secret="capped", cap_per_hour=1),
            "clerk": a_source_table(secret="clerk", lookup=looked_up, callback=a_callback("clerk")),
            "on-the-bus": a_bus_table(lookup=looked_up),
        },
    )


def a_callback(secret: str) -> dict[str, str]:
    return {"url": "https://receiver.example/outcomes", "secret": secret}


@dataclass
class Stand:
    """A test that changes what the doors meet does it here."""

    stack: Stack
    recorder: Recorder
    patch: pytest.MonkeyPatch
    clock: Clock = field(default_factory=Clock)
    prevail: ScriptedPrevail = field(default_factory=lambda: ScriptedPrevail([answer_for(200)]))

    receivers: MemoryReceivers = field(default_factory=MemoryReceivers)

    def receipt(self, queue: str) -> str:
        """Of a message that was just taken from it; the taking is not a function's."""
        sqs, url = boto3.client("sqs", REGION), self.stack.ref(queue)
        sqs.send_message(QueueUrl=url, MessageBody="a message")
        return str(sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"])

    @cached_property
    def table(self) -> DynamoTable:
        """Not a function's: what is done to it is not recorded."""
        return DynamoTable(boto3.client("dynamodb", REGION), self.stack.ref("Ledger"))

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.table, some_names(), lease_s=LEASE_S)

    def door(self, function: str) -> ModuleType:
        """A function's door in its environment, as after a cold start."""
        deployed = self.stack.of_type("AWS::Lambda::Function")[function]
        for name, value in deployed["Environment"]["Variables"].items():
            self.patch.setenv(name, value)
        wired.forget()
        with self.recorder.hearing(function):
            return door(Path(template()["Resources"][function]["Properties"]["CodeUri"]).name)

    def handle(self, function: str, module: ModuleType, event: object) -> Any:  # noqa: ANN401 - what a door answers
        with self.recorder.hearing(function):
            return module.handler(event, AContext())


@contextmanager
def a_stand() -> Iterator[Stand]:
    stack, recorder = Stack(), Recorder()
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        deploy(stack)
        recorder.listen(patch)
        stand = Stand(stack, recorder, patch)
        configuration = load_directory(configured(Path(directory)))
        for name, played in {
            "load_package": lambda **_: configuration,
            "PrevailApi": lambda *_, **__: stand.prevail,
            "HttpReceivers": lambda *_, **__: stand.receivers,
            "clock": stand.clock,
            "sleep": lambda seconds: setattr(stand.clock, "now", stand.clock.now + seconds),
        }.items():
            wired.replace(patch, name, played)
        yield stand


def deploy(stack: Stack) -> None:
    """What the template makes and moto plays, and the secrets that a person stores."""
    aws = boto3.Session(region_name=REGION)
    dynamodb, sqs, secrets = aws.client("dynamodb"), aws.client("sqs"), aws.client("secretsmanager")
    shape = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    for name, properties in stack.of_type("AWS::DynamoDB::Table").items():
        dynamodb.create_table(TableName=stack.ref(name), **{key: properties[key] for key in shape})
    for name in stack.of_type("AWS::Events::EventBus"):
        aws.client("events").create_event_bus(Name=stack.ref(name))
    for name in stack.of_type("AWS::SQS::Queue"):
        sqs.create_queue(QueueName=stack.arn(name).rsplit(":", 1)[-1])
    for name, secret in SECRETS.items():
        full = f"{stack.ref('SecretsPrefix')}/{name}"
        secrets.create_secret(Name=full, SecretString=json.dumps(secret))
