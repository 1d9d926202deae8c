"""Taking a request in. What a sender sees of it stands in test_receive.py."""

import pytest

from builders import NAMES, NOW, a_request
from cancellations.admission import QUEUE_AGAIN_AFTER_S, Admission, Conflicted, Received
from cancellations.domain import NEW, Progress, Request
from cancellations.errors import Unavailable
from cancellations.ledger import Ledger
from cancellations.protocol import request_key
from cancellations.writes import Item, Write
from fakes import MemoryQueue, MemoryTable

REQUEST = a_request()
LATER = NOW + QUEUE_AGAIN_AFTER_S + 1
LONG_AFTER = NOW + 1_000_000


class BrokenQueue(MemoryQueue):
    def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
        raise Unavailable(f"no answer for {request.id} {delay} {progress}")


class BreakingTable(MemoryTable):
    """Takes the first write and no other."""

    def write(self, write: Write) -> Item:
        if self.writes:
            raise Unavailable(f"no answer for {write.key}")
        return super().write(write)


class ForgetfulTable(MemoryTable):
    """Loses the reply to its first write, which the client then repeats."""

    def write(self, write: Write) -> Item:
        item = super().write(write)
        return super().write(write) if self.writes == 1 else item


def an_admission(table: MemoryTable | None = None, queue: MemoryQueue | None = None) -> Admission:
    return Admission(Ledger(table or MemoryTable(), NAMES, lease_s=120.0), queue or MemoryQueue())


def test_a_request_is_stored_and_queued() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    assert an_admission(table, queue)(REQUEST, NOW) == Received(REQUEST, "queued", replayed=False)
    assert (list(table.items), queue.sent) == ([request_key(REQUEST.id)], [(REQUEST, 0)])


def test_a_lost_reply_to_our_own_write_makes_no_duplicate() -> None:
    queue = MemoryQueue()
    received = an_admission(ForgetfulTable(), queue)(REQUEST, NOW)
    assert received == Received(REQUEST, "queued", replayed=False)
    assert len(queue.sent) == 1


@pytest.mark.parametrize("table", [MemoryTable(), BreakingTable()], ids=["noted", "not-even-noted"])
def test_what_cannot_be_queued_must_come_again(table: MemoryTable) -> None:
    with pytest.raises(Unavailable, match=f"no answer for {REQUEST.id} 0"):
        an_admission(table, BrokenQueue())(REQUEST, NOW)


def test_what_could_not_be_queued_is_queued_at_once_when_it_comes_again() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    with pytest.raises(Unavailable):
        an_admission(table, BrokenQueue())(REQUEST, NOW)
    an_admission(table, queue)(REQUEST, NOW)
    assert [request.id for request, _ in queue.sent] == [REQUEST.id]


def test_what_comes_again_is_the_request_that_came_first() -> None:
    queue = MemoryQueue()
    admission = an_admission(queue=queue)
    admission(REQUEST, NOW)
    again = admission(a_request(accepted_at=LATER, reason="other words"), LATER)
    assert isinstance(again, Received)
    assert (again.request.accepted_at, again.replayed) == (NOW, True)
    assert [request.accepted_at for request, _ in queue.sent] == [NOW, NOW]


def test_something_else_under_the_same_id_is_a_conflict() -> None:
    admission = an_admission()
    admission(REQUEST, NOW)
    other = a_request(remote_session_id="session-2")
    assert admission(other, NOW) == Conflicted(other)


# ── What is only observed ─────────────────────────────────────────────────────────────────────────


def observed_in(table: MemoryTable, queue: MemoryQueue | None = None) -> Received | Conflicted:
    return an_admission(table, queue)(REQUEST, NOW, observed=True)


def test_what_is_observed_is_recorded_as_that_and_sends_nothing() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    assert observed_in(table, queue) == Received(REQUEST, "observed", replayed=False)
    stored = table.items[request_key(REQUEST.id)]
    assert (stored["status"], stored["outcome"], stored["settled_at"]) == (
        "observed",
        {"status": "observed"},
        NOW,
    )
    assert queue.sent == []


def test_what_is_observed_keeps_what_was_asked() -> None:
    table = MemoryTable()
    observed_in(table)
    stored = table.items[request_key(REQUEST.id)]
    assert {name: stored[name] for name in REQUEST.as_json()} == REQUEST.as_json()


def test_what_is_observed_is_never_swept() -> None:
    table = MemoryTable()
    observed_in(table)
    assert list(Ledger(table, NAMES, lease_s=120.0).overdue(LONG_AFTER, 10)) == []


@pytest.mark.parametrize("observed", [True, False])
def test_what_was_observed_is_known_when_it_comes_again_and_sends_nothing(*, observed: bool) -> None:
    """Also where the source has become active meanwhile: a person has seen that nothing happened."""
    table, queue = MemoryTable(), MemoryQueue()
    observed_in(table)
    again = an_admission(table, queue)(REQUEST, LATER, observed=observed)
    assert again == Received(REQUEST, "observed", replayed=True)
    assert queue.sent == []


def test_something_else_under_an_observed_id_is_a_conflict() -> None:
    table = MemoryTable()
    observed_in(table)
    other = a_request(remote_session_id="session-2")
    assert an_admission(table)(other, NOW, observed=True) == Conflicted(other)


def test_an_expired_record_of_the_same_id_leaves_nothing_behind() -> None:
    table = MemoryTable()
    an_admission(table)(REQUEST, NOW)
    years_after = NOW + 20 * 365 * 86_400
    an_admission(table)(REQUEST, years_after, observed=True)
    left = {"queued_at", "queued_by", "open", "due_at", "sweeps"} & table.items[
        request_key(REQUEST.id)
    ].keys()
    assert left == set()
