"""Sessions that every emulated stack begins with, so that there is something to cancel."""

from prevail.client import Emulator

READY = "ready-monday"
SCHEDULED = "scheduled-tuesday"
ACTIVE = "active-today"
CANCELED = "canceled-last-week"


def seed(url: str, organization: str) -> None:
    """One session in each state that has an id, all of one organization."""
    Emulator(url).put_sessions(
        [
            {"remote_session_id": READY, "organization": organization, "state": "ready"},
            {"remote_session_id": SCHEDULED, "organization": organization, "state": "scheduled"},
            {"remote_session_id": ACTIVE, "organization": organization, "state": "active"},
            {"remote_session_id": CANCELED, "organization": organization, "state": "canceled"},
        ]
    )
