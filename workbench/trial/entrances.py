"""The ways into a running stack: its API, its bus, and the queue behind the bus."""

import json
from collections.abc import Mapping
from typing import Any, cast

import requests

from cancellations.adapters.aws import DynamoTable
from cancellations.lookup import entry
from stack import StackError, StackInfo, client
from stack.surroundings import ACCOUNT
from trial.calling import Caller
from trial.senders import Asked, BusEvent, Senders, Webhook

TIMEOUT_S = 120
"""Longer than any sender waits: a burst at a cold local stack starts many environments on few processors."""


class Sender:
    """Posts to the stack's API over kept connections. Not for use by several threads."""

    def __init__(self, info: StackInfo) -> None:
        self._address = f"{info.api_url}/v1/webhooks"
        self._http = requests.Session()
        self._http.trust_env = False  # loopback needs no proxy

    def post(self, sent: Webhook) -> requests.Response:
        address = f"{self._address}/{sent.source}"
        return self._http.post(address, data=sent.body, headers=dict(sent.headers), timeout=TIMEOUT_S)


def tell_sessions(info: StackInfo, sent: Webhook | BusEvent | Asked) -> None:
    """Writes into the ledger's table which sessions the sender's ids mean, where the sample wants it."""
    table = DynamoTable(cast("Any", client("dynamodb", info.aws_endpoint_url)), info.ledger_table)
    for theirs, session in sent.mapped.items():
        table.write(entry(sent.source, theirs, session))


def ask(info: StackInfo, sent: Asked) -> requests.Response:
    return Caller.of_stack(info).ask(sent.ask)


def put(info: StackInfo, sent: BusEvent) -> tuple[BusEvent, str | None]:
    """The event as it is known from now on (the bus gives it an id), and its message's id where that is known.

    Nobody but AWS may put events of `aws.…`, and the local AWS has one account: such events are put where the rule
    puts them, if it would take their like from here. Raises StackError.
    """
    if sent.event["source"].startswith("aws.") or sent.event["account"] != ACCOUNT:
        return sent, _past_the_rule(info, sent.event)
    answer = client("events", info.aws_endpoint_url).put_events(
        Entries=[
            {
                "EventBusName": info.bus_name,
                "Source": sent.event["source"],
                "DetailType": sent.event["detail-type"],
                "Detail": json.dumps(sent.event["detail"]),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise StackError(f"the bus refused the event: {answer['Entries']}")
    senders = Senders(info)
    known = {**sent.event, "id": answer["Entries"][0]["EventId"]}
    return senders.with_envelope(senders.sources[sent.source], known, sent.mapped), None


def _past_the_rule(info: StackInfo, event: Mapping[str, Any]) -> str:
    bus = client("events", info.aws_endpoint_url)
    patterns = [rule["EventPattern"] for rule in bus.list_rules(EventBusName=info.bus_name)["Rules"]]
    like = json.dumps({**event, "account": ACCOUNT})
    if not any(bus.test_event_pattern(EventPattern=pattern, Event=like)["Result"] for pattern in patterns):
        raise StackError(f"no rule of the bus takes events of {event['source']}, {event['detail-type']}")
    queue = client("sqs", info.aws_endpoint_url)
    return str(queue.send_message(QueueUrl=info.queue_url, MessageBody=json.dumps(event))["MessageId"])
