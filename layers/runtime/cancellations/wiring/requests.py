"""The way of requests through ledger and queue, for the functions that take them further."""

import uuid
from functools import cache

from cancellations.adapters.aws import SqsQueue
from cancellations.admission import Admission
from cancellations.ledger import Ledger
from cancellations.settlement import Settlement
from cancellations.wiring import process

LEASE_S = 180.0
"""More than a function's 60 s, the settling time and clocks that differ: who lost a lease has surely stopped, and
what it sent has arrived."""


@cache
def ledger() -> Ledger:
    return Ledger(process.table(), lambda: uuid.uuid4().hex, LEASE_S)


@cache
def queue() -> SqsQueue:
    return SqsQueue(process.aws().sqs(), process.settings().queue_url, process.clock)


def admission() -> Admission:
    return Admission(ledger(), queue())


def settlement() -> Settlement:
    return Settlement(ledger(), queue(), process.clock)
