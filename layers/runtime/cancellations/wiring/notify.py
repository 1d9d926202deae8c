"""What the notify function runs. Everything here raises ConfigurationError."""

import random
from functools import cache

from cancellations.adapters.aws import QUICK_CALLS, MessagesOf
from cancellations.adapters.keyring import KeptKeyring
from cancellations.adapters.receivers import HttpReceivers
from cancellations.adapters.secrets import CALLBACK_SECRETS
from cancellations.notify import Notify
from cancellations.wiring import process
from cancellations.wiring.configured import configuration, stored


@cache
def notify() -> Notify:
    """Made when the process starts."""
    settings, callbacks, clock = process.settings(), configuration().callbacks, process.clock
    # Ten messages may ask for one secret, each after the other has asked in vain: all must be over in time.
    secrets = KeptKeyring(stored(CALLBACK_SECRETS, QUICK_CALLS), clock, keep_faults=False)
    jitter = random.SystemRandom().random
    return Notify(callbacks, settings.account, secrets, HttpReceivers(clock), clock, jitter)


@cache
def outcomes() -> MessagesOf:
    """The queue that it works on."""
    return MessagesOf(process.aws().sqs(), process.settings().callback_queue_url)
