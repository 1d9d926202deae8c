"""Announcing: what stands in an event, the order of events, and what becomes of those that fail."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest

from builders import NOW, a_request
from cancellations.admission import OBSERVED
from cancellations.announce import ENOUGH_S, Announce, Announced, Stopped
from cancellations.answers import Answer, answer_for
from cancellations.cancel import MAX_AGE_S
from cancellations.domain import KNOWN, Request
from cancellations.errors import Unavailable
from cancellations.news import Change, Kind
from cancellations.ports import MOST_AT_ONCE, Announcement
from cancellations.protocol import guards, request_key
from cancellations.writes import Item
from fakes import MemoryBus, MemoryTable
from outcomes import as_event, faults_of
from stage import READ_TIMEOUT, a_stage, accepted
from streams import StreamedTable, numbered

PERSONAL = ("Jane", "on call", "secret")
"""Words that stand in the ledger below."""


class Room:
    """A cancel use case, and an announcer that reads what it writes."""

    def __init__(self, *answers: Answer | int, **states: str) -> None:
        self.stage = a_stage(*answers, **states)
        self.table = StreamedTable(self.stage.clock)
        self.stage.table = self.table
        self.bus = MemoryBus()

    def announce(self, changes: Sequence[Change] | None = None, remaining: float = 60.0) -> Announced:
        said = Announce(self.table, self.bus)
        return said(self.table.changes if changes is None else changes, lambda: remaining)

    def pause(self) -> None:
        self.table.write(guards.pause("acme", by="Jane on call", reason="a secret", now=0.0))

    def cancel(self, **asked: object) -> Request:
        request = accepted(self.stage, reason="Jane is ill", requested_by="Jane", **asked)
        self.stage.cancel(request, progress=KNOWN)
        self.stage.clock.now += 200
        return request

    @property
    def events(self) -> list[dict[str, Any]]:
        return [as_event(one) for one in self.bus.told]


# ── What stands in an event ───────────────────────────────────────────────────────────────────────


def canceled() -> Room:
    room = Room(answer_for(200, words="Jane, your session is canceled"))
    room.cancel()
    return room


def every_kind() -> Room:
    """A story in which each kind of event comes at least once."""
    room = Room(
        answer_for(403, words="Jane may not"), answer_for(200), answer_for(503, wait=600.0), answer_for(200)
    )
    room.cancel(event_id="refused")
    room.cancel(event_id="canceled", remote_session_id="s2")
    room.cancel(event_id="already", remote_session_id="s2", cancel_without_email=True)
    room.cancel(event_id="escalated", starts_at=room.stage.clock() + 1800)
    room.stage.clock.now += 1200
    room.pause()
    room.cancel(event_id="held")
    room.cancel(event_id="old", remote_session_id="s3", accepted_at=room.stage.clock() - MAX_AGE_S - 1)
    room.table.write(guards.resume("acme"))
    room.cancel(event_id="held")
    observed = a_request(organization="acme", event_id="observed")
    room.stage.ledger.accept(observed, NOW, outcome=OBSERVED)
    return room


def test_a_canceled_session_is_told_in_full() -> None:
    room = canceled()
    room.announce()
    (event,) = room.events
    request = idempotent = room.bus.told[0].request_id
    assert event == {
        "source": "prevail-cancellations",
        "detail-type": "Session Canceled",
        "detail": {
            "id": f"{request}-2-session-canceled",
            "version": 1,
            "request_id": request,
            "revision": 2,
            "organization": "acme",
            "source": "acme",
            "event_id": "msg_1",
            "remote_session_id": "s1",
            "status": "canceled",
            "canceled_by": idempotent,
            "evidence": "answer",
            "attempts": 1,
            "accepted_at": "2027-01-15T08:00:00.000Z",
            "settled_at": "2027-01-15T08:00:00.000Z",
            "occurred_at": "2027-01-15T08:00:00.000Z",
        },
    }


def test_every_kind_of_event_is_what_the_published_schema_says() -> None:
    room = every_kind()
    assert room.announce().stopped is None
    assert {event["detail-type"] for event in room.events} == set(get_args(Kind.__value__))
    assert [faults_of(event) for event in room.events if faults_of(event)] == []


def test_no_words_of_people_leave_the_ledger() -> None:
    room = every_kind()
    room.announce()
    ledger = json.dumps([change.new for change in room.table.changes])
    told = json.dumps(room.events)
    assert [word for word in PERSONAL if word not in ledger] == []
    assert [word for word in PERSONAL if word in told] == []


def test_attempts_are_the_calls_that_may_have_reached_prevail() -> None:
    room = Room(READ_TIMEOUT, s1="canceled")
    for _ in range(2):
        room.cancel()
    room.announce()
    (event,) = room.events
    assert event["detail"]["attempts"] == 1  # the second attempt only looked


def test_the_end_of_a_hold_says_what_it_was_held_for() -> None:
    room = Room(200)
    room.pause()
    room.cancel()
    room.table.write(guards.resume("acme"))
    room.cancel()
    room.announce()
    held, resumed, last = room.events
    assert (held["detail"]["held_for"], resumed["detail"]["held_for"]) == ("paused", "paused")
    assert "held_for" not in last["detail"]


def test_the_greatest_event_fits_ten_times_into_one_call() -> None:
    """EventBridge counts all entries of a call together: 256 KB."""
    widest = a_request(
        organization="o" * 128,
        source="s" * 64,
        event_id="\\" * 256,
        remote_session_id="r" * 128,
        reason="x" * 500,
        requested_by="x" * 500,
    )
    item = an_image(
        widest, "canceled", outcome={"status": "canceled", "evidence": "x" * 5000, "canceled_by": "f" * 64}
    )
    room = Room()
    room.announce([Change("1", NOW, {}, item)])
    (event,) = room.events
    assert len(json.dumps(event).encode()) * MOST_AT_ONCE < 256 * 1024


# ── Ids ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_event_that_comes_again_is_the_same_event() -> None:
    room = every_kind()
    room.announce()
    first = room.events
    room.bus.told.clear()
    room.announce()
    assert room.events == first


def test_no_two_events_have_one_id() -> None:
    room = every_kind()
    room.announce()
    ids = [event["detail"]["id"] for event in room.events]
    assert len(ids) == len(set(ids))


# ── Order, and what fails ─────────────────────────────────────────────────────────────────────────


def an_image(request: Request, status: str, **more: Any) -> Item:  # noqa: ANN401 - whatever an item holds
    known: Item = {"pk": request_key(request.id), **request.as_json(), "accepted_by": "token", "revision": 1}
    return {**known, "status": status, **more}


def settled(event_id: str, status: str = "canceled") -> Change:
    request = a_request(event_id=event_id)
    old = an_image(request, "queued")
    return Change(
        "", NOW, old, an_image(request, status, outcome={"status": status, "reason": "x"}, revision=2)
    )


def went_on(event_id: str) -> Change:
    return replace(settled(event_id), old=an_image(a_request(event_id=event_id), "held"))


def a_crowd(number: int) -> list[Change]:
    return [settled(f"event-{place}") for place in range(number)]


def announced(room: Room, *changes: Change, remaining: float = 60.0) -> Announced:
    return room.announce(numbered(*changes), remaining)


def event_ids(announcements: Sequence[Announcement]) -> list[object]:
    return [one.detail["event_id"] for one in announcements]


def test_events_come_in_the_order_of_the_stream() -> None:
    room = Room()
    assert announced(room, *a_crowd(25)).stopped is None
    assert event_ids(room.bus.told) == [f"event-{place}" for place in range(25)]


def test_a_call_carries_no_more_than_the_bus_takes() -> None:
    room = Room()
    announced(room, *a_crowd(25))
    assert [len(call) for call in room.bus.calls] == [10, 10, 5]


def test_two_events_of_one_request_are_never_in_one_call() -> None:
    room = Room()
    announced(room, settled("a"), went_on("b"), settled("c"))
    assert [event_ids(call) for call in room.bus.calls] == [["a", "b"], ["b", "c"]]


def test_nothing_to_tell_is_no_call() -> None:
    room = Room()
    assert announced(room) == Announced()
    assert room.bus.calls == []


def test_where_the_bus_refuses_one_all_from_there_on_come_again() -> None:
    room = Room()
    room.bus.refuse = {"Cancellation Refused": "InternalFailure"}
    changes = [settled("a"), settled("b", "refused"), settled("c"), *a_crowd(10)]
    done = announced(room, *changes)
    assert done.stopped == Stopped("2", "the bus refused it: InternalFailure")
    assert len(room.bus.calls) == 1


def test_what_is_told_is_what_is_on_the_bus() -> None:
    room = Room()
    room.bus.refuse = {"Cancellation Refused": "InternalFailure"}
    done = announced(room, settled("a"), settled("b", "refused"), settled("c"))
    assert done.told == tuple(room.bus.told)
    assert event_ids(done.told) == ["a", "c"]


def test_the_later_event_of_a_request_waits_for_its_earlier_one() -> None:
    room = Room()
    room.bus.refuse = {"Cancellation Resumed": "ThrottlingException"}
    done = announced(room, settled("a"), went_on("b"))
    assert event_ids(room.bus.told) == ["a"]
    assert done.stopped == Stopped("2", "the bus refused it: ThrottlingException")


def test_a_bus_that_does_not_answer_stops_at_the_first_of_its_call() -> None:
    room = Room()
    answers = iter([None, Unavailable("the bus")])

    class Silent(MemoryBus):
        def put(self, announcements: Sequence[Announcement]) -> list[str | None]:
            if fault := next(answers):
                raise fault
            return super().put(announcements)

    room.bus = Silent()
    assert announced(room, *a_crowd(15)).stopped == Stopped("11", "Unavailable: the bus")
    assert len(room.bus.told) == 10


def test_a_change_that_cannot_be_read_stops_after_those_before_it() -> None:
    room = Room()
    broken = replace(settled("b"), new={"pk": "REQUEST#b", "status": "canceled"})
    done = announced(room, settled("a"), broken, settled("c"))
    assert event_ids(room.bus.told) == ["a"]
    assert done.stopped
    assert done.stopped.sequence == "2"


def test_a_table_that_does_not_answer_stops_at_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> None:
        raise Unavailable("the table")

    monkeypatch.setattr(MemoryTable, "read", silent)
    assert announced(Room(), settled("a")).stopped == Stopped("1", "Unavailable: the table")


def test_with_too_little_time_nothing_is_begun() -> None:
    room = Room()
    done = announced(room, settled("a"), remaining=ENOUGH_S - 1)
    assert (done.told, room.bus.calls) == ((), [])
    assert done.stopped
    assert done.stopped.sequence == "1"


def test_without_news_no_time_is_needed() -> None:
    request = a_request()
    queued = Change("", NOW, {}, an_image(request, "queued"))
    assert announced(Room(), queued, remaining=0.0) == Announced()


def test_time_that_runs_out_between_two_calls_stops_at_the_second() -> None:
    room, left = Room(), iter([*[60.0] * 16, 1.0])
    done = Announce(room.table, room.bus)(numbered(*a_crowd(15)), lambda: next(left))
    assert len(done.told) == 10
    assert done.stopped
    assert done.stopped.sequence == "11"
