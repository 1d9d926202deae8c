"""What a refusal means for all who ask for the session, on every table."""

from typing import cast

import pytest

from builders import a_request, a_result, some_evidence
from cancellations.domain import Outcome, Request
from cancellations.ledger import Ledger
from cancellations.ports import Table
from cancellations.protocol import Claim, session_key
from cancellations.protocol.conditions import REFUSAL_STANDS_S
from cancellations.protocol.sessions import KEPT_OF_OTHERS, MAX_OUTCOMES
from cancellations.results import of_answer
from cancellations.verdicts import Busy, SettledBefore
from ledgers import NOW, claimed, item
from stage import READ_TIMEOUT


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
