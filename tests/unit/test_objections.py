"""What an objection means, by what Prevail answered and what its list says."""

import pytest

from cancellations.answers import (
    LIST_CHANGED,
    NOT_LISTED,
    PAGES_UNREAD,
    TOO_MANY_PAGES,
    Answer,
    Unread,
    answer_for,
)
from cancellations.objections import CONFLICTS, Refuse, Review, Verdict, judge
from fakes import NO_LIST
from stage import NOT_SENT

OBJECTIONS = (302, 308, 400, 401, 403, 404, 405, 406, 409, 410, 415, 422)


def judged(status: int, state: str | Answer, *, in_doubt: bool = False, conflicts: int = 0) -> Verdict:
    read = state if isinstance(state, str) else Unread(state)
    return judge(answer_for(status), read, in_doubt=in_doubt, conflicts=conflicts)


# ── The list was read: it is the session ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", OBJECTIONS)
@pytest.mark.parametrize(
    ("state", "verdict"),
    [("canceled", "canceled_before"), (NOT_LISTED, Refuse("not_found")), ("active", Refuse("wrong_state"))],
)
def test_a_session_that_cannot_be_canceled_settles_by_the_list(
    status: int, state: str, verdict: Verdict
) -> None:
    assert judged(status, state) == verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (302, Refuse("redirected")),
        (400, Refuse("not_cancelable")),
        (401, Refuse("not_permitted")),
        (403, Refuse("not_permitted")),
        (404, Refuse("not_found")),
        (405, "address_wrong_for_one"),
        (406, "address_wrong_for_one"),
        (409, "again"),
        (410, Refuse("not_permitted")),
        (415, "address_wrong_for_one"),
        (422, Refuse("not_cancelable")),
    ],
)
def test_a_session_that_could_be_canceled_settles_by_the_answer(status: int, verdict: Verdict) -> None:
    assert judged(status, "ready") == verdict


def test_a_conflict_passes_a_few_times() -> None:
    verdicts = [judged(409, "ready", conflicts=met) for met in range(CONFLICTS)]
    assert verdicts == ["again"] * (CONFLICTS - 1) + [Refuse("not_cancelable")]


@pytest.mark.parametrize("status", OBJECTIONS)
def test_in_doubt_a_session_that_is_not_listed_may_be_missing_because_of_us(status: int) -> None:
    assert judged(status, NOT_LISTED, in_doubt=True) == Review("outcome_unknown", doubt=True)


# ── It was read in part ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("unread", [PAGES_UNREAD, TOO_MANY_PAGES])
@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (302, Refuse("redirected")),
        (401, Refuse("not_permitted")),
        (403, Refuse("not_permitted")),
        (404, Refuse("not_found")),
        (405, Review("method_not_allowed")),
        (409, Review("wrong_state")),
    ],
)
def test_a_part_of_the_list_shows_that_key_and_address_are_right(
    status: int, unread: Answer, verdict: Verdict
) -> None:
    assert judged(status, unread) == verdict


@pytest.mark.parametrize("status", OBJECTIONS)
def test_a_list_that_changed_meanwhile_is_read_again(status: int) -> None:
    assert judged(status, LIST_CHANGED) == "look_again"


# ── It could not be read: it is all that we ask ───────────────────────────────────────────────────


@pytest.mark.parametrize("status", OBJECTIONS)
@pytest.mark.parametrize("unread", [NOT_SENT, answer_for(429), answer_for(500), answer_for(503)])
def test_what_will_pass_is_waited_for(status: int, unread: Answer) -> None:
    assert judged(status, unread) == "look_again"


@pytest.mark.parametrize("status", OBJECTIONS)
def test_a_list_that_refuses_the_key_says_what_it_is(status: int) -> None:
    assert judged(status, answer_for(401)) == "key_refused"


@pytest.mark.parametrize("unread", [answer_for(403), answer_for(404), NO_LIST])
def test_a_refused_key_stays_refused_where_the_list_says_something_else(unread: Answer) -> None:
    assert judged(401, unread) == "key_refused"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (302, "address_wrong"),
        (400, Review("bad_request")),
        (403, "not_permitted_at_all"),
        (404, "address_wrong"),
        (405, "address_wrong"),
        (409, Review("wrong_state")),
        (410, "not_permitted_at_all"),
        (422, Review("unprocessable")),
    ],
)
@pytest.mark.parametrize("unread", [answer_for(302), answer_for(404), NO_LIST])
def test_where_nothing_can_be_read_the_answer_decides(status: int, verdict: Verdict, unread: Answer) -> None:
    assert judged(status, unread) == verdict


@pytest.mark.parametrize("status", [403, 410])
def test_who_may_neither_cancel_nor_list_has_a_key_that_is_refused(status: int) -> None:
    assert judged(status, answer_for(403)) == "key_refused"
