"""What the sweep function runs."""

from functools import cache

from cancellations.sweep import Sweep
from cancellations.wiring.requests import settlement


@cache
def sweep() -> Sweep:
    """Made when the process starts. Raises ConfigurationError."""
    return Sweep(settlement())
