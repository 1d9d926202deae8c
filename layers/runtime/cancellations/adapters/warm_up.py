"""What the first event would else wait for, done while a process starts: Lambda gives it a whole processor then."""

from collections.abc import Callable, Iterable
from concurrent.futures import wait

from cancellations.adapters import threads

LONGEST_S = 2.0
"""What a start waits for. Whatever takes longer goes on beside the first event, under its own deadlines."""

type Step = Callable[[], object]


def warm_up(steps: Iterable[Step]) -> None:
    """All at once. What fails is not told: it fails again where it is needed, and is answered there."""
    wait([threads.begun(step) for step in steps], LONGEST_S)
