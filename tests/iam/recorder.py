"""Hears every call that the product makes to AWS, and says what AWS asks the caller's role for it."""

import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import botocore.handlers
import pytest

import cancellations
from cancellations.writes import KEY
from iam.evaluator import Call
from iam.resolve import arn

if TYPE_CHECKING:
    from botocore.model import OperationModel

type Parameters = Mapping[str, Any]

PACKAGE = Path(cancellations.__file__).parent

LEADING_KEYS = "dynamodb:LeadingKeys"


# ── What an operation needs ───────────────────────────────────────────────────────────────────────


def _item(asked: Parameters, action: str) -> Iterator[Call]:
    keys = (asked["Key"][KEY]["S"],)
    yield Call(action, arn("dynamodb", f"table/{asked['TableName']}"), ((LEADING_KEYS, keys),))


def _query(asked: Parameters, action: str) -> Iterator[Call]:
    """Of an index it is the index that is asked for, and the leading key is the index's own."""
    index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
    equal = re.match(r"\s*#?\w+\s*=\s*(:\w+)", asked["KeyConditionExpression"])
    assert equal, asked["KeyConditionExpression"]
    keys = (asked["ExpressionAttributeValues"][equal[1]]["S"],)
    yield Call(action, arn("dynamodb", f"table/{asked['TableName']}{index}"), ((LEADING_KEYS, keys),))


def _message(asked: Parameters, action: str) -> Iterator[Call]:
    yield Call(action, arn("sqs", asked["QueueUrl"].rsplit("/", 1)[-1]))


def _secret(asked: Parameters, action: str) -> Iterator[Call]:
    """AWS puts a hyphen and six characters behind a secret's name; one that does not exist has none."""
    for suffix in ("-Ab1cD2", ""):
        yield Call(action, arn("secretsmanager", f"secret:{asked['SecretId']}{suffix}"))


def _events(asked: Parameters, action: str) -> Iterator[Call]:
    for entry in asked["Entries"]:
        bus = entry.get("EventBusName", "default")
        keys = (("events:source", (entry["Source"],)), ("events:detail-type", (entry["DetailType"],)))
        yield Call(action, bus if bus.startswith("arn:") else arn("events", f"event-bus/{bus}"), keys)


NEEDS: Mapping[str, tuple[str, Callable[[Parameters, str], Iterator[Call]]]] = {
    "dynamodb.GetItem": ("dynamodb:GetItem", _item),
    "dynamodb.PutItem": ("dynamodb:PutItem", _item),
    "dynamodb.Query": ("dynamodb:Query", _query),
    "dynamodb.UpdateItem": ("dynamodb:UpdateItem", _item),
    "events.PutEvents": ("events:PutEvents", _events),
    "secretsmanager.GetSecretValue": ("secretsmanager:GetSecretValue", _secret),
    "sqs.ChangeMessageVisibility": ("sqs:ChangeMessageVisibility", _message),
    "sqs.SendMessage": ("sqs:SendMessage", _message),
    "sqs.SendMessageBatch": ("sqs:SendMessage", _message),
}
"""By operation of botocore: the action, and what is asked of which resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""


def needed_for(operation: str, asked: Parameters) -> list[Call]:
    """Raises KeyError for an operation that has no row in NEEDS."""
    action, calls = NEEDS[operation]
    return list(calls(asked, action))


# ── Hearing ───────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Recorder:
    """`by`: who calls at present; None: nobody who counts. `sites`: the lines of the product on the way to a call."""

    by: str | None = None
    heard: list[tuple[str, str, Parameters]] = field(default_factory=list)
    """By whom, which operation, and what was asked."""
    sites: set[tuple[str, int]] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    """Services that do not answer."""

    def hear(self, params: Parameters, model: "OperationModel", **_: object) -> None:
        service = str(model.service_model.service_name)
        if self.by is None:
            return
        self.heard.append((self.by, f"{service}.{model.name}", dict(params)))
        for frame, line in traceback.walk_stack(None):
            file = Path(frame.f_code.co_filename)
            if file.is_relative_to(PACKAGE):
                self.sites.add((file.relative_to(PACKAGE).as_posix(), line))
        if service in self.down:
            raise botocore.exceptions.EndpointConnectionError(endpoint_url=service)

    def needed(self) -> dict[str, set[Call]]:
        """By function. Raises KeyError for an operation that has no row in NEEDS."""
        made: dict[str, set[Call]] = {}
        for by, operation, asked in self.heard:
            made.setdefault(by, set()).update(needed_for(operation, asked))
        return made

    @contextmanager
    def hearing(self, by: str) -> Iterator[None]:
        self.by = by
        try:
            yield
        finally:
            self.by = None

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on, to every session of botocore that is made."""
        handlers = [*botocore.handlers.BUILTIN_HANDLERS, ("provide-client-params", self.hear)]
        monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", handlers)
