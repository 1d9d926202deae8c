"""Processes that Lambda starts once and then copies (SnapStart): what a copy must make anew.

A copy wakes up hours later, on another machine. Guards are kept by the clock on the wall, which has gone on, and ids
come from the system. But connections lead nowhere, secrets may have been changed, and Python's generator of random
numbers, which botocore spreads its repetitions with, is the same in all copies.
"""

import random
from collections.abc import Callable
from contextlib import suppress


def after_restore(refresh: Callable[[], None]) -> None:
    """Called in a copy before its first event, if this is a process that is copied. Raises nothing."""
    with suppress(ImportError):  # Lambda's runtime brings it; nothing else does
        from snapshot_restore_py import (  # type: ignore[import-not-found]  # noqa: PLC0415 - where there is one
            register_after_restore,
        )

        register_after_restore(_restored, refresh)


def _restored(refresh: Callable[[], None]) -> None:
    random.seed()
    refresh()
