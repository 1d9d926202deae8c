"""A canceled session that is asked for anew, on every table."""

import pytest

from builders import a_request
from cancellations.domain import Outcome, Request
from cancellations.errors import LostTheSession
from cancellations.ledger import Ledger
from cancellations.ports import Table
from cancellations.protocol import Claim, session_key
from cancellations.protocol.claiming import RESTORED_AFTER_S
from cancellations.results import by_state, of_answer, untried
from cancellations.verdicts import CanceledBefore, SettledBefore
from cancellations.writes import KEY, Equals, Remove, Write
from ledgers import LEASE_S, NOW, a_ledger, canceled, claimed, item, race
from stage import NOT_SENT


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
