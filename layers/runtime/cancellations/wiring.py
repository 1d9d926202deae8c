"""The composition root: the one place that knows every adapter and puts them together."""

import os
import random
import time
import uuid
from functools import cache

from cancellations.adapters.aws import Aws, DynamoTable, SecretsManager, SqsQueue
from cancellations.adapters.prevail import PrevailApi
from cancellations.adapters.secrets import OrganizationKeys, Secrets, SourceSecrets
from cancellations.cancel import CALL_S, Cancel
from cancellations.configuration import load_package
from cancellations.ledger import Ledger
from cancellations.receive import Receive
from cancellations.settings import Settings
from cancellations.settlement import Settlement
from cancellations.sweep import Sweep
from cancellations.work import Work

LEASE_S = 180.0
"""More than a function's 60 s, the settling time and clocks that differ: who lost a lease has surely stopped, and
what it sent has arrived."""

clock = time.time


@cache
def receive() -> Receive:
    """What the receive function runs, made once. Raises ConfigurationError."""
    settings, configuration, aws = Settings.from_env(os.environ), load_package(), Aws()
    return Receive(
        sources=configuration.sources,
        secrets=SourceSecrets(_secrets(aws), settings.secrets_prefix),
        ledger=_ledger(aws, settings),
        queue=SqsQueue(aws.sqs(), settings.queue_url, clock),
        nobodys_key=random.SystemRandom().randbytes(32),
    )


@cache
def work() -> Work:
    """What the cancel function runs, made once. Raises ConfigurationError."""
    settings, aws = Settings.from_env(os.environ), Aws()
    configuration = load_package()
    if settings.prevail_url:
        configuration = configuration.at_origin(settings.prevail_url)
    settlement = _settlement(aws, settings)
    cancel = Cancel(
        organizations=configuration.organizations,
        settlement=settlement,
        keys=OrganizationKeys(_secrets(aws), settings.secrets_prefix),
        prevail=PrevailApi(clock, total_s=CALL_S),
        jitter=random.SystemRandom().random,
    )
    sources = tuple(configuration.sources.values())
    return Work(sources, settings.account, settlement.ledger, settlement.queue, cancel, clock)


@cache
def sweep() -> Sweep:
    """What the sweep function runs, made once. Raises ConfigurationError."""
    settings, aws = Settings.from_env(os.environ), Aws()
    return Sweep(_settlement(aws, settings))


def _settlement(aws: Aws, settings: Settings) -> Settlement:
    return Settlement(_ledger(aws, settings), SqsQueue(aws.sqs(), settings.queue_url, clock), clock)


def _ledger(aws: Aws, settings: Settings) -> Ledger:
    return Ledger(DynamoTable(aws.dynamodb(), settings.ledger_table), lambda: uuid.uuid4().hex, LEASE_S)


def _secrets(aws: Aws) -> Secrets:
    return Secrets(SecretsManager(aws.secrets_manager()).fetch, clock)
