"""The use case behind the schedule, on in-memory adapters."""

from builders import API_KEY, a_request, an_organization, some_names
from cancellations.answers import answer_for
from cancellations.domain import NEW, Request
from cancellations.ledger import Ledger
from cancellations.protocol import request_key, session_key
from cancellations.protocol.requests import MAX_SWEEPS, SWEEP_AFTER_S
from cancellations.settlement import Settlement
from cancellations.sweep import Sweep, Swept
from cancellations.waits import after
from fakes import Clock, MemoryKeys, MemoryQueue, MemoryTable, ScriptedPrevail
from stage import a_cancel


class Stage:
    """A sweep with everything around it in reach."""

    def __init__(self) -> None:
        self.table, self.queue, self.clock = MemoryTable(), MemoryQueue(), Clock()
        self.prevail = ScriptedPrevail([answer_for(200)])
        self.ledger = Ledger(self.table, some_names(), lease_s=180)
        organization = an_organization()
        self.settlement = Settlement(self.ledger, self.queue, self.clock)
        keys = MemoryKeys({organization.slug: API_KEY})
        self.cancel = a_cancel(organization, self.settlement, keys, self.prevail, table=self.table)

    def sweep(self, remaining: float = 60.0) -> Swept:
        return Sweep(self.settlement)(lambda: remaining)

    def accepted(self, **changes: object) -> Request:
        request = a_request(accepted_at=self.clock(), **changes)
        self.ledger.accept(request, self.clock())
        return request

    def status(self, request: Request) -> object:
        return self.table.items[request_key(request.id)]["status"]


def test_a_request_whose_message_was_never_sent_gets_one() -> None:
    stage = Stage()
    request = stage.accepted()
    stage.clock.now += SWEEP_AFTER_S[0] + 1
    assert stage.sweep() == Swept(put_back=(request,))
    assert stage.queue.sent == [(request, 0)]


def test_a_request_that_is_put_back_is_as_new_to_the_cap_of_its_source() -> None:
    stage = Stage()
    stage.accepted()
    stage.clock.now += SWEEP_AFTER_S[0] + 1
    stage.sweep()
    assert stage.queue.progress == [NEW]


def test_a_request_that_is_not_overdue_is_left_alone() -> None:
    stage = Stage()
    stage.accepted()
    stage.clock.now += SWEEP_AFTER_S[0] - 1
    assert stage.sweep() == Swept()


def test_a_settled_request_is_left_alone() -> None:
    stage = Stage()
    stage.cancel(stage.accepted(), lambda: 60.0)
    stage.clock.now += 10**6
    assert (stage.sweep(), stage.queue.sent) == (Swept(), [])


def test_a_lease_that_nobody_came_back_for_is_gone_on_with() -> None:
    stage = Stage()
    request = stage.accepted()
    stage.ledger.claim(request, stage.clock())  # and then the worker died
    stage.prevail.states[request.remote_session_id] = "ready"
    stage.clock.now += SWEEP_AFTER_S[0] + 1
    stage.sweep()
    for sent, _ in stage.queue.sent:
        stage.cancel(sent, lambda: 60.0)
    assert (stage.status(request), stage.prevail.looks) == ("canceled", 1)


def test_sweeping_twice_puts_one_message() -> None:
    stage = Stage()
    request = stage.accepted()
    stage.clock.now += SWEEP_AFTER_S[0] + 1
    assert [stage.sweep(), stage.sweep()] == [Swept(put_back=(request,)), Swept()]


def test_a_request_that_never_moves_is_given_up_for_a_person_to_review() -> None:
    stage = Stage()
    request = stage.accepted()
    for wait in (*SWEEP_AFTER_S, SWEEP_AFTER_S[-1]):
        stage.clock.now += wait + 1
        stage.sweep()
    assert (len(stage.queue.sent), stage.status(request)) == (MAX_SWEEPS, "needs_review")


def test_a_message_of_a_request_that_was_given_up_sends_nothing() -> None:
    stage = Stage()
    request = stage.accepted()
    for wait in (*SWEEP_AFTER_S, SWEEP_AFTER_S[-1]):
        stage.clock.now += wait + 1
        stage.sweep()
    stage.cancel(request, lambda: 60.0)
    assert stage.prevail.patched == []
    assert "outcomes" in stage.table.items[session_key(request)]


def test_progress_begins_the_count_anew() -> None:
    stage = Stage()
    request = stage.accepted()
    for _ in range(MAX_SWEEPS + 2):
        stage.clock.now += SWEEP_AFTER_S[0] + 1
        assert stage.sweep() == Swept(put_back=(request,))
        stage.ledger.postpone(
            request, "retrying", waits=after(answer_for(503), "answer"), next_at=stage.clock()
        )


def test_a_run_ends_with_its_time() -> None:
    stage = Stage()
    stage.accepted()
    stage.clock.now += SWEEP_AFTER_S[0] + 1
    assert stage.sweep(remaining=44.0) == Swept()


def test_one_bad_row_keeps_no_other_from_its_way() -> None:
    stage = Stage()
    good, bad = stage.accepted(), stage.accepted(event_id="bad")
    del stage.table.items[request_key(bad.id)]["remote_session_id"]
    stage.clock.now += SWEEP_AFTER_S[0] + 1
    swept = stage.sweep()
    assert (swept.put_back, len(swept.failed), stage.queue.sent) == ((good,), 1, [(good, 0)])
