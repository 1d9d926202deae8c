"""The door for the ledger's stream: a batch of changes in, what is news of them on the bus, where it stopped out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cancellations.adapters import journal, ledger_stream, metrics
from cancellations.wiring import announce as wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(location=None)  # every line is written in one place
announce = wiring.announce()


def handler(event: Mapping[str, Any], context: "LambdaContext") -> ledger_stream.Response:
    """An accident raises: the whole batch comes again, halved, and what it had announced is announced once more."""
    changes = ledger_stream.changes_in(event)
    announced = announce(changes, lambda: context.get_remaining_time_in_millis() / 1000)
    seen = {"lambda_request": context.aws_request_id}
    journal.tell(logger, "announced", seen, journal.announcements(announced))
    metrics.of_announced(announced)
    return ledger_stream.response_to(announced)
