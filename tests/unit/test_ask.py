import json
from typing import Any

import pytest

from asking import CALLER, KEY, an_ask
from builders import NOW, a_request, an_organization, some_names
from cancellations.admission import Admission, Conflicted, Received
from cancellations.ask import MAX_BODY_BYTES, Ask
from cancellations.domain import Delivery, Json, Request, idempotency_key
from cancellations.errors import Malformed, TooLarge, UnsupportedBody
from cancellations.ledger import Ledger
from cancellations.protocol import request_key
from fakes import MemoryQueue, MemoryTable


class Bench:
    """The use case with everything behind it in memory; it knows the organizations acme-legal and other-legal."""

    def __init__(self) -> None:
        self.table, self.queue = MemoryTable(), MemoryQueue()
        known = {slug: an_organization(slug=slug) for slug in ("acme-legal", "other-legal")}
        self._ask = Ask(known, Admission(Ledger(self.table, some_names(), lease_s=120.0), self.queue))

    def __call__(self, delivery: Delivery) -> Received | Conflicted:
        return self._ask(delivery, CALLER, NOW)

    def made(self, delivery: Delivery) -> Request:
        return self(delivery).request

    def refused(self, delivery: Delivery) -> str:
        """What its sender hears, where it is malformed; nothing of it is left."""
        with pytest.raises(Malformed) as refused:
            self(delivery)
        assert (self.table.items, self.queue.sent) == ({}, [])
        return refused.value.detail


@pytest.fixture
def ask() -> Bench:
    return Bench()


# ── What is made of it ────────────────────────────────────────────────────────────────────────────


def test_an_ask_makes_a_request_of_our_own_source_in_the_callers_name(ask: Bench) -> None:
    expected = a_request(source="api", event_id=KEY, requested_by=CALLER)
    assert ask(an_ask()) == Received(expected, "queued", replayed=False)


def test_an_ask_is_stored_and_queued_once(ask: Bench) -> None:
    for _ in range(2):
        ask(an_ask())
    request_id = idempotency_key("acme-legal", "api", KEY)
    assert list(ask.table.items) == [request_key(request_id)]
    assert [(request.id, delay) for request, delay in ask.queue.sent] == [(request_id, 0)]


def test_the_same_ask_again_is_a_replay(ask: Bench) -> None:
    ask(an_ask())
    again = ask(an_ask(reason="In other words."))
    assert isinstance(again, Received)
    assert again.replayed


def test_another_ask_under_the_same_key_is_a_conflict(ask: Bench) -> None:
    ask(an_ask())
    assert isinstance(ask(an_ask(remote_session_id="session-2")), Conflicted)


def test_the_keys_of_two_organizations_do_not_meet(ask: Bench) -> None:
    first, second = (ask.made(an_ask(organization=slug)) for slug in ("acme-legal", "other-legal"))
    assert first.id != second.id


def test_what_describes_the_ask_is_kept(ask: Bench) -> None:
    made = ask.made(an_ask(cancel_without_email=True, reason="It settled."))
    assert (made.cancel_without_email, made.reason) == (True, "It settled.")


@pytest.mark.parametrize(
    "starts_at", [1_800_000_000, 1_800_000_000.0, "2027-01-15T08:00:00Z", "2027-01-15T03:00:00-05:00"]
)
def test_the_beginning_is_read_as_seconds_or_as_a_time_with_an_offset(ask: Bench, starts_at: Json) -> None:
    assert ask.made(an_ask(starts_at=starts_at)).starts_at == 1_800_000_000.0


@pytest.mark.parametrize("field", ["cancel_without_email", "reason", "starts_at"])
def test_null_says_the_same_as_leaving_it_out(ask: Bench, field: str) -> None:
    nothing: dict[str, Any] = {field: None}
    assert ask.made(an_ask(**nothing)) == ask.made(an_ask())


@pytest.mark.parametrize("key", ["1", "k" * 255, "with a space", "~!"])
def test_any_printable_key_will_do(ask: Bench, key: str) -> None:
    assert ask.made(an_ask(key=key)).event_id == key


def test_a_key_and_a_media_type_with_a_suffix_are_fine_without_a_content_type_too(ask: Bench) -> None:
    bare = Delivery("", {"idempotency-key": KEY}, an_ask().body)
    assert ask.made(bare) == ask.made(an_ask(media_type="application/vnd.acme+json; charset=utf-8"))


# ── What is refused ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_it_is_refused_and_told_which_header(ask: Bench, key: str | None) -> None:
    assert "Idempotency-Key is missing" in ask.refused(an_ask(key=key))


@pytest.mark.parametrize(
    "key", ["k" * 256, " k", "k ", "é", "a\tb", "a\x00b", "\x7f", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_key_that_cannot_be_printed_or_is_too_long_is_refused(ask: Bench, key: str) -> None:
    assert "255 printable ASCII" in ask.refused(an_ask(key=key))


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"organization": None}, "organization"),
        ({"organization": 7}, "organization"),
        ({"organization": "stranger-legal"}, "organization"),
        ({"organization": "ACME-LEGAL"}, "organization"),
        ({"remote_session_id": None}, "remote_session_id"),
        ({"remote_session_id": 7}, "remote_session_id"),
        ({"remote_session_id": ".."}, "remote_session_id"),
        ({"remote_session_id": "a/b"}, "remote_session_id"),
        ({"cancel_without_email": "true"}, "cancel_without_email"),
        ({"cancel_without_email": 1}, "cancel_without_email"),
    ],
    ids=json.dumps,
)
def test_a_field_that_is_not_what_it_must_be_is_named(ask: Bench, asked: dict[str, Any], named: str) -> None:
    assert named in ask.refused(an_ask(**asked))


@pytest.mark.parametrize(
    ("asked", "note"),
    [
        ({"reason": {"text": "It settled."}}, "reason was left out: it is an object, not text"),
        ({"starts_at": "2027-01-15T08:00:00"}, "starts_at was left out: it is a time without an offset"),
        ({"starts_at": True}, "starts_at was left out: it is a boolean, not a time"),
        ({"starts_at": -1}, "starts_at was left out: it is a number that is no time since 2000"),
    ],
    ids=json.dumps,
)
def test_what_only_describes_refuses_nothing(ask: Bench, asked: dict[str, Any], note: str) -> None:
    made = ask.made(an_ask(**asked))
    assert (made.reason, made.starts_at) == (None, None)
    assert made.notes[0].startswith(note)


def test_who_is_configured_is_not_told(ask: Bench) -> None:
    assert "legal" not in ask.refused(an_ask(organization="stranger-legal"))


def test_a_field_that_is_not_known_is_named_with_what_was_meant(ask: Bench) -> None:
    refused = ask.refused(an_ask(cancel_without_emails=True))
    assert (
        refused == "'cancel_without_emails' is no field of a request (did you mean 'cancel_without_email'?)"
    )


def test_a_field_that_resembles_none_is_named_alone(ask: Bench) -> None:
    assert ask.refused(an_ask(zzz=1)) == "'zzz' is no field of a request"


def test_the_name_of_an_unknown_field_is_for_its_sender_alone(ask: Bench) -> None:
    with pytest.raises(Malformed) as refused:
        ask(an_ask(zzz=1))
    assert "zzz" not in str(refused.value)


def test_names_of_unknown_fields_are_repeated_within_bounds(ask: Bench) -> None:
    many: dict[str, Any] = {f"{number}-\N{GRINNING FACE}-{'x' * 200}": 1 for number in range(50)}
    refused = ask.refused(an_ask(**many))
    assert refused.isascii()
    assert len(refused) < 700


@pytest.mark.parametrize("body", [b"", b"[]", b'"text"', b"null", b"{", b'{"a": 1, "a": 1}', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(ask: Bench, body: bytes) -> None:
    ask.refused(an_ask(body))


def test_a_body_over_the_limit_is_refused_before_it_is_read(ask: Bench) -> None:
    with pytest.raises(TooLarge):
        ask(an_ask(b" " * (MAX_BODY_BYTES + 1)))


def test_the_largest_body_is_read(ask: Bench) -> None:
    assert isinstance(ask(an_ask(an_ask().body.ljust(MAX_BODY_BYTES))), Received)


def test_a_body_in_another_form_is_refused(ask: Bench) -> None:
    with pytest.raises(UnsupportedBody):
        ask(an_ask(media_type="application/x-www-form-urlencoded"))
