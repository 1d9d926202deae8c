"""Every metric of ours, as data: code, dashboard, alarms and docs/operations.md are held to this table by tests.

Each carries the dimension `service`, the stack's name, and at most one more, whose values are listed here. Neither
source nor organization is one: every value of a dimension is another metric to pay for, and an alarm watches one of
them, so it would be blind to the next source. Which source or request it was stands in the same line of the log.
"""

from collections.abc import Mapping
from typing import get_args

from aws_lambda_powertools.metrics import MetricUnit

from cancellations.answers import Meaning
from cancellations.domain import SETTLED, Guard
from cancellations.news import Kind
from cancellations.values import dataclass

NAMESPACE = "PrevailCancellations"

STATE_READ = "state_read"
"""In place of what an answer means: the list was read."""


@dataclass(frozen=True, slots=True)
class Measure:
    """`dimension` is the one beside `service`, with all the values it may have."""

    counts: str
    unit: MetricUnit = MetricUnit.Count
    dimension: str | None = None
    values: frozenset[str] = frozenset()


_OUTCOMES = ("outcome", SETTLED)
_GUARDS = ("guard", frozenset(get_args(Guard.__value__)))
_MEANINGS = ("meaning", frozenset((*get_args(Meaning.__value__), STATE_READ)))
_EVENTS = ("event", frozenset(get_args(Kind.__value__)))
_COUNT, _SECONDS, _MILLISECONDS = MetricUnit.Count, MetricUnit.Seconds, MetricUnit.Milliseconds

MEASURES: Mapping[str, Measure] = {
    # receive
    "RequestsAccepted": Measure("requests that are new and stored"),
    "SignaturesRefused": Measure("deliveries to a known source that could not be verified"),
    "StrangersRefused": Measure("deliveries to an address that is no source's"),
    "DeliveriesRejected": Measure(
        "verified deliveries, or items of them, that are not taken: malformed, or in conflict"
    ),
    "OldSigningSecretUsed": Measure("deliveries that were signed with a secret that is to be retired"),
    # cancel, and sweep where it gives up
    "RequestsSettled": Measure("requests that settled, each once", _COUNT, *_OUTCOMES),
    "TimeToSettle": Measure("from accepted to settled", _SECONDS, *_OUTCOMES),
    "OutcomesUnknown": Measure("attempts that may have had an effect, and looks that did not tell"),
    "RequestsHeld": Measure("times that a request was held back", _COUNT, *_GUARDS),
    "RequestsEscalated": Measure("requests that still wait in the last hour before the deposition"),
    "AccessRefused": Measure(
        "requests refused because Prevail does not permit it (401, 403, 410) or has moved (3xx)"
    ),
    "MessagesReturned": Measure("messages that come again, and end as dead letters if they come too often"),
    "PrevailCallDuration": Measure(
        "calls to Prevail; its samples are their number", _MILLISECONDS, *_MEANINGS
    ),
    # announce
    "Announced": Measure("events put on the bus of outcomes", _COUNT, *_EVENTS),
    "AnnouncementsStopped": Measure("batches of the ledger's stream that come again from where they stopped"),
    # notify
    "CallbacksTold": Measure("outcomes that a source's receiver took"),
    "CallbacksFailed": Measure("outcomes that a source's receiver did not take, each time anew"),
    # sweep
    "RequestsPutBack": Measure("requests that nobody came back for, put back on their way"),
    "RequestsNotSwept": Measure("overdue requests that could not be put back"),
}
