"""Whoever is told to end, by whatever signal, leaves things as they were."""

import signal
from types import FrameType


def end_like_ctrl_c_on_other_signals() -> None:
    """From now on SIGTERM and SIGHUP raise KeyboardInterrupt, so that every context is left in order."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
