"""Moments and lengths of time as a person reads them."""

from datetime import UTC, datetime

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def iso(seconds: float | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def length(seconds: float) -> str:
    """In the largest unit that leaves at least two of it."""
    for unit, size in (("days", DAY_S), ("h", HOUR_S), ("min", MINUTE_S)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def seconds_of(written: str) -> float:
    """Epoch seconds of ISO 8601 as `iso` writes it."""
    return datetime.fromisoformat(written).timestamp()
