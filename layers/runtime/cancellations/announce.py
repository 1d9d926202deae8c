"""The use case behind the ledger's stream: whoever asked learns what became of it, by an event on a bus.

At least once, and in order for each request: one that could not be put on the bus stops all that come after it, and
comes again with them. Each event's `id` is made of what it is about, so it is the same whenever it comes again.
"""

from collections.abc import Iterable, Iterator

from cancellations.cancel import Remaining
from cancellations.claims import outcome_of
from cancellations.domain import Json
from cancellations.errors import CancellationsError, OutOfTime
from cancellations.messages import request_from
from cancellations.moments import iso
from cancellations.news import Change, Kind, held_for, news_in
from cancellations.ports import MOST_AT_ONCE, Announcement, Bus, Table
from cancellations.protocol import session_key
from cancellations.results import calls_of
from cancellations.values import dataclass
from cancellations.writes import number, text

VERSION = 1
"""Of what stands in a detail: docs/outcomes.md says what may change without another number."""

ENOUGH_S = 13.0
"""Seconds that must be left to begin with one more call of the table or the bus, under its own deadline."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """From this change on nothing is done: it and all after it come again."""

    sequence: str
    cause: str


@dataclass(frozen=True, slots=True)
class Announced:
    told: tuple[Announcement, ...] = ()
    stopped: Stopped | None = None


@dataclass(frozen=True, slots=True)
class _News:
    """An announcement, and which change it comes from."""

    sequence: str
    announcement: Announcement


@dataclass(frozen=True, slots=True)
class Announce:
    table: Table
    bus: Bus

    def __call__(self, changes: Iterable[Change], remaining: Remaining) -> Announced:
        """changes: in the order of the stream. Raises nothing of ours: what fails is where it stopped."""
        news, stopped = self._read(changes, remaining)
        told: list[Announcement] = []
        for call in _calls(news):
            put, failed = self._put(call, remaining)
            told += put
            if failed:
                return Announced(tuple(told), failed)
        return Announced(tuple(told), stopped)

    def _read(self, changes: Iterable[Change], remaining: Remaining) -> tuple[list[_News], Stopped | None]:
        """What is news, up to a change that cannot be read."""
        news: list[_News] = []
        for change in changes:
            try:
                kinds = news_in(change)
                if kinds and remaining() < ENOUGH_S:
                    raise OutOfTime("too little time is left")
                news += [_News(change.sequence, one) for one in self._announcements(change, kinds)]
            except CancellationsError as fault:
                return news, Stopped(change.sequence, f"{type(fault).__name__}: {fault}")
        return news, None

    def _put(self, call: list[_News], remaining: Remaining) -> tuple[list[Announcement], Stopped | None]:
        if remaining() < ENOUGH_S:
            return [], Stopped(call[0].sequence, "OutOfTime: too little time is left")
        try:
            faults = self.bus.put([one.announcement for one in call])
        except CancellationsError as fault:
            return [], Stopped(call[0].sequence, f"{type(fault).__name__}: {fault}")
        put = [one.announcement for one, fault in zip(call, faults, strict=True) if fault is None]
        failed = (
            Stopped(one.sequence, f"the bus refused it: {fault}")
            for one, fault in zip(call, faults, strict=True)
            if fault is not None
        )
        return put, next(failed, None)

    def _announcements(self, change: Change, kinds: tuple[Kind, ...]) -> Iterator[Announcement]:
        if not kinds:
            return
        item, request = change.new, request_from(change.new)
        session = self.table.read(session_key(request)) or {}
        revision = int(number(item, "revision") or 0)
        of_all: dict[str, Json] = {
            "version": VERSION,
            "request_id": request.id,
            "revision": revision,
            "organization": request.organization,
            "source": request.source,
            "event_id": request.event_id,
            "remote_session_id": request.remote_session_id,
            "status": text(item, "status"),
            "attempts": calls_of(request, session),
            "accepted_at": iso(request.accepted_at),
            "starts_at": iso(request.starts_at),
            "occurred_at": iso(change.at),
        }
        for kind in kinds:
            detail = {"id": _id(request.id, revision, kind), **of_all, **_of_one(kind, change)}
            known = {name: value for name, value in detail.items() if value is not None}
            yield Announcement(kind, request.id, change.at, known)


def _id(request_id: str, revision: int, kind: Kind) -> str:
    return f"{request_id}-{revision}-{kind.lower().replace(' ', '-')}"


def _of_one(kind: Kind, change: Change) -> dict[str, Json]:
    """What only this kind of event says. The reasons of people, and Prevail's own words, stay in the ledger."""
    next_at = iso(number(change.new, "next_at"))
    match kind:
        case "Cancellation Held":
            return {"held_for": held_for(change.new), "next_at": next_at}
        case "Cancellation Resumed":  # its end is told by an event of its own
            return {"held_for": held_for(change.before), "next_at": next_at}
        case "Cancellation Escalated":
            return {"next_at": next_at}
    outcome = outcome_of(change.new, ("outcome",))
    return {
        "reason": outcome.reason,
        "canceled_by": outcome.canceled_by,
        "evidence": outcome.evidence.kind if outcome.evidence else None,
        "settled_at": iso(number(change.new, "settled_at")),
    }


def _calls(news: Iterable[_News]) -> Iterator[list[_News]]:
    """At most MOST_AT_ONCE in each call, and of one request one: of a call some may fail, and its later news must not
    be on the bus before its earlier."""
    call: list[_News] = []
    for one in news:
        same = any(other.announcement.request_id == one.announcement.request_id for other in call)
        if call and (same or len(call) == MOST_AT_ONCE):
            yield call
            call = []
        call.append(one)
    if call:
        yield call
