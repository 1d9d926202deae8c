"""What values of a delivery must look like to be believed. Every check raises Malformed and repeats no value."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime

from cancellations.errors import Malformed

SESSION_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", re.ASCII)
"""One path segment, never `.` or `..`. Prevail documents no alphabet; its examples use letters, `_` and `-`."""

ORGANIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)
SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
"""Names as the configuration allows them."""

EVENT_ID = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,254}[\x21-\x7e])?", re.ASCII)
MAX_EVENT_ID_CHARS = 256

MAX_NOTE_CHARS = 500
"""Bound of texts that only describe a request; what is longer is cut, never refused."""

MIN_TIME = 946_684_800
MAX_TIME = 32_503_680_000
"""The years 2000 and 3000, in seconds. Milliseconds of that time are larger, so that a number says which it counts."""
MAX_TIME_CHARS = 64


def session_id(value: object) -> str:
    return _matching(SESSION_ID, value, "remote_session_id")


def event_id(value: object) -> str:
    return _matching(EVENT_ID, value, "event_id")


def organization(value: object) -> str:
    return _matching(ORGANIZATION, value, "organization")


def source(value: object) -> str:
    return _matching(SOURCE, value, "source")


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
        raise Malformed(
            f"cancel_without_email is {kind(value)}, not true or false; flag(…) reads other spellings"
        )
    return value


class Unreadable(ValueError):
    """A value that only describes a request cannot be read: it is left out. The text says why, and quotes nothing."""


def described[T](name: str, read: Callable[[], T | None], notes: list[str]) -> T | None:
    """A field that only describes a request: what cannot be read is noted and left out, and refuses nothing."""
    try:
        return read()
    except Unreadable as why:
        notes.append(f"{name} was left out: {why}")
    return None


def words(value: object) -> str | None:
    """Words for the record: text as it is, numbers, booleans and lists of them as text. Raises Unreadable."""
    match value:
        case None | "" | []:
            return None
        case str():
            text = value
        case list() if all(part is not None and _is_scalar(part) for part in value):
            text = ", ".join(_scalar(part) for part in value)
        case _ if _is_scalar(value):
            text = _scalar(value)
        case _:
            raise Unreadable(f"it is {kind(value)}, not text")
    return "".join(c if c.isprintable() else " " for c in text[:MAX_NOTE_CHARS])


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | bool | int | float)


def _scalar(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def moment(value: object) -> float | None:
    """Epoch seconds of a time: seconds or milliseconds since 1970, as number or text, or ISO 8601 with an offset.

    Raises Unreadable, also for a time without an offset: it is a different time in every office.
    """
    match value:
        case None:
            return None
        case bool():
            raise Unreadable("it is a boolean, not a time")
        case int() | float():
            return _since_1970(value)
        case str() if _DIGITS.fullmatch(value.strip()):
            return _since_1970(float(value))
        case str():
            return _iso(value.strip())
    raise Unreadable(f"it is {kind(value)}, not a time")


_DIGITS = re.compile(r"[0-9]{9,13}(\.[0-9]{1,9})?", re.ASCII)
"""Fewer digits are a year or a day, more are neither seconds nor milliseconds."""


def _since_1970(value: float) -> float:
    if not MIN_TIME <= value < MAX_TIME and not MIN_TIME * 1000 <= value < MAX_TIME * 1000:
        raise Unreadable("it is a number that is no time since 2000, in seconds or milliseconds")
    return value / 1000 if value >= MAX_TIME else float(value)


def _iso(text: str) -> float:
    if not text:
        raise Unreadable("it is empty")
    if len(text) > MAX_TIME_CHARS:
        raise Unreadable("it is a text that is too long for a time")
    try:
        read = datetime.fromisoformat(text.removesuffix(" UTC") + "Z" if text.endswith(" UTC") else text)
        seconds = None if read.tzinfo is None else read.timestamp()
    except (ValueError, OverflowError):
        raise Unreadable("it is a text that is no time in ISO 8601") from None
    if seconds is None:
        raise Unreadable("it is a time without an offset")
    return _since_1970(seconds)


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
