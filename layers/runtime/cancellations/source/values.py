"""What values of a delivery must look like to be believed. Every check raises Malformed and repeats no value."""

import hashlib
import json
import re
from datetime import datetime

from cancellations.errors import Malformed

SESSION_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", re.ASCII)
"""One path segment, never `.` or `..`. Prevail documents no alphabet; its examples use letters, `_` and `-`."""

EVENT_ID = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,254}[\x21-\x7e])?", re.ASCII)
MAX_EVENT_ID_CHARS = 256

MAX_NOTE_CHARS = 500
"""Bound of texts that only describe a request; what is longer is cut, never refused."""

MAX_TIME = 32_503_680_000
"""The year 3000; what is later is milliseconds, or nonsense."""


def session_id(value: object) -> str:
    return _matching(SESSION_ID, value, "remote_session_id")


def event_id(value: object) -> str:
    return _matching(EVENT_ID, value, "event_id")


def composed_event_id(parts: list[object]) -> str:
    """Several values as one id: as JSON, in which 1 and "1" and every border stay what they are."""
    for part in parts:
        if part is None or part == "" or isinstance(part, bool) or not isinstance(part, str | int):
            raise Malformed(f"a part of event_id is {kind(part)}, not a string or a whole number")
    text = json.dumps(parts, separators=(",", ":"))
    return text if len(text) <= MAX_EVENT_ID_CHARS else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def sender_id(value: object) -> str:
    """A sender's own id of something, text or whole number, to be looked up."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _matching(EVENT_ID, value, "remote_session_id")


def flag(value: object) -> bool:
    """Missing means false, which is what Prevail documents for an omitted parameter."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Malformed(f"cancel_without_email is {kind(value)}, not true or false")
    return value


def note(value: object, field: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Malformed(f"{field} is {kind(value)}, not a string")
    return "".join(c if c.isprintable() else " " for c in value[:MAX_NOTE_CHARS])


def moment(value: object) -> float | None:
    """Epoch seconds, or ISO 8601 with an offset: a time without one is a different time in every office."""
    match value:
        case None:
            return None
        case int() | float() if not isinstance(value, bool) and 0 <= value < MAX_TIME:
            return float(value)
        case str():
            try:
                read = datetime.fromisoformat(value)
            except ValueError:
                read = None
            if read and read.tzinfo and 0 <= read.timestamp() < MAX_TIME:
                return read.timestamp()
    raise Malformed("starts_at is neither epoch seconds nor an ISO 8601 time with an offset")


def kind(value: object) -> str:
    """What a value is, said of it in its place."""
    match value:
        case None:
            return "missing"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "empty" if not value else "a string"
        case list():
            return "a list"
    return "an object"


def _matching(pattern: re.Pattern[str], value: object, field: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{field} is {kind(value)}, not a string")
    if not pattern.fullmatch(value):
        raise Malformed(f"{field} is empty, too long or has characters that are not allowed")
    return value
