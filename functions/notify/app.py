"""The door for outcomes that sources are told: an SQS batch in, each event to its receiver, the failed ones out."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cancellations.adapters import journal, metrics, sqs_batch
from cancellations.errors import Unavailable
from cancellations.wiring import notify as wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(location=None)  # every line is written in one place
notify, outcomes = wiring.notify(), wiring.outcomes()


def handler(event: Mapping[str, Any], context: "LambdaContext") -> sqs_batch.Response:
    """A message is acknowledged when its receiver has taken it, wants none, or is gone."""
    return sqs_batch.work_on(event, partial(done, context))


def done(context: "LambdaContext", record: Mapping[str, Any]) -> bool:
    seen = sqs_batch.seen_in(record, context.aws_request_id)
    notified = sqs_batch.attempted(
        logger,
        seen,
        lambda: notify(record["body"], int(record["attributes"]["ApproximateReceiveCount"])),
    )
    if notified is None:
        return False
    journal.tell(logger, "notified", seen, journal.of_notified(notified))
    metrics.of_notified(notified)
    if notified.wait is None:
        return True
    with suppress(Unavailable):  # it then comes again in the queue's own time
        outcomes.come_back(record["receiptHandle"], notified.wait)
    return False
