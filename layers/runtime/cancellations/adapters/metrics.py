"""Counts that alarms and dashboards stand on, written into the log in the form that CloudWatch reads out of it.

Few dimensions, each with few values: a source at most, never an id.
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from cancellations.announce import Announced
from cancellations.domain import Request
from cancellations.ports import NEWEST
from cancellations.receive import Arrival
from cancellations.settlement import Postponed
from cancellations.sweep import Swept
from cancellations.work import Worked

NAMESPACE = "PrevailCancellations"


def of_arrival(result: object) -> None:
    """Whether somebody still signs with a secret that is to be retired."""
    match result:
        case Arrival(source, _, _, key) if key not in NEWEST:
            count("OldSigningSecretUsed", 1, {"source": source})


def of_work(worked: Worked) -> None:
    """Whether a deposition is about to begin whose session is still to be canceled."""
    match worked:
        case Worked(Request(source=source), Postponed(escalated=True)):
            count("RequestsEscalated", 1, {"source": source})


def of_sweep(swept: Swept) -> None:
    count("RequestsPutBack", swept.put_back)
    count("RequestsGivenUp", swept.given_up)
    count("RequestsNotSwept", len(swept.failed))


def of_announced(announced: Announced) -> None:
    """How often each thing happened, and whether the stream stands still."""
    for detail_type, number in Counter(one.detail_type for one in announced.told).items():
        count("Announced", number, {"event": detail_type})
    count("AnnouncementsStopped", 1 if announced.stopped else 0)


def count(name: str, value: int, dimensions: Mapping[str, str] | None = None) -> None:
    """What was decided stands, whether or not it can be counted."""
    with suppress(Exception), single_metric(name, MetricUnit.Count, value, namespace=NAMESPACE) as metric:
        for dimension, said in (dimensions or {}).items():
            metric.add_dimension(dimension, said)
