import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from builders import (
    IS_CANCELED,
    NOW,
    SIGNING_SECRET,
    a_body,
    a_delivery,
    a_receive,
    a_request,
    a_source,
    some_expressions,
)
from cancellations.admission import Conflicted, Received
from cancellations.domain import NEW, Delivery, Outcome, Progress, Request
from cancellations.errors import Unavailable
from cancellations.intake import Ignored
from cancellations.protocol import request_key
from cancellations.protocol.requests import settle as settling
from cancellations.receive import Arrival, Receive, Result
from cancellations.writes import ConditionFailed, Item, Write
from fakes import KnownKeys, MemoryQueue, MemoryTable

LATER = NOW + 11


class BrokenTable(MemoryTable):
    def write(self, write: Write) -> Item:
        raise Unavailable(f"no answer for {write.key}")


class BrokenQueue(MemoryQueue):
    def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
        raise Unavailable(f"no answer for {request.id} {delay} {progress}")


class CrowdedTable(MemoryTable):
    """Holds back everybody who finds the request stored until all of a crowd have found it."""

    def __init__(self, crowd: int) -> None:
        super().__init__()
        self.gathered = threading.Barrier(crowd, timeout=10)

    def write(self, write: Write) -> Item:
        try:
            return super().write(write)
        except ConditionFailed:
            if any(change.path == ("fingerprint",) for change in write.changes):
                self.gathered.wait()
            raise


def result_of(receive: Receive, delivery: Delivery, now: float = NOW) -> Result:
    """What became of a delivery that carries one item."""
    arrival = receive(delivery, now)
    assert isinstance(arrival, Arrival)
    (result,) = arrival.results
    return result


# ── First deliveries ──────────────────────────────────────────────────────────────────────────────


def test_a_first_delivery_is_received() -> None:
    received = Received(a_request(), "queued", replayed=False)
    assert a_receive()(a_delivery(), NOW) == Arrival("acme", (received,), "one", "current")


def test_a_first_delivery_is_stored() -> None:
    table = MemoryTable()
    a_receive(table=table)(a_delivery(), NOW)
    assert list(table.items) == [request_key(a_request().id)]


def test_a_first_delivery_sends_one_message_at_once() -> None:
    queue = MemoryQueue()
    a_receive(queue=queue)(a_delivery(), NOW)
    assert queue.sent == [(a_request(), 0)]


def test_what_cannot_be_stored_is_not_queued() -> None:
    queue = MemoryQueue()
    with pytest.raises(Unavailable):
        a_receive(table=BrokenTable(), queue=queue)(a_delivery(), NOW)
    assert queue.sent == []


def test_what_cannot_be_queued_is_not_received() -> None:
    with pytest.raises(Unavailable):
        a_receive(queue=BrokenQueue())(a_delivery(), NOW)


def test_what_could_not_be_queued_is_queued_by_a_later_delivery() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    with pytest.raises(Unavailable):
        a_receive(table=table, queue=BrokenQueue())(a_delivery(), NOW)
    a_receive(table=table, queue=queue)(a_delivery(timestamp=LATER), LATER)
    assert [request.id for request, _ in queue.sent] == [a_request().id]


# ── Duplicates ────────────────────────────────────────────────────────────────────────────────────


def test_a_second_delivery_sends_nothing() -> None:
    queue = MemoryQueue()
    receive = a_receive(queue=queue)
    receive(a_delivery(), NOW)
    receive(a_delivery(), NOW + 10)
    assert len(queue.sent) == 1


def test_a_second_delivery_is_replayed() -> None:
    receive = a_receive()
    receive(a_delivery(), NOW)
    assert result_of(receive, a_delivery()) == Received(a_request(), "queued", replayed=True)


def test_a_second_delivery_in_other_words_is_the_same() -> None:
    receive = a_receive(a_source(expressions=some_expressions(reason="body.data.reason")))
    receive(a_delivery(), NOW)
    again = result_of(receive, a_delivery(body=a_body(reason="other words")))
    assert isinstance(again, Received)
    assert again.replayed


def test_a_delivery_after_the_outcome_hears_the_outcome() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    receive = a_receive(table=table, queue=queue)
    receive(a_delivery(), NOW)
    table.write(settling(a_request(), Outcome("canceled"), now=NOW))
    known = Received(a_request(), "canceled", replayed=True)
    assert result_of(receive, a_delivery(timestamp=LATER), LATER) == known


def test_a_settled_request_is_never_queued_again() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    receive = a_receive(table=table, queue=queue)
    receive(a_delivery(), NOW)
    table.write(settling(a_request(), Outcome("canceled"), now=NOW))
    receive(a_delivery(timestamp=LATER), LATER)
    assert len(queue.sent) == 1


def test_fifty_later_deliveries_one_after_the_other_send_one_more_message() -> None:
    queue = MemoryQueue()
    receive = a_receive(queue=queue)
    receive(a_delivery(), NOW)
    for _ in range(50):
        receive(a_delivery(timestamp=LATER), LATER)
    assert len(queue.sent) == 2


def test_fifty_later_deliveries_at_once_send_one_more_message() -> None:
    table, queue = CrowdedTable(crowd=50), MemoryQueue()
    receive = a_receive(table=table, queue=queue)
    receive(a_delivery(), NOW)
    with ThreadPoolExecutor(50) as crowd:
        results = list(crowd.map(lambda _: receive(a_delivery(timestamp=LATER), LATER), range(50)))
    assert len(results) == 50
    assert len(queue.sent) == 2


# ── Conflicts ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [a_body(remote_session_id="session-2"), a_body(cancel_without_email=True)],
    ids=["other-session", "other-flag"],
)
def test_another_payload_under_the_same_event_id_is_a_conflict(body: bytes) -> None:
    queue = MemoryQueue()
    receive = a_receive(queue=queue)
    receive(a_delivery(), NOW)
    assert isinstance(result_of(receive, a_delivery(body=body)), Conflicted)
    assert len(queue.sent) == 1


def test_the_first_payload_stands() -> None:
    table = MemoryTable()
    receive = a_receive(table=table)
    receive(a_delivery(), NOW)
    receive(a_delivery(body=a_body(remote_session_id="session-2")), NOW)
    (stored,) = table.items.values()
    assert stored["remote_session_id"] == "session-1"


def test_two_sources_do_not_share_event_ids() -> None:
    queue, secrets = MemoryQueue(), KnownKeys({"acme": SIGNING_SECRET, "globex": SIGNING_SECRET})
    sources = (a_source(), a_source(name="globex"))
    receive = a_receive(*sources, queue=queue, secrets=secrets)
    receive(a_delivery(), NOW)
    receive(a_delivery(source="globex", body=a_body(remote_session_id="session-2")), NOW)
    assert len(queue.sent) == 2


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_no_cancellation_is_ignored_and_leaves_nothing() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    filters = {"canceled": IS_CANCELED, "moved": "body.type == 'deposition.moved'"}
    source = a_source(expressions=some_expressions(filters=filters))
    assert result_of(a_receive(source, table=table, queue=queue), a_delivery()) == Ignored("acme", "moved")
    assert (table.items, queue.sent) == ({}, [])
