from typing import Any

import pytest

from builders import NOW, a_request, a_result, some_evidence, some_names
from cancellations.answers import answer_for
from cancellations.domain import Outcome, Request
from cancellations.errors import Unavailable, UnknownRequest
from cancellations.find import Find
from cancellations.ledger import Ledger
from cancellations.protocol import Claim, request_key, session_key
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.waits import Waits, after
from cancellations.writes import Item
from fakes import Clock, MemoryTable

AT = "2027-01-15T08:00:00.000Z"
"""NOW, as people and programs write it."""


class Bench:
    def __init__(self) -> None:
        self.table, self.clock = MemoryTable(), Clock(NOW)
        self.ledger = Ledger(self.table, some_names(), lease_s=120.0)
        self.request = a_request()
        self.ledger.accept(self.request, NOW)

    @property
    def found(self) -> dict[str, Any]:
        return Find(self.table, self.clock)(self.request.id)

    def claimed(self, request: Request | None = None, now: float = NOW) -> Claim:
        held = self.ledger.claim(request or self.request, now)
        assert isinstance(held, Claim)
        return held

    def canceled(self) -> None:
        held = self.claimed(now=NOW + 0.25)
        outcome = self.ledger.record_canceled(
            self.request, held, ours=True, result=a_result(200), evidence=some_evidence(200)
        )
        self.ledger.settle(self.request, outcome, NOW + 1.5)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_request_that_was_just_accepted_has_what_was_asked_and_no_attempt(bench: Bench) -> None:
    assert bench.found == {
        "id": bench.request.id,
        "status": "queued",
        "organization": "acme-legal",
        "source": "acme",
        "event_id": "msg_1",
        "remote_session_id": "session-1",
        "cancel_without_email": False,
        "accepted_at": AT,
        "conflicts": 0,
        "attempts": [],
    }


def test_what_describes_it_is_told(bench: Bench) -> None:
    bench.request = a_request(event_id="msg_2", reason="It settled.", requested_by="clerk", starts_at=NOW)
    bench.ledger.accept(bench.request, NOW)
    told = {"reason": "It settled.", "requested_by": "clerk", "starts_at": AT}
    assert bench.found == {**bench.found, **told}


def test_a_request_that_has_settled_has_its_outcome_and_its_attempt(bench: Bench) -> None:
    bench.canceled()
    told = {
        "status": "canceled",
        "outcome": {"status": "canceled", "canceled_by": bench.request.id, "evidence": "HTTP 200"},
        "settled_at": "2027-01-15T08:00:01.500Z",
        "attempts": [
            {
                "at": "2027-01-15T08:00:00.250Z",
                "answer": "HTTP 200",
                "meaning": "canceled",
                "reason": "success",
                "status": 200,
            }
        ],
    }
    assert bench.found == {**bench.found, **told}


def test_a_request_that_waits_says_for_what_and_until_when(bench: Bench) -> None:
    bench.ledger.postpone(bench.request, "retrying", waits=after(answer_for(429), "answer"), next_at=NOW + 60)
    told = {
        "status": "retrying",
        "waiting_for": "HTTP 429",
        "held_by": "answer",
        "next_at": "2027-01-15T08:01:00.000Z",
    }
    assert bench.found == {**bench.found, **told}


def test_a_request_that_may_be_late_says_since_when(bench: Bench) -> None:
    bench.ledger.postpone(bench.request, "held", waits=Waits("paused"), next_at=NOW + 60, escalated_at=NOW)
    assert bench.found["escalated_at"] == AT


def test_an_attempt_that_is_under_way_has_no_answer(bench: Bench) -> None:
    bench.claimed()
    assert bench.found["attempts"] == [{"at": AT}]


def test_attempts_of_other_requests_on_the_session_are_theirs(bench: Bench) -> None:
    other = a_request(event_id="msg_2")
    bench.ledger.record_refused(other, bench.claimed(other), Outcome("refused", "redirected"), a_result(409))
    bench.canceled()
    assert [attempt["answer"] for attempt in bench.found["attempts"]] == ["HTTP 200"]


def test_conflicts_are_counted(bench: Bench) -> None:
    for _ in range(2):
        bench.ledger.accept(a_request(remote_session_id="session-2"), NOW)
    assert bench.found["conflicts"] == 2


def test_nothing_else_of_what_the_ledger_holds_is_told(bench: Bench) -> None:
    bench.canceled()
    bench.table.items[request_key(bench.request.id)]["note"] = "hushhush"
    bench.table.items[session_key(bench.request)]["note"] = "hushhush"
    assert "hushhush" not in str(bench.found)


@pytest.mark.parametrize(
    "request_id",
    ["", "0" * 64, "0" * 63, "0" * 65, a_request().id.upper(), f"{a_request().id}\n", "REQUEST#", "../x"],
)
def test_what_is_no_id_of_a_request_is_not_found(bench: Bench, request_id: str) -> None:
    with pytest.raises(UnknownRequest):
        Find(bench.table, bench.clock)(request_id)


def test_what_could_be_no_id_is_never_looked_up() -> None:
    class Unread(MemoryTable):
        def read(self, key: str) -> Item | None:
            raise AssertionError(key)

    with pytest.raises(UnknownRequest):
        Find(Unread(), Clock(NOW))("x" * 3_000)  # longer than any key of a table


def test_a_row_that_nobody_can_read_is_a_fault_of_ours(bench: Bench) -> None:
    del bench.table.items[request_key(bench.request.id)]["accepted_at"]
    with pytest.raises(Unavailable):
        _ = bench.found


def test_a_request_whose_time_is_over_is_as_good_as_none_though_it_is_there(bench: Bench) -> None:
    bench.clock.now = NOW + KEPT_FOR_S + 1
    with pytest.raises(UnknownRequest):
        _ = bench.found
