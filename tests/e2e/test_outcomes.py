"""Outcomes on the bus of the deployed template, heard by a rule and a queue as any subscriber would."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

from cancellations.adapters.aws import SqsQueue
from cancellations.messages import request_from
from e2e.deliveries import a_session, a_webhook, put
from outcomes import faults_of
from prevail.client import Emulator
from stack import StackInfo, client
from stack.deploy import outputs
from trial.entrances import Sender
from trial.listening import Event, Listener, listening
from trial.watch import Watch, until

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@pytest.fixture(scope="module")
def listener(info: StackInfo) -> Iterator[Listener]:
    with listening(info) as heard:
        yield heard


def types(events: list[Event]) -> list[str]:
    return [event["detail-type"] for event in events]


def put_again(info: StackInfo, watch: Watch, request_id: str) -> None:
    """On the queue, as a sweep does: what is held for a quarter of an hour need not be waited for."""
    request = request_from(watch.request(request_id) or {})
    sqs = cast("SQSClient", client("sqs", info.aws_endpoint_url))
    SqsQueue(sqs, info.queue_url, lambda: 0.0).send(request)


def test_a_settled_request_is_heard_of_once_and_as_the_schema_says(
    info: StackInfo, prevail: Emulator, sender: Sender, listener: Listener
) -> None:
    session = a_session(prevail)
    sent, other = a_webhook(info, session), a_webhook(info, a_session(prevail))
    sender.post(sent)
    (event,) = listener.last(sent.request_id, "Session Canceled")
    assert faults_of(event) == []
    said = event["detail"]
    assert (said["remote_session_id"], said["canceled_by"], said["attempts"]) == (session, sent.request_id, 1)
    sender.post(other)
    listener.last(other.request_id, "Session Canceled")  # the stream has come past what the first left
    assert len(listener.events(sent.request_id)) == 1


def test_a_duplicate_is_no_news(
    info: StackInfo, prevail: Emulator, sender: Sender, listener: Listener, watch: Watch
) -> None:
    first, other = a_webhook(info, a_session(prevail)), a_webhook(info, a_session(prevail))
    for _ in range(3):
        sender.post(first)
        watch.settled(first.request_id)
    sender.post(other)
    listener.last(other.request_id, "Session Canceled")  # the stream has come past the duplicates
    assert types(listener.events(first.request_id)) == ["Session Canceled"]


def test_a_refused_request_is_heard_of(info: StackInfo, sender: Sender, listener: Listener) -> None:
    sent = a_webhook(info, "nobody-knows-this-one-either")
    sender.post(sent)
    (event,) = listener.last(sent.request_id, "Cancellation Refused")
    assert event["detail"]["reason"] == "not_found"


@pytest.fixture
def emptied(info: StackInfo) -> Iterator[None]:
    """Takes away what a test leaves on the queue to come again after a quarter of an hour, among other tests."""
    yield
    client("sqs", info.aws_endpoint_url).purge_queue(QueueUrl=info.queue_url)


@pytest.mark.usefixtures("emptied")
def test_a_request_that_is_held_and_goes_on_is_heard_of_in_that_order(
    info: StackInfo, prevail: Emulator, sender: Sender, listener: Listener, watch: Watch
) -> None:
    session = a_session(prevail)
    prevail.add_fault("405", session=session, count=1)
    sent = a_webhook(info, session)
    sender.post(sent)
    (held,) = listener.last(sent.request_id, "Cancellation Held")
    assert held["detail"]["held_for"] == "address_wrong"
    put_again(info, watch, sent.request_id)
    heard = listener.last(sent.request_id, "Session Canceled")
    assert types(heard) == ["Cancellation Held", "Cancellation Resumed", "Session Canceled"]
    assert [faults_of(event) for event in heard] == [[], [], []]
    revisions = [event["detail"]["revision"] for event in heard]
    assert revisions == sorted(revisions)


def patterns_to_the_worker(info: StackInfo) -> list[str]:
    """Of the rules whose target is the queue of requests."""
    bus, queue = client("events", info.aws_endpoint_url), f":{info.queue_url.rsplit('/', 1)[-1]}"
    found = []
    for rule in bus.list_rules(EventBusName=info.bus_name)["Rules"]:
        targets = bus.list_targets_by_rule(Rule=rule["Name"], EventBusName=info.bus_name)["Targets"]
        if any(target["Arn"].endswith(queue) for target in targets):
            found.append(str(rule["EventPattern"]))
    return found


def test_an_outcome_is_never_taken_for_a_cancellation(
    info: StackInfo, prevail: Emulator, sender: Sender, listener: Listener, watch: Watch
) -> None:
    """By the deployed rules, and put on the bus once more by hand."""
    sent = a_webhook(info, a_session(prevail))
    sender.post(sent)
    (event,) = listener.last(sent.request_id, "Session Canceled")
    bus = client("events", info.aws_endpoint_url)
    patterns = patterns_to_the_worker(info)
    assert patterns
    for pattern in patterns:
        assert bus.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is False
    before, letters = prevail.totals(), watch.dead_letters()
    again = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
    }
    put(info, {"EventBusName": info.bus_name, **again})
    until(lambda: len(listener.events(sent.request_id)) == 2 or None, 30, "it to be heard again")
    watch.idle()
    assert (prevail.totals().patches, watch.dead_letters()) == (before.patches, letters)


def test_nothing_had_to_be_set_aside(info: StackInfo, watch: Watch) -> None:
    assert watch.messages(outputs(info.aws_endpoint_url)["AnnounceDeadLetterQueueUrl"]) == 0
