"""One deployed stack for all tests. They do not meet: each names sessions and events of its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import stack
from prevail.client import Emulator
from trial.entrances import Sender
from trial.watch import Watch


@pytest.fixture(scope="session")
def info(request: pytest.FixtureRequest) -> Iterator[stack.StackInfo]:
    with stack.local_stack(stack.make_plan(name=f"e2e-{os.getpid()}")) as running:
        yield running.info
    if not request.session.testsfailed:  # else somebody wants to read its logs
        shutil.rmtree(Path(running.info.log_files["supervisor"]).parent)


@pytest.fixture(scope="session")
def prevail(info: stack.StackInfo) -> Emulator:
    return Emulator(info.prevail_url)


@pytest.fixture(scope="session")
def watch(info: stack.StackInfo) -> Watch:
    return Watch(info)


@pytest.fixture
def sender(info: stack.StackInfo) -> Sender:
    return Sender(info)
