"""The use case behind `GET /v1/requests/{id}`: a request as the ledger knows it, with its attempts."""

import re

from cancellations import sentences
from cancellations.claims import outcome_of
from cancellations.domain import Json
from cancellations.errors import Malformed, Unavailable, UnknownRequest
from cancellations.messages import request_from
from cancellations.moments import iso
from cancellations.ports import Clock, Table
from cancellations.protocol import request_key, session_key
from cancellations.protocol.conditions import expired
from cancellations.values import dataclass
from cancellations.versions import refuse_newer
from cancellations.waits import waits_in
from cancellations.writes import Item, at, holds, number, text

_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Find:
    table: Table
    clock: Clock

    def __call__(self, request_id: str) -> dict[str, Json]:
        """Times are ISO 8601 in UTC; what is not known is left out. Raises UnknownRequest, NewerVersion or Unavailable.

        The attempts are those that the session still lists: of very many, the first are gone. The event id may
        have been erased; the id that was made of it stays.
        """
        item = self.table.read(request_key(request_id)) if _ID.fullmatch(request_id) else None
        if item is None or holds(expired(self.clock()), item):
            raise UnknownRequest("nobody has asked under this id")
        refuse_newer(item)
        try:
            request = request_from(item)
        except Malformed as e:
            raise Unavailable("the ledger holds a request that no version of ours has written") from e
        session = self.table.read(session_key(request)) or {}
        refuse_newer(session)
        known: dict[str, Json] = {
            "id": request_id,
            "status": text(item, "status"),
            "organization": request.organization,
            "source": request.source,
            "event_id": request.event_id,
            "remote_session_id": request.remote_session_id,
            "cancel_without_email": request.cancel_without_email,
            "reason": request.reason,
            "requested_by": request.requested_by,
            "starts_at": iso(request.starts_at),
            "notes": list(request.notes) or None,
            "accepted_at": iso(request.accepted_at),
            "next_at": iso(number(item, "next_at")),
            "escalated_at": iso(number(item, "escalated_at")),
            "waiting_for": sentences.waiting(item),
            "held_by": waits.by if (waits := waits_in(item)) else None,
            "outcome": sentences.outcome(outcome_of(item, ("outcome",))) if "outcome" in item else None,
            "settled_at": iso(number(item, "settled_at")),
            "conflicts": int(number(item, "conflicts") or 0),
            "attempts": _attempts(session, request_id),
        }
        return {name: value for name, value in known.items() if value is not None}


def _attempts(session: Item, request_id: str) -> list[Json]:
    """An attempt without an answer is under way, or ended in the dark."""
    listed = session.get("attempts")
    found: list[Json] = []
    for attempt in listed if isinstance(listed, list) else []:
        if isinstance(attempt, dict) and at(attempt, ("request",)) == request_id:
            codes = {name: attempt.get(name) for name in ("meaning", "reason", "status")}
            known: dict[str, Json] = {
                "at": iso(number(attempt, "at")),
                "answer": sentences.attempt(attempt),
                **codes,
            }
            found.append({name: value for name, value in known.items() if value is not None})
    return found
