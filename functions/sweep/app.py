"""The door for the schedule: a tick in, what one sweep did out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cancellations import wiring
from cancellations.adapters import journal, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
sweep = wiring.sweep()


def handler(_event: Mapping[str, Any], context: "LambdaContext") -> dict[str, int]:
    """Raises where the ledger cannot be read: the function's error count is how that is seen."""
    swept = sweep(lambda: context.get_remaining_time_in_millis() / 1000)
    done = {"put_back": swept.put_back, "given_up": swept.given_up, "failed": len(swept.failed)}
    for fault in swept.failed:
        journal.note(logger.error, "not swept", {"cause": fault})
    journal.note(logger.info, "swept", done)
    metrics.of_sweep(swept)
    return done
