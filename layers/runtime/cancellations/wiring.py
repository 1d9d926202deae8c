"""The composition root: the one place that knows every adapter and puts them together."""

import base64
import os
import random
import time
import uuid
from functools import cache

from cancellations.adapters import key_sets, threads
from cancellations.adapters.aws import QUICK_CALLS, Aws, DynamoTable, SecretsManager, SqsQueue
from cancellations.adapters.keyring import KeptKeyring, StoredSecrets
from cancellations.adapters.prevail import PrevailApi
from cancellations.adapters.secrets import OrganizationKeys, Secrets
from cancellations.admission import Admission
from cancellations.ask import Ask
from cancellations.attempt import CALL_S
from cancellations.calls import Tools
from cancellations.cancel import Cancel
from cancellations.configuration import load_package
from cancellations.errors import ConfigurationError
from cancellations.find import Find
from cancellations.guards import Guards
from cancellations.intake import Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.pace import Pace
from cancellations.receive import Receive
from cancellations.settings import Settings
from cancellations.settlement import Settlement
from cancellations.sweep import Sweep
from cancellations.verify import Verify, faults_of
from cancellations.wait import Wait
from cancellations.work import Work

LEASE_S = 180.0
"""More than a function's 60 s, the settling time and clocks that differ: who lost a lease has surely stopped, and
what it sent has arrived."""

clock, sleep = time.time, time.sleep


@cache
def receive() -> Receive:
    """What the receive function runs, made once. Raises ConfigurationError."""
    settings, configuration, aws = Settings.from_env(os.environ), load_package(), Aws()
    if faults := faults_of(configuration.sources.values()):
        raise ConfigurationError(faults)
    stored = StoredSecrets(SecretsManager(aws.secrets_manager()).fetch, settings.secrets_prefix)
    return Receive(
        configuration.sources,
        Verify(KeptKeyring(stored, clock), KeptKeyring(key_sets.fetched, clock), _nobodys_secret()),
        Intake(Lookup(_table(aws, settings))),
        Admission(_ledger(aws, settings), _queue(aws, settings)),
        threads.each,
    )


@cache
def ask() -> Ask:
    """What the receive function runs for callers inside AWS, made at the first of them. Raises ConfigurationError."""
    settings, configuration, aws = Settings.from_env(os.environ), load_package(), Aws()
    return Ask(configuration.organizations, Admission(_ledger(aws, settings), _queue(aws, settings)))


@cache
def find() -> Find:
    """What the receive function runs for callers who ask after a request. Raises ConfigurationError."""
    return Find(_table(Aws(), Settings.from_env(os.environ)))


@cache
def wait() -> Wait:
    """What the receive function runs for senders who wait for the outcome. Raises ConfigurationError."""
    quick = DynamoTable(Aws().dynamodb(QUICK_CALLS), Settings.from_env(os.environ).ledger_table)
    return Wait(quick, clock, sleep)


@cache
def work() -> Work:
    """What the cancel function runs, made once. Raises ConfigurationError."""
    settings, aws = Settings.from_env(os.environ), Aws()
    configuration = load_package()
    if settings.prevail_url:
        configuration = configuration.at_origin(settings.prevail_url)
    settlement = _settlement(aws, settings)
    table, jitter = _table(aws, settings), random.SystemRandom().random
    guards, pace = Guards(table, clock, jitter), Pace(table, clock, time.sleep)
    keys = OrganizationKeys(_secrets(aws), settings.secrets_prefix)
    cancel = Cancel(
        configuration.organizations,
        configuration.caps,
        settlement,
        guards,
        pace,
        Tools(keys, PrevailApi(clock, total_s=CALL_S), guards, pace, jitter),
    )
    return Work(
        tuple(configuration.sources.values()),
        settings.account,
        Intake(Lookup(table)),
        Admission(settlement.ledger, settlement.queue),
        cancel,
        clock,
    )


@cache
def sweep() -> Sweep:
    """What the sweep function runs, made once. Raises ConfigurationError."""
    settings, aws = Settings.from_env(os.environ), Aws()
    return Sweep(_settlement(aws, settings))


def _settlement(aws: Aws, settings: Settings) -> Settlement:
    return Settlement(_ledger(aws, settings), _queue(aws, settings), clock)


def _queue(aws: Aws, settings: Settings) -> SqsQueue:
    return SqsQueue(aws.sqs(), settings.queue_url, clock)


def _table(aws: Aws, settings: Settings) -> DynamoTable:
    return DynamoTable(aws.dynamodb(), settings.ledger_table)


def _ledger(aws: Aws, settings: Settings) -> Ledger:
    return Ledger(_table(aws, settings), lambda: uuid.uuid4().hex, LEASE_S)


def _secrets(aws: Aws) -> Secrets:
    return Secrets(SecretsManager(aws.secrets_manager()).fetch, clock)


def _nobodys_secret() -> str:
    """Random, and of the form that Standard Webhooks gives to secrets."""
    return "whsec_" + base64.b64encode(random.SystemRandom().randbytes(32)).decode()
