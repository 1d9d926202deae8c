"""The buses under contract: in memory, and EventBridge as moto and ministack play it."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from moto import mock_aws

from cancellations.adapters.aws import EventBus
from cancellations.domain import OUTCOMES
from cancellations.ports import Bus
from fakes import MemoryBus
from outcomes import as_event
from tables import client_of, ministack

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_sqs import SQSClient

type Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """A bus, and what somebody has heard who listens to our events on it, in no order."""

    bus: Bus
    events: Callable[[], list[Event]]


@contextmanager
def memory_bus() -> Iterator[Heard]:
    bus = MemoryBus()
    yield Heard(bus, lambda: [as_event(one) for one in bus.told])


@contextmanager
def moto_bus() -> Iterator[Heard]:
    with mock_aws():
        events, name = _fresh_bus(None)
        yield Heard(EventBus(events, name), list)


@contextmanager
def ministack_bus() -> Iterator[Heard]:
    """With a rule to a queue of its own, which is how the world listens."""
    events, name = _fresh_bus(ministack())
    sqs = cast("SQSClient", client_of("sqs", ministack()))
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": [OUTCOMES]}))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])

    def heard() -> list[Event]:
        found: list[Event] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return [{name: event[name] for name in ("source", "detail-type", "detail")} for event in found]

    yield Heard(EventBus(events, name), heard)


def _fresh_bus(endpoint: str | None) -> "tuple[EventBridgeClient, str]":
    events, name = cast("EventBridgeClient", client_of("events", endpoint)), f"bus-{uuid.uuid4().hex}"
    events.create_event_bus(Name=name)
    return events, name


BUSES = {"memory": memory_bus, "moto": moto_bus, "ministack": ministack_bus}

LISTENED_TO = {"memory": memory_bus, "ministack": ministack_bus}
"""Those that hand on what was put."""

STRICT_BUSES = {"memory": memory_bus, "moto": moto_bus}
"""Those that refuse an entry that is no event, and its neighbours not."""
