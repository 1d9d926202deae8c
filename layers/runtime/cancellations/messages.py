"""What stands in a message on the queue: a request, as JSON with a version."""

from typing import cast

from cancellations.domain import Json, Request
from cancellations.errors import Malformed

VERSION = 1


def message_for(request: Request) -> dict[str, Json]:
    return {"version": VERSION, "request": request.as_json()}


def request_in(message: dict[str, Json]) -> Request:
    """Raises Malformed for what `message_for` of no version could have written."""
    match message:
        case {
            "version": 1,
            "request": {
                "organization": str(organization),
                "source": str(source),
                "event_id": str(event_id),
                "remote_session_id": str(remote_session_id),
                "cancel_without_email": bool(cancel_without_email),
                "accepted_at": int() | float() as accepted_at,
                **rest,
            },
        }:
            return Request(
                organization,
                source,
                event_id,
                remote_session_id,
                cancel_without_email,
                float(accepted_at),
                cast("str | None", rest.get("reason")),
                cast("str | None", rest.get("requested_by")),
            )
    raise Malformed("the message is neither a request of a known version nor a bus event")
