"""What the announce function runs."""

from functools import cache

from cancellations.adapters.aws import EventBus
from cancellations.announce import Announce
from cancellations.wiring import process


@cache
def announce() -> Announce:
    """Made when the process starts. Raises ConfigurationError."""
    return Announce(process.table(), EventBus(process.aws().events(), process.settings().outcome_bus))
