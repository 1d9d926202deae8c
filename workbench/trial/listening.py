"""A listener on a stack's bus: hears the outcomes that are announced there, as a subscriber does by a queue."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cancellations.domain import OUTCOMES
from stack import StackInfo, client
from trial.watch import until

type Event = dict[str, Any]


class Listener:
    """Hears all that is announced from when it was made; each event once for each time it came."""

    def __init__(self, info: StackInfo, queue_url: str) -> None:
        self._sqs = client("sqs", info.aws_endpoint_url)
        self._url = queue_url
        self._heard: list[Event] = []

    def events(self, request_id: str) -> list[Event]:
        """What has been heard of a request so far, in the order in which it came."""
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                self._heard.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return [event for event in self._heard if event["detail"]["request_id"] == request_id]

    def last(self, request_id: str, detail_type: str, within: float = 30.0) -> list[Event]:
        """All that was heard of a request once an event of this type is among it. Raises TookTooLong."""

        def heard() -> list[Event] | None:
            events = self.events(request_id)
            return events if detail_type in [event["detail-type"] for event in events] else None

        return until(heard, within, f"{detail_type} of request {request_id}", pause=0.1)


@contextmanager
def listening(info: StackInfo) -> Iterator[Listener]:
    """By a rule and a queue of its own, which go with it."""
    name = f"listener-{uuid.uuid4().hex[:8]}"
    events, sqs = client("events", info.aws_endpoint_url), client("sqs", info.aws_endpoint_url)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = {"Rule": name, "EventBusName": info.bus_name}
    pattern = json.dumps({"source": [OUTCOMES]})
    events.put_rule(Name=name, EventBusName=info.bus_name, EventPattern=pattern)
    events.put_targets(**rule, Targets=[{"Id": "queue", "Arn": arn}])
    try:
        yield Listener(info, url)
    finally:
        events.remove_targets(**rule, Ids=["queue"])
        events.delete_rule(Name=name, EventBusName=info.bus_name)
        sqs.delete_queue(QueueUrl=url)
