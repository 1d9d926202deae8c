"""The door for messages: an SQS batch in, each message to the use case, the failed ones out."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cancellations.adapters import journal, metrics, sqs_batch
from cancellations.wiring import cancel as wiring
from cancellations.wiring import process

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(location=None)  # every line is written in one place
work = wiring.work()  # a broken configuration ends the process here, and messages end as dead letters


def handler(event: Mapping[str, Any], context: "LambdaContext") -> sqs_batch.Response:
    """A message is acknowledged only when its request has settled or a fresh message is on the queue."""
    return sqs_batch.work_on(event, partial(done, context))


def done(context: "LambdaContext", record: Mapping[str, Any]) -> bool:
    seen = sqs_batch.seen_in(record, context.aws_request_id)
    worked = sqs_batch.attempted(
        logger,
        seen,
        lambda: work(record["body"], lambda: context.get_remaining_time_in_millis() / 1000),
    )
    if worked is None:
        return False
    journal.tell(logger, "worked", seen, journal.of_work(worked))
    metrics.of_work(worked, process.clock(), seen)
    return not worked.for_a_person
