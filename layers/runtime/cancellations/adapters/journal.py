"""What of a result goes into the log: ids and decisions, never a payload, a reason in words, or a secret.

Every line has a `decision`; docs/operations.md lists them.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from cancellations import sentences
from cancellations.admission import Conflicted, Received
from cancellations.domain import Outcome, Request
from cancellations.errors import Refusal
from cancellations.intake import Ignored
from cancellations.receive import Arrival, Handshake, Rejected, Result
from cancellations.settlement import Postponed

if TYPE_CHECKING:
    from cancellations.adapters.http_api import Told
    from cancellations.announce import Announced
    from cancellations.notify import Notified
    from cancellations.sweep import Swept
    from cancellations.work import Worked

type Fields = Mapping[str, object]
type Entry = dict[str, str | int | bool | None]
type Level = Literal["info", "warning", "error"]

INNERMOST = 6
"""So many places of the code are enough to find where an accident happened."""


def entries(result: Told) -> list[Entry]:
    """One for each item of a delivery; one that brought no item has one too."""
    match result:
        case Handshake(source):
            return [{"decision": "handshake", "source": source}]
        case Arrival(source, results, _, key):
            of_all: Entry = {"source": source, "key": key}
            return [{**of_all, **entry} for entry in _items(results)]
        case _:
            return [_item(result)]


def of_work(worked: Worked) -> list[Entry]:
    """One, or one for each item of an event that brought several."""
    came: Entry = {"delivery": worked.delivery} if worked.delivery else {}
    match worked.result:
        case tuple(results):
            return [{**came, **entry} for entry in _items(results)]
        case Outcome() | Postponed() as became:
            return [{**came, **asked(worked.request), **_became(became)}]
        case result:
            return [{**came, **_item(result)}]


def of_sweep(swept: Swept) -> list[Entry]:
    """One for each request that was touched, and one for the run."""
    lines: list[Entry] = [{**asked(request), "decision": "put back"} for request in swept.put_back]
    lines += [{**asked(request), **_became(outcome)} for request, outcome in swept.given_up]
    lines += [{"decision": "not swept", "cause": fault} for fault in swept.failed]
    done = {"put_back": len(swept.put_back), "given_up": len(swept.given_up), "failed": len(swept.failed)}
    return [*lines, {"decision": "swept", **done}]


def announcements(announced: Announced) -> list[Entry]:
    """One for each, and one where it stopped."""
    lines: list[Entry] = [
        {
            "decision": "announced",
            "request": one.request_id,
            "event": one.detail_type,
            "id": str(one.detail["id"]),
        }
        for one in announced.told
    ]
    if stopped := announced.stopped:
        lines.append({"decision": "comes again", "sequence": stopped.sequence, "cause": stopped.cause})
    return lines


def of_notified(notified: Notified) -> list[Entry]:
    """None where nobody was to be told, as of most: its announcement has a line."""
    if notified.decision == "nobody to tell":
        return []
    known: Entry = {
        "decision": "notified",
        "status": notified.decision,
        "id": notified.event_id,
        "source": notified.source,
        "seen": notified.seen,
    }
    return [known if notified.wait is None else {**known, "delay_s": int(notified.wait)}]


def tell(logger: object, message: str, seen: Fields, entries: Iterable[Entry]) -> None:
    for entry in entries:
        note(logger, _level(entry), message, {**seen, **entry})


def refused(logger: object, seen: Fields, error: Exception) -> None:
    """A delivery that nothing came of: for good, or this time."""
    if isinstance(error, Refusal):
        note(logger, "warning", "refused", {**seen, "decision": "refused", **_cause(error)})
    else:
        comes_again(logger, seen, error)


def comes_again(logger: object, seen: Fields, error: Exception) -> None:
    """A delivery or message that may succeed next time, or ends as a dead letter."""
    note(logger, "error", "comes again", {**seen, "decision": "comes again", **_cause(error)})


def accident(logger: object, seen: Fields, error: BaseException) -> None:
    """Where it happened and what kind it was. Not what it says: that may quote whatever was being read."""
    frames = traceback.extract_tb(error.__traceback__)[-INNERMOST:]
    where = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    fields = {**seen, "decision": "accident", "error": type(error).__name__, "where": where}
    note(logger, "error", "accident", fields)


def note(logger: object, level: Level, message: str, fields: Fields) -> None:
    """Writes one line by a method of the logger. What was decided stands, whether or not it can be told."""
    try:
        getattr(logger, level)(message, extra=fields)
    except Exception:  # noqa: BLE001 - whatever a logger raises, nobody is left to tell
        return


def _cause(error: Exception) -> Entry:
    return {"error": type(error).__name__, "cause": str(error)}


def _level(entry: Entry) -> Level:
    if entry["decision"] in ("not swept", "comes again"):
        return "error"
    return "warning" if "escalated" in entry or entry.get("status") in ("gone", "put off") else "info"


def asked(request: Request | None) -> Entry:
    """The ids of a request: they lead from the delivery to every attempt."""
    if request is None:
        return {}
    return {
        "request": request.id,
        "organization": request.organization,
        "source": request.source,
        "remote_session_id": request.remote_session_id,
    }


def _items(results: tuple[Result, ...]) -> list[Entry]:
    return [_item(one) for one in results] or [{"decision": "nothing in it"}]


def _item(result: Result) -> Entry:
    match result:
        case Received(request, status, replayed):
            return {**asked(request), "decision": "duplicate" if replayed else "accepted", "status": status}
        case Ignored(source, name):
            return {"decision": "ignored", "source": source, "filter": name}
        case Conflicted(request):
            return {**asked(request), "decision": "conflict"}
        case Rejected(error):
            return {"decision": "rejected", "cause": str(error)}


def _became(result: Outcome | Postponed) -> Entry:
    match result:
        case Outcome(status, reason, canceled_by, again=again):
            decision = "duplicate" if again else "settled"
            return {"decision": decision, "status": status, "reason": reason, "canceled_by": canceled_by}
        case Postponed(status, waits, delay, escalated):
            # The ledger holds why somebody paused, in words that are not for a log.
            why, guard = "paused" if waits.by == "paused" else sentences.waits(waits), waits.guard
            told: Entry = {"decision": "postponed", "status": status, "reason": why, "delay_s": delay}
            return {
                **told,
                **({"guard": guard} if guard else {}),
                **({"escalated": True} if escalated else {}),
            }
