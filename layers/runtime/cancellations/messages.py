"""Requests as they are stored and sent: what stands in a message on the queue, as JSON with a version.

The version is the number of the record that the message speaks of: who cannot read the one must not act by the other.
"""

from cancellations.domain import NEW, Json, Progress, Request
from cancellations.errors import Malformed, NewerVersion
from cancellations.versions import READS, WRITES
from cancellations.writes import number, text


def message_for(
    request: Request, progress: Progress = NEW, not_before: float | None = None
) -> dict[str, Json]:
    """not_before: epoch seconds; a wait that is longer than the queue can hold a message back."""
    message: dict[str, Json] = {"version": WRITES, "request": request.as_json()}
    if progress.counted:
        message["counted"] = True
    if progress.slot is not None:
        message["slot"] = progress.slot
    return message if not_before is None else {**message, "not_before": not_before}


def progress_in(message: dict[str, Json]) -> Progress:
    """What a version of ours that knew none did not write is passed anew."""
    return Progress(message.get("counted") is True, number(message, "slot"))


def request_in(message: dict[str, Json]) -> Request:
    """Raises NewerVersion for what a newer version has written, Malformed for what none can have."""
    match message:
        case {"version": 1, "request": dict(request)}:
            return request_from(request)
        case {"version": int() as version} if version > READS:
            raise NewerVersion(f"a newer version has written this message: version {version}")
    raise Malformed("the message is neither a request of a known version nor a bus event")


def request_from(stored: dict[str, Json]) -> Request:
    """Read what `Request.as_json` wrote, whatever stands beside it. Raises Malformed."""
    match stored:
        case {
            "organization": str(organization),
            "source": str(source),
            "event_id": str(event_id),
            "remote_session_id": str(remote_session_id),
            "cancel_without_email": bool(cancel_without_email),
            "accepted_at": int() | float() as accepted_at,
        }:
            return Request(
                organization,
                source,
                event_id,
                remote_session_id,
                cancel_without_email,
                float(accepted_at),
                text(stored, "reason"),
                text(stored, "requested_by"),
                number(stored, "starts_at"),
                tuple(str(note) for note in notes) if isinstance(notes := stored.get("notes"), list) else (),
            )
    raise Malformed("a stored request lacks what every request has")
