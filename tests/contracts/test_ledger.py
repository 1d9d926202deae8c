"""What the ledger promises, on every table: one winner, fences, own writes known, first payload wins."""

from collections import Counter
from dataclasses import replace

import pytest

from builders import a_request, a_result, some_evidence
from cancellations.answers import answer_for
from cancellations.domain import Outcome
from cancellations.errors import LostTheSession
from cancellations.ledger import Ledger
from cancellations.ports import Table
from cancellations.protocol import KEPT_ATTEMPTS, Claim, request_key, session_key
from cancellations.protocol.requests import KEPT_FOR_S, SWEEP_AFTER_S
from cancellations.results import by_state, of_answer, untried
from cancellations.verdicts import Accepted, Busy, CanceledBefore, Conflict, Duplicate, Overdue, SettledBefore
from cancellations.waits import Waits, after
from cancellations.writes import Item, Write
from ledgers import LEASE_S, NOW, RACERS, a_ledger, canceled, claimed, item, race
from stage import NOT_SENT, READ_TIMEOUT


class TestAccept:
    def test_a_new_request_is_stored_as_queued(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        assert ledger.accept(request, NOW) == Accepted()
        stored = item(table, request_key(request.id))
        assert stored["status"] == "queued"
        assert stored["remote_session_id"] == request.remote_session_id

    def test_the_same_request_again_is_a_duplicate(self, ledger: Ledger) -> None:
        ledger.accept(a_request(), NOW)
        assert ledger.accept(a_request(), NOW + 1) == Duplicate("queued", NOW, NOW)

    def test_another_payload_under_the_same_key_is_a_conflict_and_is_recorded(
        self, ledger: Ledger, table: Table
    ) -> None:
        first = a_request()
        other = replace(first, remote_session_id="another-session")
        ledger.accept(first, NOW)
        assert ledger.accept(other, NOW + 1) == Conflict()
        stored = item(table, request_key(first.id))
        assert stored["conflicts"] == 1
        assert stored["remote_session_id"] == first.remote_session_id

    def test_a_lost_reply_to_our_own_put_is_not_a_duplicate(self, table: Table) -> None:
        assert a_ledger(ForgetsReplies(table)).accept(a_request(), NOW) == Accepted()


class TestRaces:
    def test_of_many_who_accept_at_once_one_is_first(self, atomic_table: Table) -> None:
        ledger = a_ledger(atomic_table)
        verdicts = race(lambda: type(ledger.accept(a_request(), NOW)))
        assert Counter(verdicts) == {Accepted: 1, Duplicate: RACERS - 1}

    def test_of_many_who_queue_again_one_may(self, atomic_table: Table) -> None:
        ledger = a_ledger(atomic_table)
        ledger.accept(a_request(), NOW)
        assert sum(race(lambda: ledger.queue_again(a_request(), NOW, NOW + 11))) == 1

    def test_of_many_who_claim_at_once_one_wins(self, atomic_table: Table) -> None:
        ledger = a_ledger(atomic_table)
        verdicts = race(lambda: type(ledger.claim(a_request(), NOW)))
        assert Counter(verdicts) == {Claim: 1, Busy: RACERS - 1}

    def test_of_many_who_find_a_lease_expired_one_takes_over(self, atomic_table: Table) -> None:
        ledger = a_ledger(atomic_table)
        claimed(ledger, a_request())
        verdicts = race(lambda: ledger.claim(a_request(event_id="other"), NOW + LEASE_S + 1))
        takers = [verdict for verdict in verdicts if isinstance(verdict, Claim)]
        assert [(taker.fence, taker.in_doubt) for taker in takers] == [(2, True)]


class TestClaim:
    def test_a_free_session_is_claimed_with_the_first_fence(self, ledger: Ledger) -> None:
        held = claimed(ledger, a_request())
        assert (held.fence, held.tries, held.in_doubt) == (1, 1, False)

    def test_the_intent_is_on_record_before_anything_is_sent(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        claimed(ledger, request)
        assert item(table, session_key(request))["attempts"] == [{"request": request.id, "at": NOW}]

    def test_a_live_lease_of_another_is_waited_for(self, ledger: Ledger) -> None:
        claimed(ledger, a_request())
        assert ledger.claim(a_request(event_id="other"), NOW + LEASE_S) == Busy(NOW + LEASE_S, under_way=True)

    def test_who_takes_over_knows_whose_attempt_is_in_doubt(self, ledger: Ledger) -> None:
        first = a_request()
        claimed(ledger, first)
        held = claimed(ledger, a_request(event_id="other"), NOW + LEASE_S + 1)
        assert held.doubt_by == first.id

    def test_a_lost_reply_to_our_own_claim_is_our_claim(self, table: Table) -> None:
        held = claimed(a_ledger(ForgetsReplies(table)), a_request())
        assert (held.fence, held.in_doubt) == (1, False)

    def test_a_lost_reply_to_our_own_take_over_stays_in_doubt(self, ledger: Ledger, table: Table) -> None:
        claimed(ledger, a_request())
        late = Ledger(ForgetsReplies(table), lambda: "late", LEASE_S)
        held = claimed(late, a_request(), NOW + LEASE_S + 1)
        assert (held.fence, held.in_doubt) == (2, True)

    def test_a_canceled_session_is_refused_for_good_naming_who_did_it(self, ledger: Ledger) -> None:
        request = a_request()
        canceled(ledger, request, claimed(ledger, request))
        verdict = ledger.claim(a_request(event_id="other"), NOW + 10**9)
        assert verdict == CanceledBefore(request.id, without_email=False)

    def test_a_message_that_came_twice_finds_its_outcome(self, ledger: Ledger) -> None:
        request, refused = a_request(), Outcome("refused", "wrong_state", evidence=some_evidence(409))
        ledger.record_refused(request, claimed(ledger, request), refused, a_result(409))
        assert ledger.claim(request, NOW + 1) == SettledBefore(refused)

    def test_a_refused_session_may_be_asked_for_again(self, ledger: Ledger) -> None:
        request = a_request()
        ledger.record_refused(
            request, claimed(ledger, request), Outcome("refused", "not_permitted"), a_result(403)
        )
        later = a_request(event_id="later", accepted_at=NOW + 10)
        assert claimed(ledger, later, NOW + 10).in_doubt is False


class TestDoubt:
    def test_no_look_before_the_settling_time(self, ledger: Ledger) -> None:
        request = a_request()
        ledger.record_unknown(
            request, claimed(ledger, request), of_answer(READ_TIMEOUT), now=NOW, settling_s=60
        )
        assert ledger.claim(request, NOW + 60) == Busy(NOW + 60)

    def test_after_the_settling_time_the_claim_is_in_doubt(self, ledger: Ledger) -> None:
        request = a_request()
        ledger.record_unknown(
            request, claimed(ledger, request), of_answer(READ_TIMEOUT), now=NOW, settling_s=60
        )
        held = claimed(ledger, request, NOW + 61)
        assert (held.in_doubt, held.doubt_by, held.tries) == (True, request.id, 2)

    def test_an_effect_belongs_to_the_first_in_doubt(self, ledger: Ledger) -> None:
        first, second = a_request(), a_request(event_id="second")
        ledger.record_unknown(first, claimed(ledger, first), of_answer(READ_TIMEOUT), now=NOW, settling_s=60)
        held = claimed(ledger, second, NOW + 61)
        found = ledger.record_canceled(
            second, held, ours=False, result=untried("state_read", "canceled"), evidence=by_state("canceled")
        )
        assert (found.status, found.canceled_by) == ("already_canceled", first.id)
        assert ledger.claim(first, NOW + 70) == CanceledBefore(first.id)

    def test_a_refusal_of_another_leaves_the_doubt(self, ledger: Ledger) -> None:
        first, second = a_request(), a_request(event_id="second")
        ledger.record_unknown(first, claimed(ledger, first), of_answer(READ_TIMEOUT), now=NOW, settling_s=60)
        held = claimed(ledger, second, NOW + 61)
        ledger.record_refused(second, held, Outcome("refused", "not_permitted"), a_result(403))
        again = claimed(ledger, a_request(event_id="third"), NOW + 62)
        assert (again.in_doubt, again.doubt_by) == (True, first.id)

    def test_an_attempt_that_sent_nothing_leaves_the_doubt(self, ledger: Ledger) -> None:
        first = a_request()
        claimed(ledger, first)
        held = claimed(ledger, first, NOW + LEASE_S + 1)
        ledger.record_unsent(first, held, of_answer(NOT_SENT))
        assert claimed(ledger, first, NOW + LEASE_S + 2).in_doubt is True

    def test_an_attempt_that_sent_nothing_leaves_a_clean_session_clean(self, ledger: Ledger) -> None:
        request = a_request()
        ledger.record_unsent(request, claimed(ledger, request), of_answer(NOT_SENT))
        assert claimed(ledger, request).in_doubt is False


class TestFence:
    def test_an_old_fence_records_nothing(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        zombie = claimed(ledger, request)
        claimed(ledger, request, NOW + LEASE_S + 1)
        with pytest.raises(LostTheSession):
            canceled(ledger, request, zombie)
        assert item(table, session_key(request))["state"] == "in_flight"

    def test_a_canceled_session_stays_so_whoever_writes(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        zombie = claimed(ledger, request)
        canceled(ledger, request, claimed(ledger, request, NOW + LEASE_S + 1))
        with pytest.raises(LostTheSession):
            ledger.record_unsent(request, zombie, of_answer(NOT_SENT))
        assert item(table, session_key(request))["state"] == "canceled"

    def test_a_lost_reply_to_our_own_record_is_a_record(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        held = claimed(ledger, request)
        assert canceled(a_ledger(ForgetsReplies(table)), request, held).status == "canceled"


class TestSettle:
    def test_a_settled_request_stays_as_it_is(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        ledger.accept(request, NOW)
        ledger.settle(request, Outcome("canceled", canceled_by=request.id), NOW)
        ledger.settle(request, Outcome("refused", "not_found"), NOW + 1)
        ledger.postpone(request, "retrying", waits=Waits("turn"), next_at=NOW + 9)
        assert item(table, request_key(request.id))["status"] == "canceled"

    def test_settling_is_news_once(self, ledger: Ledger) -> None:
        request, outcome = a_request(), Outcome("canceled")
        ledger.accept(request, NOW)
        assert [ledger.settle(request, outcome, NOW + later) for later in (0, 1)] == [True, False]

    def test_a_lost_reply_to_our_own_settling_is_news(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        ledger.accept(request, NOW)
        assert a_ledger(ForgetsReplies(table)).settle(request, Outcome("canceled"), NOW)

    def test_attempts_on_record_are_bounded(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        for _ in range(KEPT_ATTEMPTS + 5):
            ledger.record_unsent(request, claimed(ledger, request), of_answer(NOT_SENT))
        attempts = item(table, session_key(request))["attempts"]
        assert isinstance(attempts, list)
        assert len(attempts) == KEPT_ATTEMPTS


class TestEscalation:
    def test_a_request_is_escalated_once_and_keeps_the_first_time(self, ledger: Ledger, table: Table) -> None:
        ledger.accept(a_request(), NOW)
        first, again = (
            ledger.postpone(
                a_request(), "held", waits=Waits("paused"), next_at=NOW + 99, escalated_at=NOW + after
            )
            for after in (1, 2)
        )
        assert (first, again) == (True, False)
        assert item(table, request_key(a_request().id))["escalated_at"] == NOW + 1

    def test_what_is_put_off_without_escalation_is_not_marked(self, ledger: Ledger, table: Table) -> None:
        ledger.accept(a_request(), NOW)
        assert not ledger.postpone(a_request(), "held", waits=Waits("paused"), next_at=NOW + 99)
        assert "escalated_at" not in item(table, request_key(a_request().id))

    def test_a_lost_reply_to_our_own_escalation_is_the_first(self, ledger: Ledger, table: Table) -> None:
        ledger.accept(a_request(), NOW)
        late = a_ledger(ForgetsReplies(table))
        assert late.postpone(a_request(), "held", waits=Waits("paused"), next_at=NOW + 99, escalated_at=NOW)

    def test_a_request_that_has_settled_is_not_escalated(self, ledger: Ledger, table: Table) -> None:
        ledger.accept(a_request(), NOW)
        ledger.settle(a_request(), Outcome("canceled"), NOW)
        assert not ledger.postpone(
            a_request(), "held", waits=Waits("paused"), next_at=NOW + 99, escalated_at=NOW
        )
        assert "escalated_at" not in item(table, request_key(a_request().id))

    def test_a_record_that_begins_anew_is_not_escalated(self, ledger: Ledger, table: Table) -> None:
        ledger.accept(a_request(), NOW)
        ledger.postpone(a_request(), "held", waits=Waits("paused"), next_at=NOW + 99, escalated_at=NOW)
        ledger.accept(a_request(), NOW + KEPT_FOR_S + 1)
        assert "escalated_at" not in item(table, request_key(a_request().id))


class TestOverdue:
    def test_a_request_is_overdue_when_its_time_is_over(self, ledger: Ledger) -> None:
        ledger.accept(a_request(), NOW)
        assert overdue(ledger, NOW + SWEEP_AFTER_S[0]) == []
        assert overdue(ledger, NOW + SWEEP_AFTER_S[0] + 1) == [
            Overdue(a_request(), NOW + SWEEP_AFTER_S[0], 0)
        ]

    def test_a_settled_request_is_never_overdue(self, ledger: Ledger) -> None:
        ledger.accept(a_request(), NOW)
        ledger.settle(a_request(), Outcome("canceled"), NOW)
        assert overdue(ledger, NOW + 10**9) == []

    def test_a_postponed_request_is_overdue_only_after_its_next_time(self, ledger: Ledger) -> None:
        ledger.accept(a_request(), NOW)
        ledger.postpone(a_request(), "retrying", waits=after(answer_for(503), "answer"), next_at=NOW + 900)
        assert overdue(ledger, NOW + 900) == []

    def test_of_two_sweeps_one_gets_it(self, ledger: Ledger) -> None:
        ledger.accept(a_request(), NOW)
        (found,) = overdue(ledger, NOW + 301)
        assert ledger.sweep(found.request, found.due_at, found.sweeps, NOW + 301)
        assert not ledger.sweep(found.request, found.due_at, found.sweeps, NOW + 301)

    def test_a_request_that_was_put_back_waits_for_its_next_time(self, ledger: Ledger) -> None:
        ledger.accept(a_request(), NOW)
        (found,) = overdue(ledger, NOW + 301)
        ledger.sweep(found.request, found.due_at, found.sweeps, NOW + 301)
        assert overdue(ledger, NOW + 302) == []
        assert [late.sweeps for late in overdue(ledger, NOW + 10**9)] == [1]

    def test_the_number_is_bounded(self, ledger: Ledger) -> None:
        for number in range(20):
            ledger.accept(a_request(event_id=f"event-{number}"), NOW)
        assert len(list(ledger.overdue(NOW + 301, 7))) == 7


class TestExpiry:
    def test_a_record_past_its_time_is_as_good_as_none(self, ledger: Ledger, table: Table) -> None:
        request = a_request()
        ledger.accept(request, NOW)
        ledger.settle(request, Outcome("canceled"), NOW)
        assert ledger.accept(request, NOW + KEPT_FOR_S + 1) == Accepted()
        again = item(table, request_key(request.id))
        assert (again["status"], "outcome" in again) == ("queued", False)


def overdue(ledger: Ledger, now: float) -> list[Overdue]:
    return [row for row in ledger.overdue(now, 100) if isinstance(row, Overdue)]


class ForgetsReplies:
    """Every write reaches the table twice, as when a reply is lost and the client repeats its call."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def write(self, write: Write) -> Item:
        self._table.write(write)
        return self._table.write(write)

    def read(self, key: str) -> Item | None:
        return self._table.read(key)

    def due(self, shard: str, before: float, limit: int) -> list[Item]:
        return self._table.due(shard, before, limit)
