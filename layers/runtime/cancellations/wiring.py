"""The composition root: the one place that knows every adapter and puts them together."""

import base64
import os
import random
import time
import uuid
from functools import cache

from cancellations.adapters import key_sets, metrics, threads
from cancellations.adapters.aws import (
    QUICK_CALLS,
    Aws,
    DynamoTable,
    EventBus,
    MessagesOf,
    SecretsManager,
    SqsQueue,
)
from cancellations.adapters.keyring import KeptKeyring
from cancellations.adapters.prevail import PrevailApi
from cancellations.adapters.receivers import HttpReceivers
from cancellations.adapters.secrets import (
    API_KEYS,
    CALLBACK_SECRETS,
    SIGNING_SECRETS,
    Branch,
    OrganizationKeys,
    StoredSecrets,
)
from cancellations.admission import Admission
from cancellations.announce import Announce
from cancellations.ask import Ask
from cancellations.attempt import CALL_S
from cancellations.calls import Tools
from cancellations.cancel import Cancel
from cancellations.configuration import Configuration, load_package
from cancellations.errors import ConfigurationError
from cancellations.find import Find
from cancellations.guards import Guards
from cancellations.intake import Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.notify import Notify
from cancellations.notify import faults_of as faults_of_callbacks
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
    settings, configuration = _settings(), _configuration()
    if faults := faults_of(configuration.sources.values()):
        raise ConfigurationError(faults)
    return Receive(
        configuration.sources,
        Verify(
            KeptKeyring(_stored(SIGNING_SECRETS, settings.secrets_prefix), clock),
            KeptKeyring(key_sets.fetched, clock),
            _nobodys_secret(),
        ),
        Intake(Lookup(_table())),
        _admission(),
        threads.each,
    )


@cache
def ask() -> Ask:
    """What the receive function runs for callers inside AWS, made at the first of them. Raises ConfigurationError."""
    return Ask(_configuration().organizations, _admission())


@cache
def find() -> Find:
    """What the receive function runs for callers who ask after a request. Raises ConfigurationError."""
    return Find(_table(), clock)


@cache
def wait() -> Wait:
    """What the receive function runs for senders who wait for the outcome. Raises ConfigurationError."""
    return Wait(DynamoTable(_aws().dynamodb(QUICK_CALLS), _settings().ledger_table), clock, sleep)


@cache
def work() -> Work:
    """What the cancel function runs, made once. Raises ConfigurationError."""
    settings, configuration = _settings(), _configuration()
    if settings.prevail_url:
        configuration = configuration.at_origin(settings.prevail_url)
    table, jitter = _table(), random.SystemRandom().random
    guards, pace = Guards(table, clock, jitter), Pace(table, clock, time.sleep)
    keys = OrganizationKeys(KeptKeyring(_stored(API_KEYS, settings.secrets_prefix), clock, keep_faults=False))
    cancel = Cancel(
        configuration.organizations,
        configuration.caps,
        _settlement(),
        guards,
        pace,
        Tools(keys, PrevailApi(clock, total_s=CALL_S), guards, pace, jitter, metrics.of_call),
    )
    return Work(
        tuple(configuration.sources.values()),
        settings.account,
        Intake(Lookup(table)),
        _admission(),
        cancel,
        clock,
    )


@cache
def sweep() -> Sweep:
    """What the sweep function runs, made once. Raises ConfigurationError."""
    return Sweep(_settlement())


@cache
def announce() -> Announce:
    """What the announce function runs, made once. Raises ConfigurationError."""
    return Announce(_table(), EventBus(_aws().events(), _settings().outcome_bus))


@cache
def notify() -> Notify:
    """What the notify function runs, made once. Raises ConfigurationError."""
    settings, callbacks = _settings(), _configuration().callbacks
    if faults := faults_of_callbacks(callbacks, under_test=settings.under_test):
        raise ConfigurationError(faults)
    secrets = KeptKeyring(_stored(CALLBACK_SECRETS, settings.secrets_prefix), clock, keep_faults=False)
    jitter = random.SystemRandom().random
    return Notify(callbacks, settings.account, secrets, HttpReceivers(clock), clock, jitter)


@cache
def outcomes() -> MessagesOf:
    """The queue that the notify function works on. Raises ConfigurationError."""
    return MessagesOf(_aws().sqs(), _settings().callback_queue_url)


# ── What they share: one of each in a process, made when the first of them needs it ───────────────


@cache
def _settings() -> Settings:
    return Settings.from_env(os.environ)


@cache
def _configuration() -> Configuration:
    return load_package()


@cache
def _aws() -> Aws:
    return Aws()


@cache
def _table() -> DynamoTable:
    return DynamoTable(_aws().dynamodb(), _settings().ledger_table)


@cache
def _queue() -> SqsQueue:
    return SqsQueue(_aws().sqs(), _settings().queue_url, clock)


@cache
def _ledger() -> Ledger:
    return Ledger(_table(), lambda: uuid.uuid4().hex, LEASE_S)


def _admission() -> Admission:
    return Admission(_ledger(), _queue())


def _settlement() -> Settlement:
    return Settlement(_ledger(), _queue(), clock)


def _stored(branch: Branch, prefix: str) -> StoredSecrets:
    return StoredSecrets(SecretsManager(_aws().secrets_manager()).fetch, branch, prefix)


def _nobodys_secret() -> str:
    """Random, and of the form that Standard Webhooks gives to secrets."""
    return "whsec_" + base64.b64encode(random.SystemRandom().randbytes(32)).decode()
