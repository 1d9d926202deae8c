"""Stacks leave their logs behind; those of these tests are of no use to anybody."""

import os
import shutil
from collections.abc import Iterator

import pytest

from stack.places import CHECKOUT


@pytest.fixture(scope="session", autouse=True)
def no_logs_are_left() -> Iterator[None]:
    yield
    for kind in ("other", "ends", "runs"):  # and no other: another room's stack may still be up
        for folder in (CHECKOUT / ".local").glob(f"{kind}-{os.getpid()}*"):
            shutil.rmtree(folder)
