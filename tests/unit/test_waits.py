"""Why a request waits: the code that is stored, and when it is out of date."""

from dataclasses import replace
from typing import get_args

import pytest

from builders import NOW, a_request, some_names
from cancellations.answers import answer_for
from cancellations.domain import Json, Outcome
from cancellations.ledger import Ledger
from cancellations.news import HELD_FOR
from cancellations.protocol import request_key
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.waits import GUARDS, HeldBy, Waits, after, waits_in
from cancellations.writes import Equals, Put, Write
from fakes import MemoryTable
from stage import READ_TIMEOUT

PAUSED = Waits("paused", {"paused_by": "ann", "paused_reason": "audit"})


class Bench:
    def __init__(self) -> None:
        self.table, self.request = MemoryTable(), a_request()
        self.ledger = Ledger(self.table, some_names(), 180.0)
        self.ledger.accept(self.request, NOW)

    @property
    def stored(self) -> dict[str, Json]:
        return self.table.items[request_key(self.request.id)]

    def waits(self, cause: Waits) -> None:
        self.ledger.postpone(self.request, "held", waits=cause, next_at=NOW + 60)

    def older_version_wrote(self, name: str, value: Json) -> None:
        key = request_key(self.request.id)
        self.table.write(Write(key, Equals(("pk",), key), (Put((name,), value),)))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_request_that_waits_says_why_by_a_code(bench: Bench) -> None:
    bench.waits(PAUSED)
    assert (bench.stored["held_by"], waits_in(bench.stored)) == ("paused", PAUSED)


def test_the_next_wait_leaves_nothing_of_the_one_before(bench: Bench) -> None:
    bench.waits(PAUSED)
    bench.waits(Waits("key_refused"))
    assert waits_in(bench.stored) == Waits("key_refused")
    assert "audit" not in str(bench.stored)


def test_a_request_that_has_settled_waits_for_nothing(bench: Bench) -> None:
    bench.waits(PAUSED)
    bench.ledger.settle(bench.request, Outcome("canceled"), NOW + 1)
    assert {"held_by", "held_detail"} & bench.stored.keys() == set()


def test_a_request_that_begins_anew_waits_for_nothing(bench: Bench) -> None:
    bench.waits(PAUSED)
    bench.older_version_wrote("waiting_for", "HTTP 503")
    later = NOW + KEPT_FOR_S + 1
    bench.ledger.accept(replace(bench.request, accepted_at=later), later)
    assert {"held_by", "held_detail", "waiting_for"} & bench.stored.keys() == set()


def test_where_an_older_version_wrote_last_the_code_is_out_of_date(bench: Bench) -> None:
    bench.waits(PAUSED)
    bench.older_version_wrote("waiting_for", "HTTP 503")
    assert waits_in(bench.stored) is None


def test_where_this_version_writes_last_the_older_sentence_is_gone(bench: Bench) -> None:
    bench.older_version_wrote("waiting_for", "HTTP 503")
    bench.waits(PAUSED)
    assert waits_in(bench.stored) == PAUSED


def test_what_an_older_version_settled_does_not_wait(bench: Bench) -> None:
    bench.waits(PAUSED)
    bench.older_version_wrote("outcome", {"status": "canceled"})
    assert waits_in(bench.stored) is None


def test_the_answer_that_makes_a_request_wait_is_told_without_words() -> None:
    """The record of the attempt has them, from where they can be erased."""
    waits = after(answer_for(429, "hushhush"), "answer")
    assert waits.detail == {"meaning": "told_to_wait", "reason": "too_many_requests", "status": 429}
    assert after(READ_TIMEOUT, "doubt").detail == {"meaning": "unknown", "reason": "ReadTimeout"}


def test_every_guard_holds_by_some_code() -> None:
    assert set(GUARDS.values()) == {"pause", "key", "breaker", "cap", "configuration"}


def test_everything_that_is_announced_as_held_is_held_by_a_guard() -> None:
    assert HELD_FOR <= GUARDS.keys() <= set(get_args(HeldBy.__value__))
