"""What of a result goes into the log: ids and decisions, never a payload, a reason in words, or a secret."""

from cancellations.domain import Outcome, Request
from cancellations.receive import Conflicted, Ignored, Received
from cancellations.settlement import Postponed
from cancellations.work import Worked

type Entry = dict[str, str | int | bool | None]


def entry(result: Received | Ignored | Conflicted | Worked) -> Entry:
    """Flat fields for one line; each decision has one."""
    match result:
        case Received(request, status, replayed):
            return {**_asked(request), "decision": "accepted", "status": status, "replayed": replayed}
        case Ignored():
            return {"decision": "ignored"}
        case Conflicted(request):
            return {**_asked(request), "decision": "conflict"}
        case Worked(asked, became):
            return {**_asked(asked), **_became(became)}


def _asked(request: Request | None) -> Entry:
    if request is None:
        return {}
    return {
        "request": request.id,
        "organization": request.organization,
        "source": request.source,
        "remote_session_id": request.remote_session_id,
    }


def _became(result: Outcome | Postponed | str) -> Entry:
    match result:
        case Outcome(status, reason, canceled_by):
            return {"decision": "settled", "status": status, "reason": reason, "canceled_by": canceled_by}
        case Postponed(status, reason, delay):
            return {"decision": "postponed", "status": status, "reason": reason, "delay_s": delay}
        case decision:
            return {"decision": decision}
