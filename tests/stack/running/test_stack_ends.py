"""However a stack ends, nothing of it is left running or listening."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import stack
from stack.places import StateFolder
from stack.processes import marked
from stack.record import Record

CANCELCTL = Path(sys.executable).with_name("cancelctl")
NAME = f"ends-{os.getpid()}"


def cancelctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CANCELCTL, "local", *arguments, "--name", NAME],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def eventually(fact: Callable[[], object], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not fact():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def listens(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) == 0


@dataclass(frozen=True, slots=True)
class Up:
    """A stack that runs, and what is to be gone when it has ended."""

    info: stack.StackInfo
    mark: str
    home: Path
    command: subprocess.Popen[str] | None = None

    @classmethod
    def now(cls, command: subprocess.Popen[str] | None = None) -> "Up":
        record = Record.read(StateFolder(NAME))
        assert record
        up = cls(stack.running(NAME), record.mark, Path(record.home), command)
        assert up.listening() == [True, True]
        assert len(list(marked(up.mark))) >= 5  # two guards, ministack, the emulator and a function's worker
        return up

    def listening(self) -> list[bool]:
        return [listens(self.info.aws_endpoint_url), listens(self.info.prevail_url)]

    def is_gone(self) -> bool:
        return not list(marked(self.mark)) and self.listening() == [False, False]

    def kill(self, part: str, number: int = signal.SIGKILL) -> None:
        os.kill(self.info.pids[part], number)


@pytest.fixture
def detached() -> Iterator[Up]:
    started = cancelctl("up", "--detach", "--json")
    assert started.returncode == 0, started.stderr
    up = Up.now()
    assert json.loads(started.stdout) == json.loads(up.info.as_json())
    yield up
    stack.stop(NAME)


def started(*arguments: str) -> subprocess.Popen[str]:
    """Heeds interrupts even where the tests themselves run in the background, whose children would ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [CANCELCTL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def foreground() -> Iterator[Up]:
    with started("local", "up", "--name", NAME, "--json") as command:
        eventually(lambda: StateFolder(NAME).info.exists() or command.poll() is not None, within=120)
        yield Up.now(command)
        command.kill()
    stack.stop(NAME)


def ended(up: Up) -> tuple[int, str]:
    assert up.command
    _, stderr = up.command.communicate(timeout=30)
    return up.command.returncode, stderr


def test_down_ends_it_all(detached: Up) -> None:
    assert cancelctl("down").returncode == 0
    assert detached.is_gone()
    assert not detached.home.exists()
    assert not StateFolder(NAME).info.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_stack_in_the_foreground(foreground: Up, number: signal.Signals) -> None:
    assert foreground.command
    foreground.command.send_signal(number)
    code, _ = ended(foreground)
    assert code == 0
    assert foreground.is_gone()


def test_killing_the_command_ends_a_stack_in_the_foreground(foreground: Up) -> None:
    assert foreground.command
    foreground.command.kill()
    eventually(foreground.is_gone)
    eventually(lambda: not foreground.home.exists())


def test_a_stack_in_the_foreground_can_be_stopped_from_elsewhere(foreground: Up) -> None:
    assert cancelctl("down").returncode == 0
    code, _ = ended(foreground)
    assert code == 0
    assert foreground.is_gone()


@pytest.mark.parametrize("part", ["ministack", "emulator"])
def test_a_crash_ends_the_rest_and_is_reported(foreground: Up, part: str) -> None:
    foreground.kill(part)
    code, stderr = ended(foreground)
    assert code == 1
    assert f"{part} ended unexpectedly" in stderr
    assert foreground.is_gone()


def test_a_crash_behind_ones_back_is_reported_by_info(detached: Up) -> None:
    detached.kill("emulator")
    eventually(detached.is_gone)
    eventually(lambda: not StateFolder(NAME).record.exists())
    asked = cancelctl("info")
    assert asked.returncode == 1
    assert "emulator ended unexpectedly" in asked.stderr


def test_killing_the_supervisor_leaves_nothing_running(foreground: Up) -> None:
    foreground.kill("supervisor")
    code, stderr = ended(foreground)
    assert code == 1
    assert "the supervisor was killed" in stderr
    eventually(foreground.is_gone)


def test_the_next_stack_is_not_blocked_by_a_killed_one(detached: Up) -> None:
    detached.kill("supervisor")
    eventually(detached.is_gone)
    assert cancelctl("up", "--detach").returncode == 0
    assert not detached.home.exists()


def test_a_frozen_supervisor_does_not_survive_down(detached: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stack.lifecycle._STOP_WITHIN", 1.0)
    detached.kill("supervisor", signal.SIGSTOP)
    assert stack.stop(NAME)
    assert detached.is_gone()


def test_an_interrupt_while_starting_leaves_nothing() -> None:
    command = started("local", "up", "--detach", "--name", NAME)
    eventually(lambda: (record := Record.read(StateFolder(NAME))) and len(record.parts) == 2)
    record = Record.read(StateFolder(NAME))
    assert record
    command.send_signal(signal.SIGINT)
    _, stderr = command.communicate(timeout=30)
    assert command.returncode == 1
    assert "nothing is left running" in stderr
    assert not list(marked(record.mark))
    assert not Path(record.home).exists()
