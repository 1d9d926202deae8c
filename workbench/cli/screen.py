"""What a person sees: progress and errors on stderr, plain lines where that is no terminal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console

_STDERR = Console(stderr=True, highlight=False, soft_wrap=True)


def error(text: str) -> None:
    _STDERR.print("error:", style="bold red", end=" ")
    _STDERR.print(text, markup=False)


def note(*lines: str) -> None:
    for line in lines:
        _STDERR.print(line, markup=False)


def moment(seconds: float) -> str:
    """Epoch seconds as people read them, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """A function to announce each step with; finished steps stay, with the time they took."""
    began = time.monotonic()
    current = ""

    def finish() -> None:
        if current and _STDERR.is_terminal:
            _STDERR.print(f"✓ {current} ({time.monotonic() - began:.1f} s)", markup=False)

    if not _STDERR.is_terminal:
        yield note
        return
    with _STDERR.status("Starting") as status:

        def announce(step: str) -> None:
            nonlocal began, current
            finish()
            began, current = time.monotonic(), step
            status.update(step)

        yield announce
        finish()
