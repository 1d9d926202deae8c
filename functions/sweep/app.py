"""The door for the schedule: a tick in, what one sweep did out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cancellations.adapters import journal, metrics
from cancellations.wiring import process
from cancellations.wiring import sweep as wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(location=None)  # every line is written in one place
sweep = wiring.sweep()


def handler(_event: Mapping[str, Any], context: "LambdaContext") -> dict[str, int]:
    """Raises where the ledger cannot be read: the function's error count is how that is seen."""
    swept = sweep(lambda: context.get_remaining_time_in_millis() / 1000)
    journal.tell(logger, "swept", {"lambda_request": context.aws_request_id}, journal.of_sweep(swept))
    metrics.of_sweep(swept, process.clock())
    return {"put_back": len(swept.put_back), "given_up": len(swept.given_up), "failed": len(swept.failed)}
