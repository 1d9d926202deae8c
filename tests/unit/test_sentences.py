"""The words for people: every code has some, and records of an older version are shown as they are."""

from typing import get_args

import pytest

from builders import a_result, some_evidence
from cancellations import sentences
from cancellations.answers import NOT_LISTED, UNSENDABLE, Answer, Unread, answer_for
from cancellations.domain import LEDGER, Evidence, Outcome
from cancellations.results import AttemptResult, by_answer, by_state, of_answer, untried
from cancellations.waits import HeldBy, Waits, after, no_state
from cancellations.writes import Item
from stage import NOT_SENT, READ_TIMEOUT

UNREAD = Unread(answer_for(500))


# ── Why a request waits ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("waits", "sentence"),
    [
        (Waits("paused", {"paused_by": "ann", "paused_reason": "audit"}), "paused by ann: audit"),
        (Waits("key_refused"), "Prevail refuses the API key"),
        (Waits("secret_unusable", {"fault": "secret acme: is empty"}), "secret acme: is empty"),
        (
            Waits("over_cap", {"source": "crm", "cap": 3}),
            "source crm asked for more than 3 cancellations in an hour",
        ),
        (Waits("organization_unknown"), "organization is not in the configuration"),
        (
            after(answer_for(405), "address_wrong", state="ready"),
            "Prevail answers HTTP 405 for this session alone, which the list calls ready",
        ),
        (
            after(answer_for(404), "address_wrong", unread="no_list"),
            "Prevail answers HTTP 404, and the list cannot be read either: check base_url",
        ),
        (
            after(UNSENDABLE, "address_wrong"),
            "the address of the call cannot be made: check base_url and remote_session_id",
        ),
        (Waits("newer_version", {"fault": "schema 2"}), "schema 2"),
        (Waits("breaker", {"seen": "HTTP 503"}), "the breaker is open: HTTP 503"),
        (Waits("turn"), "waits for its turn"),
        (Waits("lanes"), "enough calls are under way"),
        (Waits("session"), "another attempt holds the session"),
        (Waits("told_to_wait"), "told to wait"),
        (after(answer_for(429), "answer"), "HTTP 429"),
        (after(NOT_SENT, "answer"), "ConnectTimeout"),
        (after(Answer("not_sent", "out_of_time"), "answer"), "out of time"),
        (after(READ_TIMEOUT, "doubt"), "ReadTimeout"),
        (no_state(UNREAD), "state not readable: server error"),
        (no_state(NOT_LISTED), "state not listed"),
    ],
)
def test_a_wait_in_words(waits: Waits, sentence: str) -> None:
    assert sentences.waits(waits) == sentence


@pytest.mark.parametrize("by", get_args(HeldBy.__value__))
def test_every_code_has_a_sentence_of_its_own(by: HeldBy) -> None:
    assert sentences.waits(Waits(by)) != by.replace("_", " ") or by == "told_to_wait"


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({}, None),
        ({"held_by": "key_refused"}, "Prevail refuses the API key"),
        ({"held_by": "answer", "held_detail": {"status": 429}}, "HTTP 429"),
        ({"held_by": "a_later_code"}, "a later code"),
        ({"waiting_for": "HTTP 429"}, "HTTP 429"),
        ({"held_by": "key_refused", "waiting_for": "HTTP 429"}, "HTTP 429"),
        ({"held_by": "key_refused", "outcome": {}}, None),
    ],
    ids=["queued", "code", "detail", "later", "older", "older-after-ours", "settled-by-an-older"],
)
def test_a_stored_wait_in_words(item: Item, sentence: str | None) -> None:
    assert sentences.waiting(item) == sentence


# ── What an attempt came to ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (answer_for(404), "HTTP 404"),
        (answer_for(422, "Session is active"), "HTTP 422: Session is active"),
        (NOT_SENT, "ConnectTimeout"),
        (Answer("unknown", "ReadTimeout", words="late"), "ReadTimeout: late"),
    ],
)
def test_an_answer_in_words(answer: Answer, sentence: str) -> None:
    assert sentences.answer(answer) == sentence


RESULTS = [
    (a_result(200), "HTTP 200"),
    (a_result(409, "in use"), "HTTP 409: in use"),
    (of_answer(READ_TIMEOUT), "ReadTimeout"),
    (of_answer(NOT_SENT), "not sent: ConnectTimeout"),
    (of_answer(UNSENDABLE), "not sent: address unusable"),
    (untried("out_of_time"), "not sent: out of time"),
    (untried("state_read", "active"), "not sent: state active"),
    (untried("state_unread", UNREAD), "not sent: state not readable: server error"),
    (untried("state_unread", NOT_LISTED), "not sent: state not listed"),
]


@pytest.mark.parametrize(("result", "sentence"), RESULTS)
def test_a_result_in_words(result: AttemptResult, sentence: str) -> None:
    assert sentences.result(result) == sentence
    assert sentences.attempt({"at": 1.0, **result.as_json()}) == sentence


@pytest.mark.parametrize("sentence", ["HTTP 409: in use", None])
def test_an_attempt_of_an_older_version_is_shown_as_it_is(sentence: str | None) -> None:
    assert sentences.attempt({"at": 1.0, **({"answer": sentence} if sentence else {})}) == sentence


# ── What an outcome rests on ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (LEDGER, "ledger"),
        (some_evidence(200), "HTTP 200"),
        (by_answer(NOT_SENT), "ConnectTimeout"),
        (by_answer(answer_for(409, "in use"), "active"), "HTTP 409: in use; state active"),
        (by_answer(answer_for(404), NOT_LISTED), "HTTP 404; state not listed"),
        (by_answer(answer_for(409), UNREAD), "HTTP 409; state not readable: server error"),
        (by_state("active"), "state read: active"),
        (by_state(NOT_LISTED), "state read: not listed"),
        (by_state(UNREAD), "state not readable: server error"),
        (by_state("canceled", answer_for(409, "in use")), "state read after HTTP 409: in use"),
        (Evidence(None, words="HTTP 200: done"), "HTTP 200: done"),
    ],
)
def test_evidence_in_words(evidence: Evidence, sentence: str) -> None:
    assert sentences.evidence(evidence) == sentence


def test_an_outcome_is_published_with_its_evidence_in_words() -> None:
    settled = Outcome("refused", "wrong_state", evidence=by_state("active"))
    told = {"status": "refused", "reason": "wrong_state", "evidence": "state read: active"}
    assert sentences.outcome(settled) == told
    assert sentences.outcome(Outcome("observed")) == {"status": "observed"}
