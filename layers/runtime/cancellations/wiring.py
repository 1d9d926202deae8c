"""The composition root: the one place that knows every adapter and puts them together."""

import os
import random
import time
import uuid
from functools import cache

from cancellations.adapters.aws import Aws, DynamoTable, SecretsManager, SqsQueue
from cancellations.adapters.prevail import PrevailApi
from cancellations.adapters.secrets import OrganizationKeys, Secrets, SourceSecrets
from cancellations.cancel import Cancel
from cancellations.configuration import Configuration, load_package
from cancellations.ledger import Ledger
from cancellations.receive import Receive
from cancellations.settings import Settings
from cancellations.sweep import Sweep
from cancellations.work import Work

LEASE_S = 120.0
"""Longer than a function can run (60 s) and clocks can differ (30 s): who lost a lease has surely stopped."""

clock = time.time


@cache
def receive() -> Receive:
    """What the receive function runs, made once. Raises ConfigurationError."""
    settings, configuration, aws = Settings.from_env(os.environ), load_package(), Aws()
    return Receive(
        sources=configuration.sources,
        secrets=SourceSecrets(_secrets(aws), settings.secrets_prefix),
        ledger=_ledger(aws, settings),
        queue=SqsQueue(aws.sqs(), settings.queue_url),
        nobodys_key=random.SystemRandom().randbytes(32),
    )


@cache
def work() -> Work:
    """What the cancel function runs, made once. Raises ConfigurationError."""
    settings, aws = Settings.from_env(os.environ), Aws()
    configuration = _at_origin(load_package(), settings)
    cancel = _cancel(aws, settings, configuration)
    sources = tuple(configuration.sources.values())
    return Work(sources, settings.account, cancel.ledger, cancel, clock)


@cache
def sweep() -> Sweep:
    """What the sweep function runs, made once. Raises ConfigurationError."""
    settings, aws = Settings.from_env(os.environ), Aws()
    cancel = _cancel(aws, settings, load_package())
    return Sweep(cancel.ledger, cancel.queue, cancel, clock)


def _cancel(aws: Aws, settings: Settings, configuration: Configuration) -> Cancel:
    return Cancel(
        organizations=configuration.organizations,
        ledger=_ledger(aws, settings),
        queue=SqsQueue(aws.sqs(), settings.queue_url),
        keys=OrganizationKeys(_secrets(aws), settings.secrets_prefix),
        prevail=PrevailApi(clock),
        clock=clock,
        jitter=random.SystemRandom().random,
    )


def _at_origin(configuration: Configuration, settings: Settings) -> Configuration:
    return configuration.at_origin(settings.prevail_url) if settings.prevail_url else configuration


def _ledger(aws: Aws, settings: Settings) -> Ledger:
    return Ledger(DynamoTable(aws.dynamodb(), settings.ledger_table), lambda: uuid.uuid4().hex, LEASE_S)


def _secrets(aws: Aws) -> Secrets:
    return Secrets(SecretsManager(aws.secrets_manager()).fetch, clock)
