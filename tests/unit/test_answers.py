import pytest

from cancellations.answers import CANCELABLE, CLASSES, ROWS, UNKNOWN, Answer, answer_for

TABLE = [
    (200, "canceled", "success"),
    (201, "canceled", "success"),
    (202, "unknown", "accepted_not_done"),
    (204, "canceled", "success"),
    (301, "ask_the_list", "redirected"),
    (304, "ask_the_list", "redirected"),
    (307, "ask_the_list", "redirected"),
    (400, "ask_the_list", "bad_request"),
    (401, "our_key", "unauthorized"),
    (403, "ask_the_list", "not_permitted"),
    (404, "ask_the_list", "not_found"),
    (405, "misconfigured", "method_not_allowed"),
    (406, "misconfigured", "not_acceptable"),
    (408, "unknown", "timeout_at_prevail"),
    (409, "ask_the_list", "wrong_state"),
    (410, "ask_the_list", "not_permitted"),
    (415, "misconfigured", "unsupported_media_type"),
    (422, "ask_the_list", "unprocessable"),
    (425, "told_to_wait", "too_early"),
    (429, "told_to_wait", "too_many_requests"),
    (500, "unknown", "server_error"),
    (502, "unknown", "server_error"),
    (503, "unknown", "unavailable"),  # without a word on when to come back
    (504, "unknown", "server_error"),
    (599, "unknown", "server_error"),
]


@pytest.mark.parametrize(("status", "meaning", "reason"), TABLE)
def test_a_status_means_what_the_table_says(status: int, meaning: str, reason: str) -> None:
    answer = answer_for(status)
    assert (answer.meaning, answer.reason) == (meaning, reason)


@pytest.mark.parametrize("status", [0, 100, 101, 402, 418, 451, 499, 600, 999])
def test_a_status_that_nobody_thought_of_is_read_carefully(status: int) -> None:
    assert answer_for(status).meaning == "unknown"


def test_only_a_success_that_prevail_documents_is_called_documented() -> None:
    rows = [*ROWS.items(), *CLASSES.items(), (0, UNKNOWN)]
    assert [status for status, row in rows if row.basis == "documented"] == [200]


def test_an_answer_keeps_what_came_with_it() -> None:
    assert answer_for(429, "slow down", 30.0, 1.0) == Answer(
        "told_to_wait", "too_many_requests", 429, "slow down", 30.0, 1.0
    )


@pytest.mark.parametrize(
    ("answer", "too_many"),
    [
        (answer_for(429), True),
        (answer_for(503, wait=2.0), True),
        (answer_for(503), True),
        (answer_for(500, wait=2.0), False),
        (answer_for(425), False),
    ],
)
def test_which_answers_ask_to_be_called_less(answer: Answer, *, too_many: bool) -> None:
    assert answer.too_many is too_many


def test_neither_an_active_nor_a_canceled_session_can_be_canceled() -> None:
    assert sorted(CANCELABLE) == ["initial", "ready", "scheduled"]


def test_a_503_that_says_when_to_come_back_was_turned_away() -> None:
    assert answer_for(503, wait=2.0).meaning == "told_to_wait"
