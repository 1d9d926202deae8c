"""What is recorded is all there is: no call in the product that no drive has come by, none that is misread."""

import ast
import re
from typing import Any

import pytest

from iam.driving import recorded
from iam.evaluator import Call
from iam.recorder import LEADING_KEYS, PACKAGE, needed_for
from iam.resolve import Stack

ASKS = re.compile(r"\.(_client|_?table|_?queue)\.\w+$|\._?fetch$")
"""How a call outwards is written: of a port, or in its adapter of a client."""


def asking() -> dict[tuple[str, int, int], str]:
    """By file, first and last line."""
    found = {}
    for file in set(PACKAGE.rglob("*.py")) - set(PACKAGE.joinpath("configuration").iterdir()):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ASKS.search(said := ast.unparse(node.func)):
                place = file.relative_to(PACKAGE).as_posix(), node.lineno, node.end_lineno or node.lineno
                found[place] = said
    return found


def test_a_drive_has_come_by_every_call_in_the_product() -> None:
    assert len(asking()) > 20
    passed = recorded().sites
    unheard = [
        f"{file}:{first} {said}"
        for (file, first, last), said in asking().items()
        if not any((file, line) in passed for line in range(first, last + 1))
    ]
    assert unheard == [], "lead a function there in driving.py"


TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/t"
KEY = {"pk": {"S": "REQUEST#1"}}
QUERY = {
    "TableName": "t",
    "KeyConditionExpression": "#open = :shard AND due_at < :before",
    "ExpressionAttributeValues": {":shard": {"S": "OPEN#1"}, ":before": {"N": "1"}},
}
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
ENTRY = {"Source": "s", "DetailType": "d", "Detail": "{}"}


@pytest.mark.parametrize(
    ("operation", "asked", "action", "resource", "context"),
    [
        ("dynamodb.GetItem", {"TableName": "t", "Key": KEY}, "dynamodb:GetItem", TABLE, ("REQUEST#1",)),
        ("dynamodb.UpdateItem", {"TableName": "t", "Key": KEY}, "dynamodb:UpdateItem", TABLE, ("REQUEST#1",)),
        ("dynamodb.Query", QUERY, "dynamodb:Query", TABLE, ("OPEN#1",)),
        (
            "dynamodb.Query",
            {**QUERY, "IndexName": "open"},
            "dynamodb:Query",
            f"{TABLE}/index/open",
            ("OPEN#1",),
        ),
    ],
)
def test_an_item_is_asked_for_by_its_leading_key(
    operation: str, asked: dict[str, Any], action: str, resource: str, context: tuple[str, ...]
) -> None:
    assert needed_for(operation, asked) == [Call(action, resource, ((LEADING_KEYS, context),))]


@pytest.mark.parametrize("operation", ["SendMessage", "SendMessageBatch"])
def test_messages_are_one_action_alone_or_in_batches(operation: str) -> None:
    sent = Call("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q")
    assert needed_for(f"sqs.{operation}", {"QueueUrl": QUEUE}) == [sent]


def test_a_secret_is_asked_for_with_and_without_what_aws_puts_behind_its_name() -> None:
    asked = needed_for("secretsmanager.GetSecretValue", {"SecretId": "p/sources/acme"})
    assert [re.sub(r"-\w{6}$", "-??????", call.resource.rsplit(":", 1)[-1]) for call in asked] == [
        "p/sources/acme-??????",
        "p/sources/acme",
    ]


def test_events_are_asked_for_one_by_one() -> None:
    entries = [{**ENTRY, "EventBusName": "b"}, ENTRY]
    asked = needed_for("events.PutEvents", {"Entries": entries})
    assert [call.resource.rsplit(":", 1)[-1] for call in asked] == ["event-bus/b", "event-bus/default"]


def test_an_operation_without_a_row_is_an_error() -> None:
    with pytest.raises(KeyError):
        needed_for("dynamodb.Scan", {"TableName": "t"})


# ── The template, resolved ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Ref": "BusDetailTypes"}, ["DepositionCanceled"]),
        (
            {"Fn::GetAtt": "Ledger.Arn"},
            "arn:aws:dynamodb:us-east-1:123456789012:table/prevail-cancellations-Ledger",
        ),
        (
            {"Fn::Sub": "${Ledger.Arn}/index/open-${AWS::Region}"},
            f"{Stack().arn('Ledger')}/index/open-us-east-1",
        ),
        ({"Fn::Sub": "${!Literal}"}, "${!Literal}"),
        ({"Fn::If": ["ListensOnPartnerBus", "yes", {"Ref": "AWS::NoValue"}]}, None),
        ({"Fn::If": ["ShipsOwnConfig", "yes", "no"]}, "yes"),
        ([1, {"Fn::If": ["ListensOnPartnerBus", "yes", {"Ref": "AWS::NoValue"}]}], [1]),
    ],
)
def test_the_template_is_resolved_as_it_is_deployed(written: Any, resolved: Any) -> None:  # noqa: ANN401
    assert Stack().value({"value": written}).get("value") == resolved


def test_parameters_change_what_is_deployed() -> None:
    assert "PartnerBusToQueue" not in Stack().resources
    assert "PartnerBusToQueue" in Stack({"PartnerBusName": "partner"}).resources
