"""What a process has one of, made when the first part of it needs it."""

import os
import time
from collections.abc import Callable, Sequence
from functools import cache

from cancellations.adapters.aws import Aws, DynamoTable
from cancellations.adapters.snapshots import after_restore
from cancellations.adapters.warm_up import Step, warm_up
from cancellations.settings import Settings

FEW = 3
"""So many secrets or origins are asked for at the start; of more, nobody knows which one is needed first."""

clock, sleep = time.time, time.sleep


@cache
def settings() -> Settings:
    """Raises ConfigurationError."""
    return Settings.from_env(os.environ)


@cache
def aws() -> Aws:
    return Aws()


@cache
def table() -> DynamoTable:
    return DynamoTable(aws().dynamodb(), settings().ledger_table)


def start(renew: Callable[[], None], *parts: Sequence[Step]) -> None:
    """Warms up now, and again in every copy of this process, once what it cannot go on with is renewed."""
    steps = [step for part in parts if len(part) <= FEW for step in part]

    def again() -> None:
        aws().close()
        renew()
        warm_up(steps)

    warm_up(steps)
    after_restore(again)
