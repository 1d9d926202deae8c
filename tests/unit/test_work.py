"""The use case behind one message."""

import json
from dataclasses import dataclass, field

import pytest

from builders import (
    ACCOUNT,
    API_KEY,
    EVENT_UUID,
    NOW,
    a_bus_event,
    a_bus_source,
    a_request,
    an_organization,
    some_expressions,
    some_names,
)
from cancellations.admission import Admission, Conflicted, Received
from cancellations.answers import answer_for
from cancellations.cancel import MAX_AGE_S
from cancellations.configuration import Source
from cancellations.domain import KNOWN, BusMatch, Json, Outcome, Progress, idempotency_key
from cancellations.errors import Malformed, NotOurs
from cancellations.intake import Ignored, Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.messages import message_for
from cancellations.ports import Names
from cancellations.protocol import request_key
from cancellations.receive import Rejected
from cancellations.settlement import Postponed, Settlement
from cancellations.source import values
from cancellations.waits import Waits
from cancellations.work import Work, Worked
from fakes import Clock, MemoryKeys, MemoryQueue, MemoryTable, ScriptedPrevail
from stage import a_cancel

DETAIL: dict[str, Json] = {"event_id": "crm-1", "remote_session_id": "session-1", "canceled": True}
FILTERED = a_bus_source(
    expressions=some_expressions(
        event_id="body.detail.event_id",
        remote_session_id="body.detail.remote_session_id",
        filters={"canceled": "body.detail.canceled"},
    )
)
BATCHES = some_expressions(
    items="body.detail.items",
    event_id="item.id",
    remote_session_id="item.session",
    cancel_without_email=False,
    filters={"canceled": "item.off"},
)


@dataclass
class Stage:
    source: Source = FILTERED
    table: MemoryTable = field(default_factory=MemoryTable)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    names: Names = field(default_factory=some_names)
    prevail: ScriptedPrevail = field(default_factory=lambda: ScriptedPrevail([answer_for(200)]))
    caps: dict[str, int] = field(default_factory=dict)

    def work(self, message: object) -> Worked:
        ledger, clock, organization = Ledger(self.table, self.names, 180), Clock(NOW), an_organization()
        keys = MemoryKeys({organization.slug: API_KEY})
        settlement = Settlement(ledger, self.queue, clock)
        cancel = a_cancel(organization, settlement, keys, self.prevail, table=self.table, caps=self.caps)
        intake, admission = Intake(Lookup(self.table)), Admission(ledger, self.queue)
        body = message if isinstance(message, str) else json.dumps(message)
        return Work((self.source,), ACCOUNT, intake, admission, cancel, clock)(body, lambda: 60.0)

    def status(self, event_id: str) -> object:
        key = request_key(idempotency_key("acme-legal", self.source.name, event_id))
        return self.table.items[key]["status"]


def an_event(**changes: object) -> dict[str, object]:
    return a_bus_event(**{"detail": DETAIL, **changes})  # type: ignore[arg-type]  # whatever a test puts there


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
    stage.prevail.answers = [answer_for(425)]
    stage.work(an_event())
    stage.prevail.answers = [answer_for(200)]
    worked = stage.work(an_event())
    assert isinstance(worked.result, Outcome)
    assert worked.result.status == "canceled"


def test_of_two_bus_events_under_one_id_the_first_stands() -> None:
    stage = Stage()
    stage.work(an_event())
    other = an_event(detail={"event_id": "crm-1", "remote_session_id": "session-2", "canceled": True})
    assert isinstance(stage.work(other).result, Conflicted)
    assert stage.prevail.patched == [("session-1", False)]


def test_a_bus_event_that_is_no_cancellation_is_ignored_and_leaves_nothing() -> None:
    stage = Stage()
    detail = {"event_id": "crm-1", "remote_session_id": "session-1", "canceled": False}
    ignored = Ignored("on-the-bus", "canceled")
    assert stage.work(an_event(detail=detail)) == Worked(None, ignored, EVENT_UUID)
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
        {"version": "2", "request": {}},
        {"version": 1, "request": {}},
        {"version": 1, "request": {**a_request().as_json(), "cancel_without_email": "yes"}},
        {"version": 1, "request": a_request(remote_session_id="../../x").as_json()},
        message_for(a_request(accepted_at=NOW + MAX_AGE_S + 1)),
        {**message_for(a_request()), "not_before": "2027"},
        {**message_for(a_request()), "slot": "2027"},
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
    assert worked.result == Postponed("retrying", Waits("told_to_wait"), 3001)
    assert (stage.queue.sent, stage.prevail.patched) == ([(request, 3001)], [])


def test_no_message_waits_longer_than_its_request_may_live() -> None:
    stage = Stage()
    worked = stage.work(message_for(a_request(accepted_at=NOW), not_before=values.MAX_TIME - 1))
    assert worked.result == Postponed("retrying", Waits("told_to_wait"), MAX_AGE_S)


def test_only_an_id_that_eventbridge_gives_is_reported() -> None:
    stage = Stage()
    assert stage.work(an_event()).delivery == EVENT_UUID
    assert stage.work(an_event(id="words")).delivery is None


def test_a_message_that_comes_before_its_time_keeps_what_it_has_passed() -> None:
    stage = Stage()
    progress = Progress(counted=True, slot=NOW + 3000.0)
    stage.work(message_for(a_request(accepted_at=NOW), progress, not_before=NOW + 3000.5))
    assert stage.queue.progress == [progress]


def test_what_a_message_has_passed_reaches_the_use_case() -> None:
    stage = Stage(caps={"acme": 0})
    worked = stage.work(message_for(a_request(accepted_at=NOW), KNOWN))
    assert isinstance(worked.result, Outcome)


def test_a_message_of_the_version_before_is_as_new() -> None:
    stage = Stage(caps={"acme": 0})
    worked = stage.work({"version": 1, "request": a_request(accepted_at=NOW).as_json()})
    assert isinstance(worked.result, Postponed)
    assert worked.result.status == "held"


def test_a_message_whose_time_has_come_is_worked_on() -> None:
    stage = Stage()
    stage.work(message_for(a_request(accepted_at=NOW), not_before=NOW))
    assert len(stage.prevail.patched) == 1


# ── Accounts and partners ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("account", "ours"), [(ACCOUNT, False), ("999999999999", True)])
def test_a_source_that_names_an_account_takes_events_of_that_one_alone(account: str, *, ours: bool) -> None:
    bus = BusMatch("com.acme.crm", "DepositionCanceled", "999999999999")
    stage = Stage(a_bus_source(bus=bus))
    try:
        stage.work(an_event(account=account))
    except NotOurs:
        assert not ours
    assert len(stage.prevail.patched) == int(ours)


# ── Sources that are only watched ─────────────────────────────────────────────────────────────────


def test_an_event_of_a_watched_source_is_recorded_and_calls_nobody() -> None:
    stage = Stage(a_bus_source(mode="observe"))
    assert stage.work(an_event()).result == Outcome("observed")
    assert (stage.status("crm-1"), stage.prevail.patched, stage.prevail.looks) == ("observed", [], 0)
    assert stage.queue.sent == []


def test_an_observed_event_that_comes_again_calls_nobody_though_its_source_is_active_by_then() -> None:
    stage = Stage(a_bus_source(mode="observe"))
    stage.work(an_event())
    stage.source = a_bus_source()
    assert stage.work(an_event()).result == Outcome("observed")
    assert (stage.status("crm-1"), stage.prevail.patched, stage.queue.sent) == ("observed", [], [])


def test_another_event_under_an_observed_id_is_a_conflict() -> None:
    stage = Stage(a_bus_source(mode="observe"))
    stage.work(an_event())
    other = an_event(detail={**DETAIL, "remote_session_id": "session-2"})
    assert isinstance(stage.work(other).result, Conflicted)


# ── Events with several items ─────────────────────────────────────────────────────────────────────


def with_items(*items: Json) -> dict[str, object]:
    return an_event(detail={"items": list(items)})


def an_item(number: int, **changes: Json) -> dict[str, Json]:
    return {"id": f"evt_{number}", "session": f"session-{number}", "off": True, **changes}


def several() -> Stage:
    return Stage(a_bus_source(expressions=BATCHES))


def kinds(worked: Worked) -> list[type]:
    assert isinstance(worked.result, tuple)
    return [type(result) for result in worked.result]


def queued(stage: Stage) -> list[str]:
    return [request.event_id for request, _ in stage.queue.sent]


def test_each_item_of_an_event_gets_a_message_of_its_own() -> None:
    stage = several()
    worked = stage.work(with_items(an_item(1), an_item(2, off=False), an_item(3)))
    assert kinds(worked) == [Received, Ignored, Received]
    assert (queued(stage), stage.prevail.patched) == (["evt_1", "evt_3"], [])


def test_a_message_of_an_item_is_canceled_like_any_other() -> None:
    stage = several()
    stage.work(with_items(an_item(1)))
    worked = stage.work(message_for(stage.queue.sent[0][0]))
    assert isinstance(worked.result, Outcome)
    assert (worked.result.status, stage.prevail.patched) == ("canceled", [("session-1", False)])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_item_leaves_its_neighbours_and_the_event_for_a_person_to_see(place: int) -> None:
    stage = several()
    items: list[Json] = [an_item(1), an_item(2)]
    items.insert(place, an_item(3, session="../sessions"))
    worked = stage.work(with_items(*items))
    assert f"item {place}: remote_session_id" in str(worked.result)
    assert (queued(stage), worked.for_a_person) == (["evt_1", "evt_2"], True)


def test_an_event_whose_items_are_all_good_is_for_no_person() -> None:
    assert not several().work(with_items(an_item(1), an_item(2, off=False))).for_a_person


def test_an_event_that_comes_again_for_its_bad_item_queues_its_good_ones_once() -> None:
    stage = several()
    worked = [stage.work(with_items(an_item(1), an_item(2, session=7))) for _ in range(2)]
    assert [kinds(each) for each in worked] == [[Received, Rejected]] * 2
    assert queued(stage) == ["evt_1"]


def test_an_event_without_items_leaves_nothing() -> None:
    stage = several()
    assert stage.work(with_items()).result == ()
    assert (stage.table.items, stage.queue.sent) == ({}, [])


def test_an_event_with_too_many_items_is_malformed_and_leaves_nothing() -> None:
    stage = several()
    with pytest.raises(Malformed, match="more than 100 items"):
        stage.work(with_items(*map(an_item, range(101))))
    assert (stage.table.items, stage.queue.sent) == ({}, [])


def test_an_object_in_place_of_the_items_is_canceled_at_once() -> None:
    stage = several()
    worked = stage.work(an_event(detail={"items": an_item(1)}))
    assert isinstance(worked.result, Outcome)
    assert (worked.result.status, stage.queue.sent) == ("canceled", [])


def test_each_item_of_a_watched_source_is_recorded_and_calls_nobody() -> None:
    stage = Stage(a_bus_source(mode="observe", expressions=BATCHES))
    stage.work(with_items(an_item(1), an_item(2)))
    assert (stage.status("evt_1"), stage.status("evt_2")) == ("observed", "observed")
    assert (stage.queue.sent, stage.prevail.patched) == ([], [])
