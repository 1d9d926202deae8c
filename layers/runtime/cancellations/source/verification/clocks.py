"""Timestamps as senders write them: exact forms, ASCII digits, nothing that a lenient parser would also take."""

import re
from datetime import UTC, datetime
from typing import Literal

from cancellations.errors import SignatureRefused

type Unit = Literal["s", "ms", "iso"]

_FORMS: dict[Unit, re.Pattern[str]] = {
    "s": re.compile(r"[0-9]{10}", re.ASCII),
    "ms": re.compile(r"[0-9]{13}", re.ASCII),
    "iso": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII),
}
"""Forms of one length: joined to a body without a delimiter, none can lend it a character."""

UNITS = tuple(_FORMS)


def moment(written: str, unit: Unit) -> float:
    """Epoch seconds. Raises SignatureRefused."""
    if not _FORMS[unit].fullmatch(written):
        raise SignatureRefused("the timestamp has another form")
    try:
        match unit:
            case "s":
                return float(written)
            case "ms":
                return int(written) / 1000
            case "iso":
                return datetime.fromisoformat(written).astimezone(UTC).timestamp()
    except ValueError as e:  # the thirteenth month
        raise SignatureRefused("the timestamp is no time") from e


def written(now: float, unit: Unit) -> str:
    """The same, as a sender writes it."""
    match unit:
        case "s":
            return str(int(now))
        case "ms":
            return str(int(now * 1000))
        case "iso":
            return datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
