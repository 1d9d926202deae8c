"""What the ledger says about one session: how it stands, its last attempts, and who has asked for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from cancellations import sentences
from cancellations.domain import Json
from cancellations.errors import CancellationsError, TryAgain
from cancellations.find import Find
from cancellations.ports import Table
from cancellations.protocol import requests
from cancellations.protocol.conditions import key_of_session
from cancellations.writes import Item, at, number, text
from oncall.moments import iso

type Standing = Literal[
    "nothing", "idle", "in_flight", "abandoned", "settling", "in_doubt", "canceled", "unread"
]
"""idle: nobody holds it. in_flight: somebody does. abandoned: somebody did, and never came back. settling: a call may
still be on its way. in_doubt: one may have taken effect, and the next attempt looks. nothing: nobody has asked.
unread: the ledger did not tell."""

SHOWN = 5
"""The newest of attempts and of requests; more do not fit a screen."""

MOST_NAMED = 25
MOST_OPEN = 500
"""How many open requests of each shard are looked through for those of the session."""

EVER = 1e11
"""Later than anything is due."""


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The ledger's word. `item` as it is stored; `requests` as `GET /v1/requests/{id}` gives them, the newest first.

    unread: why it could not be read. partly: whether more requests are open than were looked through.
    """

    standing: Standing
    item: Item = field(default_factory=dict)
    requests: tuple[dict[str, Json], ...] = ()
    unread: str | None = None
    partly: bool = False

    @property
    def attempts(self) -> list[dict[str, Json]]:
        """The newest first, each with its codes and, as `answer`, in words; none means it has no record yet."""
        listed = self.item.get("attempts")
        made = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        told = ((one, sentences.attempt(one)) for one in reversed(made))
        return [
            {**one, "at": iso(number(one, "at")), **({"answer": said} if said else {})} for one, said in told
        ]

    def as_dict(self) -> dict[str, Json]:
        times = ("lease_until", "look_after", "doubt_since")
        known: dict[str, Json] = {
            "standing": self.standing,
            "unread": self.unread,
            "state": self.item.get("state"),
            **{name: text(self.item, name) for name in ("canceled_by", "doubt_by")},
            **{name: iso(number(self.item, name) or None) for name in times},
            "attempts": list(self.attempts),
        }
        return {name: value for name, value in known.items() if value is not None}


def read(table: Table, organization: str, remote_session_id: str, now: float) -> Ledgers:
    """Never raises: where the ledger does not answer, Prevail's word is still worth having."""
    try:
        item = table.read(key_of_session(organization, remote_session_id)) or {}
        waiting, partly = _waiting(table, organization, remote_session_id)
        found = [_request(Find(table, lambda: now), one) for one in dict.fromkeys((*waiting, *_named(item)))]
    except TryAgain as silent:
        return Ledgers("unread", unread=str(silent))
    found.sort(key=lambda request: str(request.get("accepted_at", "")), reverse=True)
    return Ledgers(_standing(item, now, asked=bool(found)), item, tuple(found), partly=partly)


def _standing(item: Item, now: float, *, asked: bool) -> Standing:
    match text(item, "state"):
        case "canceled":
            return "canceled"
        case "in_flight" if (number(item, "lease_until") or 0.0) >= now:
            return "in_flight"
        case "in_flight":
            # An attempt that was to see whether a canceled session still is makes no call before it has written so.
            return "canceled" if "canceled_at" in item else "abandoned"
        case "unknown":
            return "settling" if (number(item, "look_after") or 0.0) >= now else "in_doubt"
    return "idle" if item or asked else "nothing"


def _named(item: Item) -> list[str]:
    """Requests that the session itself knows, the newest first."""
    outcomes, attempts = item.get("outcomes"), item.get("attempts")
    known = [text(item, name) for name in ("canceled_by", "doubt_by", "attempt_by")]
    known += [str(at(one, ("request",))) for one in reversed(attempts if isinstance(attempts, list) else [])]
    known += list(outcomes) if isinstance(outcomes, dict) else []
    return list(dict.fromkeys(one for one in known if one))[:MOST_NAMED]


def _waiting(table: Table, organization: str, remote_session_id: str) -> tuple[list[str], bool]:
    """Requests for it that have not settled, which the session may not know yet; whether some may be missing."""
    found, partly = [], False
    for place in range(requests.SHARDS):
        items = table.due(requests.shard(place), EVER, MOST_OPEN)
        partly = partly or len(items) >= MOST_OPEN
        found += [
            item
            for item in items
            if (item.get("organization"), item.get("remote_session_id")) == (organization, remote_session_id)
        ]
    return list(_ids(found))[:MOST_NAMED], partly


def _ids(items: list[Item]) -> Iterator[str]:
    return (str(item["pk"]).removeprefix("REQUEST#") for item in items)


def _request(find: Find, request_id: str) -> dict[str, Json]:
    """One that is gone, or that no version of ours has written, is told all the same. Raises TryAgain."""
    try:
        return find(request_id)
    except TryAgain:
        raise
    except CancellationsError as gone:
        return {"id": request_id, "status": f"unreadable: {gone}"}
