"""The same PATCH behind the idempotency decorator of Powertools, used as its documentation recommends.

An exception inside the function deletes the record, so that the redelivered message runs it again; the remaining time
of the invocation is registered, so that a record in progress does not outlive a function that timed out.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Protocol, Self, TypedDict, cast
from unittest.mock import patch

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    base,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.persistence import base as persistence
from aws_lambda_powertools.utilities.idempotency.persistence import datarecord, dynamodb

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from types_boto3_dynamodb import DynamoDBClient

EXPIRES_AFTER_S = 24 * 3600

BY_SESSION, BY_EVENT = "session_id", "event_id"
"""What the decorator takes for the same thing, as an expression on `Asked`."""


class Asked(TypedDict):
    session_id: str
    event_id: str
    cancel_without_email: bool


class Done(Asked):
    """What the decorator keeps of a function that succeeded."""

    status: int


class Send(Protocol):
    """One PATCH. Returns the status; raises OSError, as `requests` does, where no answer came."""

    def __call__(self, session_id: str, *, without_email: bool) -> int: ...


class NotCanceled(Exception):
    """Prevail answered with another status than 2xx."""


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context that Powertools reads. remaining: seconds until the function is stopped."""

    remaining: Callable[[], float]

    def get_remaining_time_in_millis(self) -> int:
        return int(self.remaining() * 1000)


def cancellation(key: str, client: "DynamoDBClient", context: Context, send: Send) -> Callable[[Asked], Done]:
    """The decorated function of one invocation, which runs once for each value of `key`. Raises what went wrong."""
    config = IdempotencyConfig(event_key_jmespath=key, expires_after_seconds=EXPIRES_AFTER_S)
    config.register_lambda_context(cast("LambdaContext", context))
    store = DynamoDBPersistenceLayer(table_name="idempotency", boto3_client=client)

    def cancel(*, data: Asked) -> Done:
        status = send(data["session_id"], without_email=data["cancel_without_email"])
        if status // 100 != 2:  # noqa: PLR2004 - the class of success
            raise NotCanceled(status)
        return {**data, "status": status}

    once: Callable[..., Done] = idempotent_function(
        cancel, data_keyword_argument="data", persistence_store=store, config=config
    )
    return lambda asked: once(data=asked)


@contextmanager
def told_the_time(clock: Callable[[], float]) -> Iterator[None]:
    """Powertools reads `clock`, in epoch seconds, wherever it would read the machine's."""

    class Told(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock(), tz)

    told = SimpleNamespace(datetime=Told, timedelta=dt.timedelta, date=dt.date, time=dt.time)
    with ExitStack() as stack:
        for module in (base, persistence, datarecord, dynamodb):
            stack.enter_context(patch.object(module, "dt", told))
        yield
