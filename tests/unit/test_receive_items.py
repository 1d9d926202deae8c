"""Deliveries that carry several items: each has a result of its own."""

import json
from collections.abc import Callable, Iterable

import pytest

from builders import NOW, a_delivery, a_receive, a_request, a_source, some_allowed, some_expressions
from cancellations.adapters import threads
from cancellations.admission import Conflicted, Received
from cancellations.configuration import LookupTable
from cancellations.domain import NEW, Delivery, Progress, Request
from cancellations.errors import Malformed, Unavailable, UnknownSession
from cancellations.intake import Ignored
from cancellations.receive import Arrival, Form, Receive, Rejected, Result
from cancellations.source.mapping import MAX_ITEMS, Item
from fakes import MemoryQueue, MemoryTable

EXPRESSIONS = some_expressions(
    items="body",
    event_id="item.id",
    remote_session_id="item.session",
    cancel_without_email=False,
    reason="item.reason",
    filters={"canceled": "item.off"},
)
BATCHES = a_source(expressions=EXPRESSIONS)


def an_item(number: int, **changes: object) -> dict[str, object]:
    return {"id": f"evt_{number}", "session": f"session-{number}", "off": True, **changes}


def a_batch(*items: object) -> Delivery:
    return a_delivery(body=json.dumps(items).encode())


def asked(number: int) -> Request:
    return a_request(event_id=f"evt_{number}", remote_session_id=f"session-{number}")


def received(number: int, *, replayed: bool = False) -> Received:
    return Received(asked(number), "queued", replayed)


def results_of(delivery: Delivery, receive: Receive | None = None) -> tuple[Result, ...]:
    arrival = (receive or a_receive(BATCHES))(delivery, NOW)
    assert isinstance(arrival, Arrival)
    return arrival.results


# ── Results ───────────────────────────────────────────────────────────────────────────────────────


def test_each_item_is_a_request_in_the_order_of_the_delivery() -> None:
    queue = MemoryQueue()
    arrival = a_receive(BATCHES, queue=queue)(a_batch(*map(an_item, range(3))), NOW)
    assert arrival == Arrival("acme", tuple(map(received, range(3))), "several", "current")
    assert queue.sent == [(asked(n), 0) for n in range(3)]


def test_one_item_in_a_list_is_answered_as_a_list() -> None:
    assert a_receive(BATCHES)(a_batch(an_item(1)), NOW) == Arrival(
        "acme", (received(1),), "several", "current"
    )


def test_an_object_in_place_of_the_list_is_answered_as_one() -> None:
    delivery = a_delivery(body=json.dumps(an_item(1)).encode())
    assert a_receive(BATCHES)(delivery, NOW) == Arrival("acme", (received(1),), "one", "current")


def test_an_empty_list_has_no_results_and_leaves_nothing() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    assert results_of(a_batch(), a_receive(BATCHES, table=table, queue=queue)) == ()
    assert (table.items, queue.sent) == ({}, [])


def test_every_kind_of_result_stands_beside_the_others() -> None:
    receive = a_receive(BATCHES)
    receive(a_batch(an_item(1)), NOW)
    new, known, off, other, bad = results_of(
        a_batch(
            an_item(2), an_item(1), an_item(3, off=False), an_item(1, session="s"), an_item(4, session=7)
        ),
        receive,
    )
    assert (new, known, off) == (received(2), received(1, replayed=True), Ignored("acme", "canceled"))
    assert isinstance(other, Conflicted)
    assert isinstance(bad, Rejected)
    assert "remote_session_id is a number" in str(bad.error)


@pytest.mark.parametrize(
    "bad",
    [None, "text", 7, [], {}, an_item(0, session="../x"), an_item(0, id=None), an_item(0, off="yes")],
    ids=["null", "text", "number", "list", "empty", "session", "event", "filter"],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_item_leaves_its_neighbours(bad: object, place: int) -> None:
    queue = MemoryQueue()
    items: list[object] = [an_item(1), an_item(2)]
    items.insert(place, bad)
    results = results_of(a_batch(*items), a_receive(BATCHES, queue=queue))
    assert [type(result) for result in results].index(Rejected) == place
    assert queue.sent == [(asked(1), 0), (asked(2), 0)]


def test_an_id_that_no_table_knows_leaves_its_neighbours_too() -> None:
    source = a_source(expressions=EXPRESSIONS, lookup=LookupTable({"a": "session-1"}, "refuse"))
    known, unknown = results_of(a_batch(an_item(1, session="a"), an_item(2, session="b")), a_receive(source))
    assert known == received(1)
    assert isinstance(unknown, Rejected)
    assert isinstance(unknown.error, UnknownSession)


def test_an_organization_that_is_not_in_the_list_leaves_its_neighbours_too() -> None:
    expressions = some_expressions(
        organization=some_allowed("item.account"),
        items="body",
        event_id="item.id",
        remote_session_id="item.session",
        cancel_without_email=False,
    )
    ours, others = results_of(
        a_batch(an_item(1, account="acme"), an_item(2, account="globex")),
        a_receive(a_source(expressions=expressions)),
    )
    assert ours == received(1)
    assert isinstance(others, Rejected)


# ── The same event twice ──────────────────────────────────────────────────────────────────────────


def test_the_same_event_twice_in_one_delivery_is_one_request() -> None:
    queue = MemoryQueue()
    results = results_of(a_batch(an_item(1), an_item(1)), a_receive(BATCHES, queue=queue))
    assert results == (received(1), received(1, replayed=True))
    assert len(queue.sent) == 1


def test_of_two_payloads_under_one_event_id_the_first_stands() -> None:
    first, second = results_of(a_batch(an_item(1), an_item(1, session="session-2")))
    assert first == received(1)
    assert isinstance(second, Conflicted)


@pytest.mark.parametrize("copies", [2, MAX_ITEMS])
def test_the_same_event_many_times_at_once_is_one_request(copies: int) -> None:
    queue = MemoryQueue()
    receive = a_receive(BATCHES, queue=queue, each=threads.each)
    results = results_of(a_batch(*[an_item(1)] * copies), receive)
    replayed = [result.replayed for result in results if isinstance(result, Received)]
    assert sorted(replayed) == [False, *[True] * (copies - 1)]
    assert len(queue.sent) == 1


# ── What is no list of items ──────────────────────────────────────────────────────────────────────


def test_a_hundred_items_are_taken() -> None:
    assert len(results_of(a_batch(*map(an_item, range(MAX_ITEMS))))) == 100


def test_more_than_a_hundred_items_are_refused_whole_and_leave_nothing() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    with pytest.raises(Malformed, match="more than 100 items"):
        a_receive(BATCHES, table=table, queue=queue)(a_batch(*map(an_item, range(MAX_ITEMS + 1))), NOW)
    assert (table.writes, queue.sent) == (0, [])


def test_a_list_is_malformed_for_a_source_that_sends_no_items() -> None:
    with pytest.raises(Malformed, match="not a JSON object"):
        a_receive()(a_batch(an_item(1)), NOW)


def test_items_that_are_no_list_are_malformed() -> None:
    source = a_source(expressions=some_expressions(items="body.events"))
    with pytest.raises(Malformed, match="the items are missing, not a list"):
        a_receive(source)(a_delivery(), NOW)


# ── Forms and threads ─────────────────────────────────────────────────────────────────────────────

CLOUD_EVENTS = some_expressions(
    items="body",
    event_id=("item.source", "item.id"),
    remote_session_id="item.subject",
    cancel_without_email=False,
)


def a_cloud_event(number: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "/crm",
        "type": "off",
        "subject": f"session-{number}",
    }


@pytest.mark.parametrize(
    ("content_type", "document", "form"),
    [
        ("application/cloudevents+json", a_cloud_event(1), "one"),
        ("application/cloudevents-batch+json", [a_cloud_event(1)], "several"),
    ],
)
def test_a_cloud_event_is_one_and_a_batch_of_them_several(
    content_type: str, document: object, form: Form
) -> None:
    receive = a_receive(a_source(body="cloudevents", expressions=CLOUD_EVENTS))
    delivery = a_delivery(body=json.dumps(document).encode(), headers={"content-type": content_type})
    request = a_request(event_id='["/crm","1"]')
    assert receive(delivery, NOW) == Arrival(
        "acme", (Received(request, "queued", replayed=False),), form, "current"
    )


def test_items_are_taken_by_whatever_applies_a_function_to_each() -> None:
    taken: list[object] = []

    def backwards(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        listed = list(items)
        taken.extend(item["item"] for item in reversed(listed))
        return [function(item) for item in listed]

    results_of(a_batch(an_item(1), an_item(2)), a_receive(BATCHES, each=backwards))
    assert taken == [an_item(2), an_item(1)]


def test_where_one_item_cannot_be_queued_the_whole_delivery_comes_again_and_the_others_are_known() -> None:
    class HalfBroken(MemoryQueue):
        broken = True

        def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
            if self.broken and request.event_id == "evt_2":
                raise Unavailable("the queue did not answer")
            super().send(request, delay, progress)

    queue = HalfBroken()
    receive = a_receive(BATCHES, queue=queue, each=threads.each)
    batch = a_batch(an_item(1), an_item(2), an_item(3))
    with pytest.raises(Unavailable):
        receive(batch, NOW)
    queue.broken = False
    results_of(batch, receive)
    assert sorted(request.event_id for request, _ in queue.sent) == ["evt_1", "evt_2", "evt_3"]
