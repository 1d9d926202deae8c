"""What the receive function runs. Everything here raises ConfigurationError."""

import base64
import random
from functools import cache, partial

from cancellations.adapters import key_sets, threads
from cancellations.adapters.aws import QUICK_CALLS, DynamoTable
from cancellations.adapters.keyring import KeptKeyring
from cancellations.adapters.secrets import SIGNING_SECRETS
from cancellations.ask import Ask
from cancellations.errors import ConfigurationError
from cancellations.find import Find
from cancellations.intake import Intake
from cancellations.lookup import Lookup
from cancellations.receive import Receive
from cancellations.verify import Verify, faults_of
from cancellations.wait import Wait
from cancellations.wiring import process
from cancellations.wiring.configured import configuration, stored
from cancellations.wiring.requests import admission


@cache
def receive() -> Receive:
    """For webhooks, made when the process starts."""
    known = configuration()
    if faults := faults_of(known.sources.values()):
        raise ConfigurationError(faults)
    secrets = KeptKeyring(stored(SIGNING_SECRETS), process.clock)
    wired = Receive(
        known.sources,
        Verify(secrets, KeptKeyring(key_sets.fetched, process.clock), _nobodys_secret()),
        Intake(Lookup(process.table())),
        admission(),
        threads.each,
    )
    process.start(
        secrets.forget_all,
        [partial(process.aws().open, service) for service in ("dynamodb", "sqs")],
        [partial(secrets.of, name) for name in known.signing_secrets],
    )
    return wired


@cache
def ask() -> Ask:
    """For callers inside AWS, made at the first of them."""
    return Ask(configuration().organizations, admission())


@cache
def find() -> Find:
    """For callers who ask after a request."""
    return Find(process.table(), process.clock)


@cache
def wait() -> Wait:
    """For senders who wait for the outcome."""
    quick = DynamoTable(process.aws().dynamodb(QUICK_CALLS), process.settings().ledger_table)
    return Wait(quick, process.clock, process.sleep)


def _nobodys_secret() -> str:
    """Random, and of the form that Standard Webhooks gives to secrets."""
    return "whsec_" + base64.b64encode(random.SystemRandom().randbytes(32)).decode()
