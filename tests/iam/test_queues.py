"""The queues' own policies let the bus in, keep plain HTTP out, and take nothing from the functions."""

from typing import Any

import pytest

from iam.evaluator import Call, Statement, Value, allows, listed
from iam.resolve import Stack, arn

STACK = Stack({"PartnerBusName": "partner"})
POLICIES = STACK.of_type("AWS::SQS::QueuePolicy").values()
QUEUES = sorted(STACK.of_type("AWS::SQS::Queue"))
BUS = "events.amazonaws.com"
OURS = [STACK.arn("BusToQueue"), STACK.arn("PartnerBusToQueue")]
STRANGERS = [
    arn("events", "rule/another"),
    OURS[0].replace("123456789012", "999999999999"),
    OURS[0].replace("us-east-1", "eu-west-1"),
    f"{OURS[0]}-2",
]


def said_of(queue: str, service: str | None) -> list[Statement]:
    """What a queue's policy says of a service, or of a principal of the account; a Principal is not an evaluator's."""
    url = STACK.ref(queue)
    return [
        {element: said for element, said in statement.items() if element != "Principal"}
        for policy in POLICIES
        if url in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
        if _means(statement["Principal"], service)
    ]


def _means(principal: Any, service: str | None) -> bool:  # noqa: ANN401 - "*", or a kind and who
    return principal == "*" or service in listed(principal.get("Service", []))


def put_on(queue: str, rule: str, *, tls: bool = True) -> Call:
    context: tuple[tuple[str, Value], ...] = (
        ("aws:SourceArn", rule),
        ("aws:SecureTransport", str(tls).lower()),
    )
    return Call("sqs:SendMessage", STACK.arn(queue), context)


@pytest.mark.parametrize("queue", ["Queue", "BusDeadLetters"])
@pytest.mark.parametrize("rule", OURS)
def test_our_rules_put_events_on_their_queues(queue: str, rule: str) -> None:
    assert allows(said_of(queue, BUS), put_on(queue, rule))
    assert not allows(said_of(queue, BUS), put_on(queue, rule, tls=False))


@pytest.mark.parametrize("queue", ["Callbacks", "BusDeadLetters"])
def test_outcomes_are_put_on_the_queue_of_callbacks_and_on_no_other(queue: str) -> None:
    outcomes = STACK.arn("OutcomesToCallbacks")
    assert allows(said_of(queue, BUS), put_on(queue, outcomes))
    assert not allows(said_of(queue, BUS), put_on(queue, outcomes, tls=False))
    assert not allows(said_of("Queue", BUS), put_on("Queue", outcomes))
    assert not any(allows(said_of("Callbacks", BUS), put_on("Callbacks", rule)) for rule in OURS)


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("rule", STRANGERS)
def test_rules_of_others_put_nothing_on_a_queue(queue: str, rule: str) -> None:
    assert not allows(said_of(queue, BUS), put_on(queue, rule))


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("action", ["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"])
def test_a_queue_refuses_whom_a_role_allows_without_tls_only(queue: str, action: str) -> None:
    role: Statement = {"Effect": "Allow", "Action": f"sqs:{action}", "Resource": STACK.arn(queue)}
    for tls in (True, False):
        call = Call(f"sqs:{action}", STACK.arn(queue), (("aws:SecureTransport", str(tls).lower()),))
        assert allows([role, *said_of(queue, None)], call) == tls
