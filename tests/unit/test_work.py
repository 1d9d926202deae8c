"""The use case behind one message."""

import json
from dataclasses import dataclass, field

import pytest

from builders import (
    ACCOUNT,
    API_KEY,
    NOW,
    a_request,
    a_source,
    an_organization,
    some_expressions,
    some_names,
)
from cancellations.answers import answer_for
from cancellations.cancel import Cancel
from cancellations.domain import BusMatch, Outcome
from cancellations.errors import Malformed, NotOurs
from cancellations.ledger import Ledger
from cancellations.messages import message_for
from cancellations.ports import Names
from cancellations.settlement import Postponed, Settlement
from cancellations.work import Work, Worked
from fakes import Clock, MemoryKeys, MemoryQueue, MemoryTable, ScriptedPrevail

EVENT = {
    "id": "bus-1",
    "account": ACCOUNT,
    "source": "com.acme.crm",
    "detail-type": "Deposition Canceled",
    "detail": {"event_id": "crm-1", "remote_session_id": "session-1", "canceled": True},
}


@dataclass
class Stage:
    table: MemoryTable = field(default_factory=MemoryTable)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    names: Names = field(default_factory=some_names)
    prevail: ScriptedPrevail = field(default_factory=lambda: ScriptedPrevail([answer_for(200)]))

    def work(self, message: object) -> Worked:
        ledger, clock, organization = Ledger(self.table, self.names, 180), Clock(NOW), an_organization()
        keys = MemoryKeys({organization.slug: API_KEY})
        settlement = Settlement(ledger, self.queue, clock)
        cancel = Cancel({organization.slug: organization}, settlement, keys, self.prevail, lambda: 0.5)
        source = a_source(
            name="bus",
            scheme="bus",
            secret=None,
            bus=BusMatch("com.acme.crm", "Deposition Canceled", None),
            expressions=some_expressions(
                event_id="body.detail.event_id",
                remote_session_id="body.detail.remote_session_id",
                filter="body.detail.canceled",
            ),
        )
        body = message if isinstance(message, str) else json.dumps(message)
        return Work((source,), ACCOUNT, ledger, self.queue, cancel, clock)(body, lambda: 60.0)


def an_event(**changes: object) -> dict[str, object]:
    return {**EVENT, **changes}


def test_a_request_that_was_accepted_at_the_door_is_canceled() -> None:
    stage = Stage()
    worked = stage.work(message_for(a_request(accepted_at=NOW)))
    assert isinstance(worked.result, Outcome)
    assert (worked.result.status, stage.prevail.patched) == ("canceled", [("session-1", False)])


def test_a_bus_event_is_accepted_and_canceled_by_four_writes() -> None:
    stage = Stage()
    worked = stage.work(an_event())
    assert isinstance(worked.result, Outcome)
    assert (worked.result.status, stage.table.writes) == ("canceled", 4)


def test_the_same_bus_event_again_sends_nothing() -> None:
    stage = Stage()
    stage.work(an_event())
    stage.work(an_event(id="bus-2"))
    assert len(stage.prevail.patched) == 1


def test_a_bus_event_that_was_stored_but_never_worked_on_is_gone_on_with() -> None:
    stage = Stage()
    stage.prevail.answers = [answer_for(503)]
    stage.work(an_event())
    stage.prevail.answers = [answer_for(200)]
    worked = stage.work(an_event())
    assert isinstance(worked.result, Outcome)
    assert worked.result.status == "canceled"


def test_of_two_bus_events_under_one_id_the_first_stands() -> None:
    stage = Stage()
    stage.work(an_event())
    other = an_event(detail={"event_id": "crm-1", "remote_session_id": "session-2", "canceled": True})
    assert stage.work(other).result == "conflict"
    assert stage.prevail.patched == [("session-1", False)]


def test_a_bus_event_that_is_no_cancellation_is_ignored_and_leaves_nothing() -> None:
    stage = Stage()
    detail = {"event_id": "crm-1", "remote_session_id": "session-1", "canceled": False}
    assert stage.work(an_event(detail=detail)) == Worked(None, "ignored")
    assert stage.table.items == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "999999999999"},
        {"source": "com.other"},
        {"detail-type": "Other"},
        {"source": ["com.acme.crm"]},
    ],
)
def test_a_bus_event_of_another_origin_is_not_ours(changes: dict[str, object]) -> None:
    stage = Stage()
    with pytest.raises(NotOurs):
        stage.work(an_event(**changes))
    assert (stage.table.items, stage.prevail.patched) == ({}, [])


@pytest.mark.parametrize(
    "message",
    [
        "",
        "nonsense",
        "[]",
        "1",
        {},
        {"version": 2, "request": {}},
        {"version": 1, "request": {}},
        {"version": 1, "request": {**a_request().as_json(), "cancel_without_email": "yes"}},
        an_event(detail="text"),
        an_event(detail={"canceled": True, "event_id": "crm-1"}),
    ],
)
def test_a_message_that_can_never_succeed_is_malformed_and_leaves_nothing(message: object) -> None:
    stage = Stage()
    with pytest.raises(Malformed):
        stage.work(message)
    assert (stage.table.items, stage.prevail.patched) == ({}, [])


def test_a_message_that_comes_before_its_time_waits_for_the_rest_of_it() -> None:
    stage = Stage()
    request = a_request(accepted_at=NOW)
    worked = stage.work(message_for(request, not_before=NOW + 3000.5))
    assert worked.result == Postponed("retrying", "told to wait", 3001)
    assert (stage.queue.sent, stage.prevail.patched) == ([(request, 3001)], [])


def test_a_message_whose_time_has_come_is_worked_on() -> None:
    stage = Stage()
    stage.work(message_for(a_request(accepted_at=NOW), not_before=NOW))
    assert len(stage.prevail.patched) == 1
