"""What the ledger promises, on every table: one winner, fences, own writes known, first payload wins."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import cast

import pytest

from builders import a_request, a_result, some_evidence
from cancellations.answers import answer_for
from cancellations.domain import Outcome, Request
from cancellations.errors import LostTheSession
from cancellations.ledger import Ledger
from cancellations.ports import Table
from cancellations.protocol import KEPT_ATTEMPTS, Claim, request_key, session_key
from cancellations.protocol.claiming import RESTORED_AFTER_S
from cancellations.protocol.conditions import REFUSAL_STANDS_S
from cancellations.protocol.requests import KEPT_FOR_S, SWEEP_AFTER_S
from cancellations.protocol.sessions import KEPT_OF_OTHERS, MAX_OUTCOMES
from cancellations.results import by_state, of_answer, untried
from cancellations.verdicts import Accepted, Busy, CanceledBefore, Conflict, Duplicate, Overdue, SettledBefore
from cancellations.waits import Waits, after
from cancellations.writes import KEY, Equals, Item, Remove, Write
from stage import NOT_SENT, READ_TIMEOUT

NOW = 1_800_000_000.0
LEASE_S = 120.0
RACERS = 50


@pytest.fixture
def ledger(table: Table) -> Ledger:
    return a_ledger(table)


def a_ledger(table: Table) -> Ledger:
    names = count(1)
    return Ledger(table, lambda: f"owner-{next(names)}", LEASE_S)


def claimed(ledger: Ledger, request: Request, now: float = NOW) -> Claim:
    verdict = ledger.claim(request, now)
    assert isinstance(verdict, Claim), verdict
    return verdict


def canceled(ledger: Ledger, request: Request, held: Claim) -> Outcome:
    return ledger.record_canceled(request, held, ours=True, result=a_result(200), evidence=some_evidence(200))


def item(table: Table, key: str) -> Item:
    found = table.read(key)
    assert found is not None
    return found


def race[T](verdict: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(RACERS) as threads:
        return [done.result() for done in [threads.submit(verdict) for _ in range(RACERS)]]


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


class TestRefusal:
    """What Prevail says of a session answers whoever asked before it said so."""

    def refused(
        self, ledger: Ledger, request: Request, reason: str = "wrong_state", now: float = NOW
    ) -> Outcome:
        outcome = Outcome("refused", reason, evidence=some_evidence(409))
        ledger.record_refused(request, claimed(ledger, request, now), outcome, a_result(409))
        return outcome

    def test_it_answers_who_asked_before_the_call(self, ledger: Ledger) -> None:
        refused = self.refused(ledger, a_request(), now=NOW + 5)
        before = a_request(event_id="before", accepted_at=NOW + 5)
        assert ledger.claim(before, NOW + 100) == SettledBefore(refused)

    def test_who_asks_after_it_asks_prevail_again(self, ledger: Ledger) -> None:
        self.refused(ledger, a_request())
        after = a_request(event_id="after", accepted_at=NOW + 0.001)
        assert isinstance(ledger.claim(after, NOW + REFUSAL_STANDS_S + 1), Claim)

    def test_for_a_few_seconds_nobody_asks_prevail_again(self, ledger: Ledger) -> None:
        self.refused(ledger, a_request())
        after = a_request(event_id="after", accepted_at=NOW + 1)
        assert ledger.claim(after, NOW + 2) == Busy(NOW + REFUSAL_STANDS_S, under_way=True)

    @pytest.mark.parametrize("reason", ["not_cancelable", "redirected"])
    def test_a_reason_that_may_be_one_requests_own_answers_no_other(
        self, ledger: Ledger, reason: str
    ) -> None:
        self.refused(ledger, a_request(), reason, now=NOW + 5)
        assert isinstance(ledger.claim(a_request(event_id="other"), NOW + 6), Claim)

    def test_a_later_one_takes_its_place(self, ledger: Ledger) -> None:
        self.refused(ledger, a_request())
        later = a_request(event_id="later", accepted_at=NOW + 10)
        refused = self.refused(ledger, later, "not_found", NOW + 10)
        assert ledger.claim(a_request(), NOW + 20) == SettledBefore(refused)

    def test_an_earlier_clock_takes_back_nothing(self, ledger: Ledger) -> None:
        """The first worker's clock is ahead of the second's, and of the door's."""
        first = a_request(accepted_at=NOW + 20)
        self.refused(ledger, first, now=NOW + 10)
        second = a_request(event_id="second", accepted_at=NOW + 21)
        self.refused(ledger, second, now=NOW + 24)
        third = a_request(event_id="third", accepted_at=NOW + 25)
        self.refused(ledger, third, now=NOW + 28)
        for known in (first, second, third):
            assert isinstance(ledger.claim(known, NOW + 100), SettledBefore)

    def test_who_is_in_doubt_itself_is_not_answered_by_it(self, ledger: Ledger) -> None:
        doubtful = a_request()
        self.refused(ledger, a_request(event_id="other", accepted_at=NOW - 10), now=NOW - 10)
        ledger.record_unknown(
            doubtful, claimed(ledger, doubtful), of_answer(READ_TIMEOUT), now=NOW, settling_s=60
        )
        held = claimed(ledger, doubtful, NOW + 61)
        assert (held.in_doubt, held.doubt_by) == (True, doubtful.id)

    def test_a_doubt_is_no_reason_to_call_for_a_request_that_it_has_answered(self, ledger: Ledger) -> None:
        answered, doubtful = a_request(), a_request(event_id="doubtful", accepted_at=NOW + 10)
        refused = self.refused(ledger, answered)
        held = claimed(ledger, doubtful, NOW + 10)
        ledger.record_unknown(doubtful, held, of_answer(READ_TIMEOUT), now=NOW + 10, settling_s=60)
        assert ledger.claim(answered, NOW + 100) == SettledBefore(refused)

    def test_of_very_many_requests_the_session_lists_few_and_knows_all(
        self, ledger: Ledger, table: Table
    ) -> None:
        asked = [a_request(event_id=f"event-{n}", accepted_at=NOW + 10 * n) for n in range(30)]
        for n, request in enumerate(asked):
            self.refused(ledger, request, now=NOW + 10 * n)
        session = item(table, session_key(asked[0]))
        assert len(cast("dict[str, object]", session["outcomes"])) == MAX_OUTCOMES
        assert len(cast("list[object]", session["attempts"])) <= KEPT_OF_OTHERS + 1
        assert {type(ledger.claim(request, NOW + 1000)) for request in asked} == {SettledBefore}

    def test_where_the_session_has_dropped_an_outcome_the_request_itself_tells(self, ledger: Ledger) -> None:
        asked = [a_request(event_id=f"event-{n}") for n in range(MAX_OUTCOMES + 5)]
        review = Outcome("needs_review", "bad_request")
        for request in asked:
            ledger.accept(request, NOW)
            ledger.record_refused(request, claimed(ledger, request), review, a_result(400))
            ledger.settle(request, review, NOW)
        open_still = a_request(event_id="open")
        ledger.accept(open_still, NOW)
        assert {type(ledger.claim(request, NOW)) for request in asked} == {SettledBefore}
        assert isinstance(ledger.claim(open_still, NOW), Claim)


class TestRestored:
    """A canceled session that is asked for anew long after."""

    LATER = NOW + RESTORED_AFTER_S + 1

    def canceled(self, ledger: Ledger) -> Request:
        first = a_request()
        canceled(ledger, first, claimed(ledger, first))
        return first

    def again(self, ledger: Ledger, event_id: str = "again") -> tuple[Request, Claim]:
        request = a_request(event_id=event_id, accepted_at=self.LATER)
        return request, claimed(ledger, request, self.LATER)

    def test_within_a_quarter_of_an_hour_the_ledger_answers(self, ledger: Ledger) -> None:
        first = self.canceled(ledger)
        copy = a_request(event_id="copy", accepted_at=NOW + RESTORED_AFTER_S)
        assert ledger.claim(copy, self.LATER + 10**6) == CanceledBefore(first.id, without_email=False)

    def test_later_it_is_taken_to_be_looked_at_and_in_no_doubt(self, ledger: Ledger) -> None:
        first = self.canceled(ledger)
        _, held = self.again(ledger)
        assert (held.was_canceled, held.in_doubt, held.canceled_by) == (True, False, first.id)

    def test_a_copy_meanwhile_is_still_answered_by_the_ledger(self, ledger: Ledger) -> None:
        first = self.canceled(ledger)
        self.again(ledger)
        assert ledger.claim(first, self.LATER) == CanceledBefore(first.id, without_email=False)

    def test_whoever_looks_and_dies_leaves_no_doubt(self, ledger: Ledger) -> None:
        first = self.canceled(ledger)
        self.again(ledger)
        later = a_request(event_id="later", accepted_at=self.LATER + 1)
        held = claimed(ledger, later, self.LATER + LEASE_S + 1)
        assert (held.was_canceled, held.in_doubt, held.canceled_by) == (True, False, first.id)

    def test_a_look_that_came_to_nothing_leaves_it_canceled(self, ledger: Ledger) -> None:
        first = self.canceled(ledger)
        request, held = self.again(ledger)
        ledger.record_unsent(request, held, of_answer(NOT_SENT))
        assert ledger.claim(first, self.LATER) == CanceledBefore(first.id, without_email=False)
        assert isinstance(ledger.claim(request, self.LATER), Claim)

    def test_where_it_still_is_canceled_the_ledger_answers_for_another_quarter_of_an_hour(
        self, ledger: Ledger
    ) -> None:
        first = self.canceled(ledger)
        request, held = self.again(ledger)
        found = ledger.record_still_canceled(
            request, held, untried("state_read", "canceled"), by_state("canceled")
        )
        assert (found.status, found.canceled_by) == ("already_canceled", first.id)
        soon = a_request(event_id="soon", accepted_at=self.LATER + 60)
        assert isinstance(ledger.claim(soon, self.LATER + 60), CanceledBefore)

    def test_a_person_is_asked_for_all_who_asked_before_the_look(self, ledger: Ledger) -> None:
        self.canceled(ledger)
        request, held = self.again(ledger)
        review = Outcome("needs_review", "session_restored")
        ledger.record_refused(request, held, review, untried("state_read", "ready"))
        copy = a_request(event_id="copy", accepted_at=self.LATER)
        assert ledger.claim(copy, self.LATER + 100) == SettledBefore(review)
        later = a_request(event_id="later", accepted_at=self.LATER + 100)
        assert claimed(ledger, later, self.LATER + 100).was_canceled

    def test_a_new_life_begins_before_the_call(self, ledger: Ledger, table: Table) -> None:
        self.canceled(ledger)
        request, held = self.again(ledger)
        held = ledger.record_restored(request, held)
        assert not held.was_canceled
        session = item(table, session_key(request))
        assert {"canceled_by", "canceled_at"}.isdisjoint(session)
        after = a_request(event_id="after", accepted_at=self.LATER + 1)
        doubtful = claimed(ledger, after, self.LATER + LEASE_S + 1)
        assert (doubtful.in_doubt, doubtful.doubt_by) == (True, request.id)

    def test_whoever_cancels_it_anew_is_on_record(self, ledger: Ledger) -> None:
        self.canceled(ledger)
        request, held = self.again(ledger)
        canceled(ledger, request, ledger.record_restored(request, held))
        copy = a_request(event_id="copy", accepted_at=self.LATER + 1)
        assert ledger.claim(copy, self.LATER + 1) == CanceledBefore(request.id, without_email=False)

    def test_an_old_fence_begins_no_new_life(self, ledger: Ledger) -> None:
        self.canceled(ledger)
        request, held = self.again(ledger)
        self.again_after(ledger)
        with pytest.raises(LostTheSession):
            ledger.record_restored(request, held)

    def again_after(self, ledger: Ledger) -> None:
        claimed(ledger, a_request(event_id="taker", accepted_at=self.LATER), self.LATER + LEASE_S + 1)

    def test_one_of_many_looks(self, atomic_table: Table) -> None:
        ledger = a_ledger(atomic_table)
        self.canceled(ledger)
        verdicts = race(lambda: ledger.claim(a_request(event_id="x", accepted_at=self.LATER), self.LATER))
        assert [type(verdict) for verdict in verdicts].count(Claim) == 1

    def test_a_session_that_version_0_1_0_canceled_is_as_old_as_its_last_claim(
        self, ledger: Ledger, table: Table
    ) -> None:
        first = self.canceled(ledger)
        table.write(
            Write(session_key(first), Equals((KEY,), session_key(first)), (Remove(("canceled_at",)),))
        )
        copy = a_request(event_id="copy", accepted_at=NOW + RESTORED_AFTER_S)
        assert isinstance(ledger.claim(copy, self.LATER), CanceledBefore)
        assert self.again(ledger)[1].was_canceled


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
