"""Requests as they are stored and sent: what stands in a message on the queue, as JSON with a version."""

from cancellations.domain import NEW, Json, Progress, Request
from cancellations.errors import Malformed
from cancellations.writes import number, text

VERSION = 1


def message_for(
    request: Request, progress: Progress = NEW, not_before: float | None = None
) -> dict[str, Json]:
    """not_before: epoch seconds; a wait that is longer than the queue can hold a message back."""
    message: dict[str, Json] = {"version": VERSION, "request": request.as_json()}
    if progress.counted:
        message["counted"] = True
    if progress.slot is not None:
        message["slot"] = progress.slot
    return message if not_before is None else {**message, "not_before": not_before}


def progress_in(message: dict[str, Json]) -> Progress:
    """What a version of ours that knew none did not write is passed anew."""
    return Progress(message.get("counted") is True, number(message, "slot"))


def request_in(message: dict[str, Json]) -> Request:
    """Raises Malformed for what `message_for` of no version could have written."""
    match message:
        case {"version": 1, "request": dict(request)}:
            return request_from(request)
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
            )
    raise Malformed("a stored request lacks what every request has")
