"""What of a result goes into the log: ids and decisions, never a payload, a reason in words, or a secret."""

from collections.abc import Callable, Mapping

from cancellations.adapters.http_api import Told
from cancellations.admission import Conflicted, Received
from cancellations.announce import Announced
from cancellations.domain import Outcome, Request
from cancellations.intake import Ignored
from cancellations.receive import Arrival, Handshake, Rejected, Result
from cancellations.settlement import Postponed
from cancellations.work import Worked

type Fields = Mapping[str, object]
type Say = Callable[..., None]
"""A method of a logger: takes a message and `extra`."""

type Entry = dict[str, str | int | bool | None]


def entries(result: Told) -> list[Entry]:
    """One for each item of a delivery; one that brought no item has one too."""
    match result:
        case Handshake(source):
            return [{"decision": "handshake", "source": source}]
        case Arrival(source, results, _, key):
            of_all: Entry = {"source": source, "key": key}
            return [{**of_all, **entry(one)} for one in results] or [{**of_all, "decision": "nothing in it"}]
        case _:
            return [entry(result)]


def entry(result: Result | Worked) -> Entry:
    """Flat fields for one line; each decision has one."""
    match result:
        case Received(request, status, replayed):
            return {**_asked(request), "decision": "accepted", "status": status, "replayed": replayed}
        case Ignored(_, name):
            return {"decision": "ignored", "filter": name}
        case Conflicted(request):
            return {**_asked(request), "decision": "conflict"}
        case Rejected(error):
            return {"decision": "rejected", "cause": str(error)}
        case Worked(asked, became):
            return {**_asked(asked), **_became(became)}


def announcements(announced: Announced) -> list[Entry]:
    """One for each, and one where it stopped."""
    told: list[Entry] = [
        {"decision": "announced", "event": one.detail_type, "id": str(one.detail["id"])}
        for one in announced.told
    ]
    if stopped := announced.stopped:
        told.append({"decision": "comes again", "sequence": stopped.sequence, "cause": stopped.cause})
    return told


def note(say: Say, message: str, fields: Fields) -> None:
    """Writes one line. What was decided stands, whether or not it can be told."""
    try:
        say(message, extra=fields)
    except Exception:  # noqa: BLE001 - whatever a logger raises, nobody is left to tell
        return


def refused(say: Say, seen: Fields, error: Exception) -> None:
    note(say, "refused", {**seen, "error": type(error).__name__, "cause": str(error)})


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
        case Postponed(status, reason, delay, escalated):
            told: Entry = {"decision": "postponed", "status": status, "reason": reason, "delay_s": delay}
            return {**told, "escalated": True} if escalated else told
        case decision:
            return {"decision": decision}
