"""What a function of the bench is connected to once it has started, and an event that it then takes."""

from collections.abc import Mapping

from bench import events, hosts
from bench.subjects import Function
from bench.world import World

CONNECTED: Mapping[Function, set[str]] = {
    "receive": {hosts.SECRETS_MANAGER, hosts.DYNAMODB, hosts.SQS},
    "cancel": {hosts.SECRETS_MANAGER, hosts.DYNAMODB, hosts.PREVAIL},
}


def a_message(around: World) -> events.Event:
    """Of a request that was accepted at the door."""
    batch = events.batch(1)
    for call in batch.accepts:
        around.lay(hosts.LEDGER, call)
    return batch.event


def an_event(function: Function, around: World) -> events.Event:
    return events.webhook() if function == "receive" else a_message(around)
