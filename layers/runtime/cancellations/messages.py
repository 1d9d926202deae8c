"""Requests as they are stored and sent: what stands in a message on the queue, as JSON with a version.

The version is the number of the record that the message speaks of: who cannot read the one must not act by the other.
"""

from typing import TypeIs

from cancellations.domain import NEW, Json, Progress, Request
from cancellations.errors import Malformed, NewerVersion
from cancellations.source import values
from cancellations.versions import READS, WRITES

MAX_VERSION = 999
"""A larger number is not a version, and must not get into a log."""

MAX_COUNT = 1000
"""More than any wait needs to be told by."""

MAX_NOTES = 16
"""More than there are fields that only describe a request."""


def message_for(
    request: Request, progress: Progress = NEW, not_before: float | None = None
) -> dict[str, Json]:
    """not_before: epoch seconds; a wait that is longer than the queue can hold a message back."""
    message: dict[str, Json] = {"version": WRITES, "request": request.as_json()}
    if progress.counted:
        message["counted"] = True
    if progress.slot is not None:
        message["slot"] = progress.slot
    if progress.in_vain:
        message["in_vain"] = progress.in_vain
    if progress.told:
        message["told"] = True
    if progress.look:
        message["look"] = True
    if progress.conflicts:
        message["conflicts"] = progress.conflicts
    return message if not_before is None else {**message, "not_before": not_before}


def progress_in(message: dict[str, Json]) -> Progress:
    """What the request has passed; a message that does not say has passed nothing. Raises Malformed."""
    return Progress(
        message.get("counted") is True,
        _time(message, "slot"),
        _count(message, "in_vain"),
        message.get("told") is True,
        message.get("look") is True,
        _count(message, "conflicts"),
    )


def _count(message: dict[str, Json], name: str) -> int:
    """A small number; 0 where there is none, or something else."""
    count = message.get(name)
    return min(count, MAX_COUNT) if isinstance(count, int) and count > 0 else 0


def not_before_in(message: dict[str, Json]) -> float:
    """Epoch seconds, 0 if the message need not wait. Raises Malformed."""
    return _time(message, "not_before") or 0.0


def request_in(message: dict[str, Json]) -> Request:
    """Raises NewerVersion for what a newer version has written, Malformed for what none can have."""
    match message:
        case {"version": 1, "request": dict(request)}:
            return request_from(request)
        case {"version": int() as version} if READS < version <= MAX_VERSION:
            raise NewerVersion(f"a newer version has written this message: version {version}")
    raise Malformed("the message is neither a request of a known version nor a bus event")


def request_from(stored: dict[str, Json]) -> Request:
    """Read what `Request.as_json` wrote, ignoring fields beside it.

    Every field must satisfy what the intake demands: write access to the queue is no reason to believe its messages.
    Raises Malformed.
    """
    flag, accepted_at = stored.get("cancel_without_email"), _time(stored, "accepted_at")
    if not isinstance(flag, bool) or accepted_at is None:
        raise Malformed("a stored request lacks what every request has")
    return Request(
        organization=values.organization(stored.get("organization")),
        source=values.source(stored.get("source")),
        event_id=values.event_id(stored.get("event_id")),
        remote_session_id=values.session_id(stored.get("remote_session_id")),
        cancel_without_email=flag,
        accepted_at=accepted_at,
        reason=_note(stored, "reason"),
        requested_by=_note(stored, "requested_by"),
        starts_at=_time(stored, "starts_at"),
        notes=_notes(stored),
    )


def _time(stored: dict[str, Json], name: str) -> float | None:
    """Epoch seconds, None if missing. NaN fails the comparison. Raises Malformed."""
    match stored.get(name):
        case None:
            return None
        case int() | float() as time if not isinstance(time, bool) and 0 <= time < values.MAX_TIME:
            return float(time)
    raise Malformed(f"{name} of a stored request is not a time")


def _note(stored: dict[str, Json], name: str) -> str | None:
    """Raises Malformed."""
    note = stored.get(name)
    if note is None or _is_short(note):
        return note
    raise Malformed(f"{name} of a stored request is not a short text")


def _notes(stored: dict[str, Json]) -> tuple[str, ...]:
    """Raises Malformed."""
    match stored.get("notes"):
        case None:
            return ()
        case list(notes) if len(notes) <= MAX_NOTES:
            short = tuple(note for note in notes if _is_short(note))
            if len(short) == len(notes):
                return short
    raise Malformed("notes of a stored request are not a few short texts")


def _is_short(note: Json) -> TypeIs[str]:
    return isinstance(note, str) and len(note) <= values.MAX_NOTE_CHARS
