"""What a function does while it starts, and what becomes of it where something does not answer then."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pytest

from bench import hosts
from bench.sandbox import Sandbox
from bench.subjects import Function, Subject
from bench.world import Told, World
from starts import CONNECTED, an_event

pytestmark = pytest.mark.stack

SECRET = {"secretsmanager:GetSecretValue": 1}


def started(subject: Subject, around: World) -> Told:
    around.forget()
    with Sandbox(subject, around.ports):
        return around.told()


@pytest.mark.parametrize(("function", "connected"), CONNECTED.items())
def test_a_start_fetches_its_secret_and_connects_to_all_that_an_event_needs(
    around: World, ours: Mapping[Function, Subject], function: Function, connected: set[str]
) -> None:
    told = started(ours[function], around)
    assert told.calls == SECRET
    assert told.connections == {host: int(host in connected) for host in hosts.HOSTS}


@pytest.mark.parametrize("function", ["receive", "cancel"])
def test_the_first_event_uses_what_the_start_has_opened(
    around: World, ours: Mapping[Function, Subject], function: Function
) -> None:
    around.forget()
    with Sandbox(ours[function], around.ports) as sandbox:
        opened = around.told().connections
        sandbox.invoke(an_event(function, around))
        assert around.told().connections == opened


# ── Where something does not answer ───────────────────────────────────────────────────────────────


@contextmanager
def refusing() -> Iterator[int]:
    """A port where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextmanager
def silent() -> Iterator[int]:
    """A port where connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


type Out = Callable[[], AbstractContextManager[int]]
COMES_AGAIN, TRY_AGAIN, PUT_OFF = "comes again", 503, "put off"


BECOMES: Mapping[tuple[Function, str], object] = {
    ("receive", hosts.SECRETS_MANAGER): TRY_AGAIN,
    ("receive", hosts.DYNAMODB): TRY_AGAIN,
    ("receive", hosts.SQS): TRY_AGAIN,
    ("cancel", hosts.SECRETS_MANAGER): COMES_AGAIN,
    ("cancel", hosts.DYNAMODB): COMES_AGAIN,
    ("cancel", hosts.PREVAIL): PUT_OFF,
}
"""What the first event comes to where a host does not answer."""


@pytest.mark.parametrize("out", [refusing, silent])
@pytest.mark.parametrize(("function", "host"), BECOMES)
def test_a_start_survives_whoever_does_not_answer_and_the_first_event_is_answered_as_any_other(
    around: World,
    ours: Mapping[Function, Subject],
    function: Function,
    host: str,
    out: Out,
) -> None:
    with out() as port, Sandbox(ours[function], {**around.ports, host: port}) as sandbox:
        around.forget()
        assert (
            outcome(sandbox.invoke(an_event(function, around)).answer, around.told())
            == BECOMES[function, host]
        )


def outcome(answer: dict[str, object], told: Told) -> object:
    if "statusCode" in answer:
        return answer["statusCode"]
    if answer["batchItemFailures"]:
        return COMES_AGAIN
    return PUT_OFF if told.calls.get("sqs:SendMessage") else "settled"
