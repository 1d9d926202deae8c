"""A process that Lambda froze after its start and thaws elsewhere (SnapStart), under Lambda's own runtime client.

While it is frozen, everybody that it was connected to forgets it without a word: whoever writes to an old connection
waits for an answer until a deadline.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from bench import events, hosts
from bench.sandbox import Sandbox
from bench.subjects import Function, Subject
from bench.world import World
from starts import CONNECTED, a_message

pytestmark = pytest.mark.stack

COPIED = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}


@contextmanager
def thawed(subject: Subject, around: World) -> Iterator[Sandbox]:
    """What was called before it was frozen is forgotten."""
    with Sandbox(subject, around.ports, variables=COPIED) as sandbox:
        assert sandbox.snapshot
        os.kill(sandbox.pid, signal.SIGSTOP)
        around.fall_silent()
        around.forget()
        os.kill(sandbox.pid, signal.SIGCONT)
        sandbox.restore()
        yield sandbox


@pytest.mark.parametrize(("function", "connected"), CONNECTED.items())
def test_a_copy_asks_for_its_secret_anew_and_connects_anew(
    around: World, ours: Mapping[Function, Subject], function: Function, connected: set[str]
) -> None:
    with thawed(ours[function], around):
        told = around.told()
    assert told.calls == {"secretsmanager:GetSecretValue": 1}
    assert told.connections == {host: int(host in connected) for host in hosts.HOSTS}


def test_a_copys_first_message_is_settled_by_one_call(
    around: World, ours: Mapping[Function, Subject]
) -> None:
    message = a_message(around)
    with thawed(ours["cancel"], around) as sandbox:
        assert sandbox.invoke(message).answer == {"batchItemFailures": []}
        calls = around.told().calls
    assert (calls["prevail:PATCH"], calls.get("sqs:SendMessage", 0)) == (1, 0)


def test_a_copys_first_delivery_is_taken(around: World, ours: Mapping[Function, Subject]) -> None:
    with thawed(ours["receive"], around) as sandbox:
        assert sandbox.invoke(events.webhook()).answer["statusCode"] == 202
