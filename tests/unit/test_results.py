"""What the ledger records of an attempt and of an outcome: codes that are read back, and what is counted by them."""

from typing import get_args

import pytest

from builders import NOW, a_request, a_result, some_evidence, some_names
from cancellations.answers import UNSENDABLE, Unread, answer_for
from cancellations.claims import outcome_of
from cancellations.domain import LEDGER, Evidence, Json, Outcome, Request
from cancellations.ledger import Ledger
from cancellations.protocol import Claim, session_key
from cancellations.results import (
    AttemptResult,
    Untried,
    attempt_in,
    attempts_in,
    by_answer,
    by_state,
    calls_of,
    of_answer,
    untried,
)
from fakes import MemoryTable
from stage import NOT_SENT, READ_TIMEOUT

UNTRIED: tuple[Untried, ...] = get_args(Untried.__value__)


class Bench:
    """One request that attempts one session again and again."""

    def __init__(self) -> None:
        self.table, self.request = MemoryTable(), a_request()
        self.ledger = Ledger(self.table, some_names(), 180.0)

    def claimed(self, request: Request | None = None) -> Claim:
        held = self.ledger.claim(request or self.request, NOW)
        assert isinstance(held, Claim)
        return held

    def attempted(self, *results: AttemptResult) -> None:
        for result in results:
            self.ledger.record_unsent(self.request, self.claimed(), result)

    @property
    def calls(self) -> int:
        return calls_of(self.request, self.table.items[session_key(self.request)])

    def left(self, **attempt: Json) -> None:
        """An entry as another version left it."""
        listed = self.table.items[session_key(self.request)]["attempts"]
        assert isinstance(listed, list)
        listed.append({"request": self.request.id, "at": NOW, **attempt})


@pytest.fixture
def bench() -> Bench:
    return Bench()


# ── What is counted ───────────────────────────────────────────────────────────────────────────────


def test_a_connection_that_was_never_made_is_no_call_but_a_try(bench: Bench) -> None:
    bench.attempted(of_answer(NOT_SENT), of_answer(NOT_SENT))
    assert bench.calls == 0
    assert bench.claimed().tries == 3  # and this one


@pytest.mark.parametrize("reason", UNTRIED)
def test_what_made_no_call_is_neither(bench: Bench, reason: Untried) -> None:
    bench.attempted(untried(reason))
    assert (bench.calls, bench.claimed().tries) == (0, 1)


def test_a_call_that_prevail_answered_counts(bench: Bench) -> None:
    bench.attempted(a_result(429), a_result(401), of_answer(READ_TIMEOUT))
    assert (bench.calls, bench.claimed().tries) == (3, 4)


def test_an_address_that_cannot_be_made_is_no_call(bench: Bench) -> None:
    bench.attempted(of_answer(UNSENDABLE))
    assert bench.calls == 0


def test_an_attempt_without_a_record_counts(bench: Bench) -> None:
    bench.claimed()
    assert bench.calls == 1


@pytest.mark.parametrize("sentence", ["HTTP 409: in use", "not sent: state ready", "ConnectTimeout"])
def test_an_attempt_of_an_older_version_counts_whatever_it_says(bench: Bench, sentence: str) -> None:
    bench.attempted(a_result(429))
    bench.left(answer=sentence)
    assert bench.calls == 2
    held = bench.claimed()
    assert (held.tries, held.conflicts) == (3, 0)


def test_conflicts_are_counted_by_status(bench: Bench) -> None:
    bench.attempted(a_result(409, "HTTP 500"), a_result(400, "HTTP 409"), a_result(409))
    assert bench.claimed().conflicts == 2


def test_attempts_of_other_requests_are_not_counted(bench: Bench) -> None:
    other = a_request(event_id="other")
    bench.ledger.record_unsent(other, bench.claimed(other), a_result(409))
    held = bench.claimed()
    assert (held.tries, held.conflicts, bench.calls) == (1, 0, 1)


# ── What is read back ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "result",
    [
        a_result(409, "in use"),
        of_answer(NOT_SENT),
        untried("state_read", "active"),
        untried("state_unread", Unread(answer_for(500))),
    ],
)
def test_a_result_is_read_as_it_was_written(bench: Bench, result: AttemptResult) -> None:
    bench.attempted(result)
    (attempt,) = attempts_in(bench.table.items[session_key(bench.request)], bench.request)
    assert isinstance(attempt, dict)
    assert attempt_in(attempt) == result


def test_the_sentence_of_an_older_version_is_no_result() -> None:
    assert attempt_in({"at": NOW, "answer": "HTTP 200"}) is None


@pytest.mark.parametrize(
    "evidence",
    [
        None,
        LEDGER,
        some_evidence(200, "done"),
        by_answer(answer_for(409), "active"),
        by_state(Unread(NOT_SENT)),
        by_state("canceled", answer_for(409, "in use")),
    ],
)
def test_an_outcome_is_read_as_it_was_written(evidence: Evidence | None) -> None:
    outcome = Outcome("needs_review", "outcome_unknown", None, evidence)
    assert outcome_of({"outcome": outcome.as_json()}, ("outcome",)) == outcome


def test_the_evidence_of_an_older_version_is_kept_whole_and_of_no_kind() -> None:
    """It begins as evidence of a kind does, and is not read for it."""
    old: Json = {"status": "canceled", "evidence": "state read"}
    assert outcome_of({"outcome": old}, ("outcome",)) == Outcome(
        "canceled", evidence=Evidence(None, words="state read")
    )


def test_an_older_version_finds_no_evidence_that_it_would_take_for_text() -> None:
    assert "evidence" not in Outcome("canceled", evidence=some_evidence(200)).as_json()
