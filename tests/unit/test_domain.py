import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_request, some_evidence
from cancellations.domain import LEDGER, SETTLED, Evidence, Outcome, canceled_outcome, idempotency_key

parts = st.tuples(st.text(), st.text(), st.text())


def test_the_key_is_sha_256_over_length_framed_parts() -> None:
    framed = b"\0\0\0\x011" + b"\0\0\0\x03org" + b"\0\0\0\x06source" + b"\0\0\0\x02\xc3\xa9"
    assert idempotency_key("org", "source", "é") == hashlib.sha256(framed).hexdigest()


def test_a_requests_id_is_its_key() -> None:
    request = a_request(organization="o", source="s", event_id="e")
    assert request.id == idempotency_key("o", "s", "e")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("acme", "crm", "evt#1"), ("acme", "crm#evt", "1")),
        (("a", "bc", "d"), ("ab", "c", "d")),
        (("a", "b", "cd"), ("a", "bc", "d")),
        (("", "a", "b"), ("a", "", "b")),
        (("acme", "crm", "1"), ("globex", "crm", "1")),
    ],
)
def test_events_that_differ_only_in_where_their_parts_end_have_different_keys(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert idempotency_key(*one) != idempotency_key(*other)


@given(one=parts, other=parts)
def test_keys_are_the_same_exactly_where_the_parts_are(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (idempotency_key(*one) == idempotency_key(*other)) is (one == other)


@pytest.mark.parametrize(
    "change",
    [{"organization": "globex"}, {"remote_session_id": "session-2"}, {"cancel_without_email": True}],
    ids=lambda change: str(*change),
)
def test_the_fingerprint_changes_with_what_is_asked(change: dict[str, object]) -> None:
    assert a_request(**change).fingerprint != a_request().fingerprint


@pytest.mark.parametrize(
    "change",
    [{"reason": "settled"}, {"requested_by": "clerk"}, {"accepted_at": 1.0}, {"event_id": "msg_2"}],
    ids=lambda change: str(*change),
)
def test_the_fingerprint_stays_with_what_merely_describes_it(change: dict[str, object]) -> None:
    assert a_request(**change).fingerprint == a_request().fingerprint


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        a_request().event_id = "other"  # type: ignore[misc]  # that it cannot is what is tested


def test_an_outcome_says_only_what_is_known() -> None:
    assert Outcome("refused", "not_found").as_json() == {"status": "refused", "reason": "not_found"}


def test_a_full_outcome_says_all() -> None:
    assert Outcome("canceled", "r", "b", Evidence("answer", status=200, reason="success")).as_json() == {
        "status": "canceled",
        "reason": "r",
        "canceled_by": "b",
        "basis": {"kind": "answer", "status": 200, "reason": "success"},
    }


def test_a_session_canceled_by_this_request_is_canceled() -> None:
    request = a_request()
    assert canceled_outcome(request, request.id, None, some_evidence(200)).status == "canceled"


@pytest.mark.parametrize("by", [None, "somebody-else"])
def test_a_session_canceled_by_others_was_canceled_before(by: str | None) -> None:
    outcome = canceled_outcome(a_request(), by, None, some_evidence(409))
    assert (outcome.status, outcome.canceled_by) == ("already_canceled", by)


@pytest.mark.parametrize(("without_email", "reason"), [(None, None), (False, None), (True, "email_differs")])
def test_where_others_canceled_with_another_wish_for_email_it_says_so(
    without_email: bool | None, reason: str | None
) -> None:
    outcome = canceled_outcome(a_request(cancel_without_email=False), "somebody-else", without_email, LEDGER)
    assert outcome.reason == reason


def test_the_settled_statuses_are_those_of_the_design() -> None:
    assert sorted(SETTLED) == ["already_canceled", "canceled", "needs_review", "observed", "refused"]
