"""Times as people and programs of others read them; inside, a time is epoch seconds."""

from datetime import UTC, datetime


def iso(seconds: float | None) -> str | None:
    """ISO 8601 in UTC to the millisecond; None where the time is not known."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")
