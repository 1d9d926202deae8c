"""Sessions and pages as the API shows them."""

from collections.abc import Callable, Sequence
from math import ceil

from prevail.model import JOINABLE, Session
from prevail.zones import local_start


def session_row(session: Session) -> dict[str, object]:
    """As in the list of sessions. An id is assigned when the session is scheduled, not before."""
    start_date, start_time = local_start(session.starts_at, session.time_zone)
    return {
        "remote_session_id": None if session.state == "initial" else session.remote_session_id,
        "title": session.title,
        "start_date": start_date,
        "start_time": start_time,
        "time_zone": session.time_zone,
        "state": session.state,
        "estimated_duration": session.estimated_duration,
    }


def request_row(session: Session, origin: str) -> dict[str, object]:
    """As in the list of session requests and in the answer to a new one."""
    row = session_row(session)
    state = row.pop("state")
    return {
        **row,
        "case": session.case,
        "invites": list(session.participants),
        "session_state": state,
        "session_url": join_url(session, origin),
    }


def join_url(session: Session, origin: str) -> str | None:
    return None if session.state == "initial" else f"{origin}/join/{session.remote_session_id}"


def can_be_joined(session: Session | None) -> bool:
    return session is not None and session.state in JOINABLE


def page_of(
    found: Sequence[Session], page: int, items: int, name: str, row: Callable[[Session], object]
) -> dict[str, object]:
    """As the pagy gem tells it: an empty list has one page, and a page past the last is empty."""
    first = (page - 1) * items
    pages = max(1, ceil(len(found) / items))
    pagy = {"page": page, "items": items, "count": len(found), "pages": pages}
    return {"pagy": pagy, name: [row(session) for session in found[first : first + items]]}
