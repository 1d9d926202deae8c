"""What a process makes at its start costs every cold start: one of each, and nothing that its door does not use."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

import wired
from cancellations.adapters.aws import CALLS, QUICK_CALLS
from cancellations.configuration import Configuration, load_package
from cancellations.wiring import cancel, process, receive, sweep
from cancellations.wiring.announce import announce
from cancellations.wiring.notify import notify, outcomes
from functions.around import Around

RECEIVE: tuple[Callable[[], object], ...] = (receive.receive, receive.ask, receive.find)


@pytest.fixture
def made(around: Around, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Sessions and clients of AWS by name, and how often the configuration was read."""
    seen: Counter[str] = Counter()

    class Counted:
        def __init__(self) -> None:
            seen["session"] += 1

        def open(self, service: str) -> None:
            """No client is made for it."""

        def __getattr__(self, service: str) -> Callable[..., None]:
            return lambda calls=CALLS: seen.update([f"quick {service}" if calls is QUICK_CALLS else service])

    def loaded(**_: bool) -> Configuration:
        seen["configuration"] += 1
        return load_package()

    around.stand_in(monkeypatch)
    wired.replace(monkeypatch, "Aws", Counted)
    wired.replace(monkeypatch, "load_package", loaded)
    return seen


@pytest.mark.parametrize(
    ("parts", "clients"),
    [
        pytest.param([receive.receive], {"secrets_manager", "dynamodb", "sqs"}, id="webhooks"),
        pytest.param([receive.ask], {"dynamodb", "sqs"}, id="asks"),
        pytest.param([receive.find], {"dynamodb"}, id="questions"),
        pytest.param([receive.wait], {"quick dynamodb"}, id="waits"),
        pytest.param([cancel.work], {"secrets_manager", "dynamodb", "sqs"}, id="messages"),
        pytest.param([sweep.sweep], {"dynamodb", "sqs"}, id="sweeps"),
        pytest.param([announce], {"dynamodb", "events"}, id="changes"),
        pytest.param([notify, outcomes], {"quick secrets_manager", "sqs"}, id="outcomes"),
        pytest.param(RECEIVE, {"secrets_manager", "dynamodb", "sqs"}, id="all-that-receive-does"),
    ],
)
def test_a_process_makes_one_client_of_each_service_that_it_uses_and_of_no_other(
    made: Counter[str], parts: tuple[Callable[[], object], ...], clients: set[str]
) -> None:
    for make in (*parts, *parts):
        make()
    del made["configuration"]
    assert made == dict.fromkeys({"session", *clients}, 1)


def test_a_copy_leaves_its_connections_forgets_and_warms_up_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks: list[Callable[[], None]] = []
    done: list[str] = []

    class Connected:
        def close(self) -> None:
            done.append("left")

    monkeypatch.setattr(process, "after_restore", hooks.append)
    monkeypatch.setattr(process, "aws", Connected)
    process.start(lambda: done.append("forgot"), [lambda: done.append("warm")])
    assert done == ["warm"]
    for hook in hooks:
        hook()
    assert done == ["warm", "left", "forgot", "warm"]


def test_of_many_secrets_none_is_fetched_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[int] = []
    monkeypatch.setattr(process, "after_restore", lambda _: None)
    process.start(
        lambda: None,
        [partial(fetched.append, n) for n in range(process.FEW + 1)],
        [lambda: fetched.append(-1)],
    )
    assert fetched == [-1]


def test_a_process_reads_its_configuration_once(made: Counter[str]) -> None:
    for make in RECEIVE:
        make()
    assert made["configuration"] == 1
