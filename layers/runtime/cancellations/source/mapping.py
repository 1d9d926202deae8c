"""From a verified document to a request, by the expressions of its source.

Expressions are JMESPath over `{"headers": {...}, "body": ...}`; for a bus event `body` is the whole envelope.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from cancellations.domain import Json, Request
from cancellations.errors import Malformed

SESSION_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", re.ASCII)
"""One path segment, never `.` or `..`. Prevail documents no alphabet; its examples use letters, `_` and `-`."""

EVENT_ID = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,254}[\x21-\x7e])?", re.ASCII)

MAX_NOTE_CHARS = 500
"""Bound of texts that only describe a request; what is longer is cut, never refused."""

MAX_TIME = 32_503_680_000
"""The year 3000; what is later is milliseconds, or nonsense."""


@dataclass(frozen=True, slots=True)
class Expressions:
    """The compiled expressions of one source; `cancel_without_email` may be a constant."""

    event_id: ParsedResult
    remote_session_id: ParsedResult
    cancel_without_email: ParsedResult | bool = False
    reason: ParsedResult | None = None
    requested_by: ParsedResult | None = None
    starts_at: ParsedResult | None = None
    filter: ParsedResult | None = None


def is_cancellation(expressions: Expressions, document: Json) -> bool:
    """Whether the source's filter calls this document a cancellation. Raises Malformed."""
    if expressions.filter is None:
        return True
    verdict = _search(expressions.filter, document, "filter")
    if not isinstance(verdict, bool):
        raise Malformed(f"the source's filter yields {_kind(verdict)}, not true or false")
    return verdict


def request_from(
    expressions: Expressions, document: Json, *, organization: str, source: str, now: float
) -> Request:
    """The request that a document asks for. Raises Malformed naming the field that is wrong."""
    return Request(
        organization=organization,
        source=source,
        event_id=_matching(EVENT_ID, expressions.event_id, document, "event_id"),
        remote_session_id=_matching(SESSION_ID, expressions.remote_session_id, document, "remote_session_id"),
        cancel_without_email=_flag(expressions.cancel_without_email, document),
        accepted_at=now,
        reason=_note(expressions.reason, document, "reason"),
        requested_by=_note(expressions.requested_by, document, "requested_by"),
        starts_at=_time(expressions.starts_at, document),
    )


def _matching(pattern: re.Pattern[str], expression: ParsedResult, document: Json, field: str) -> str:
    value = _search(expression, document, field)
    if not isinstance(value, str):
        raise Malformed(f"{field} is {_kind(value)}, not a string")
    if not pattern.fullmatch(value):
        raise Malformed(f"{field} is empty, too long or has characters that are not allowed")
    return value


def _flag(expression: ParsedResult | bool, document: Json) -> bool:
    if isinstance(expression, bool):
        return expression
    value = _search(expression, document, "cancel_without_email")
    if value is None:
        return False  # what Prevail documents for an omitted parameter
    if not isinstance(value, bool):
        raise Malformed(f"cancel_without_email is {_kind(value)}, not true or false")
    return value


def _note(expression: ParsedResult | None, document: Json, field: str) -> str | None:
    if expression is None:
        return None
    value = _search(expression, document, field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Malformed(f"{field} is {_kind(value)}, not a string")
    return "".join(c if c.isprintable() else " " for c in value[:MAX_NOTE_CHARS])


def _time(expression: ParsedResult | None, document: Json) -> float | None:
    """Epoch seconds, or ISO 8601 with an offset: a time without one is a different time in every office."""
    if expression is None:
        return None
    value = _search(expression, document, "starts_at")
    match value:
        case None:
            return None
        case int() | float() if not isinstance(value, bool) and 0 <= value < MAX_TIME:
            return float(value)
        case str():
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                moment = None
            if moment and moment.tzinfo and 0 <= moment.timestamp() < MAX_TIME:
                return moment.timestamp()
    raise Malformed("starts_at is neither epoch seconds nor an ISO 8601 time with an offset")


def _search(expression: ParsedResult, document: Json, field: str) -> object:
    try:
        return expression.search(document)
    except (JMESPathError, TypeError, ValueError, ArithmeticError) as e:  # jmespath lets Python's own out too
        raise Malformed(f"{field} cannot be read: the source's expression does not fit the body") from e


def _kind(value: object) -> str:
    match value:
        case None:
            return "missing"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
    return "an object"
