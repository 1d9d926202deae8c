"""Everything that Prevail does not document: one row for each answer, one constant for each other rule.

Prevail documents success bodies and rules, but no status code and no error answer. Whoever learns better
changes a row here and nowhere else. Checks run in the order of the rows, which is assumed as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

type AnswerName = Literal[
    "unknown_route",
    "unauthorized",
    "invalid_cancel_without_email",
    "invalid_time",
    "invalid_page",
    "unknown_session",
    "foreign_session",
    "self_service_disabled",
    "already_canceled",
    "wrong_state",
    "canceled",
    "listed",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is None where each answer has a body of its own."""

    name: AnswerName
    status: int
    body: Mapping[str, str] | None
    why: str


def _error(name: AnswerName, status: int, error: str, why: str) -> Answer:
    return Answer(name, status, {"error": error}, why)


_ROWS = (
    _error("unknown_route", 404, "Not Found", "what Rails answers to a method and path without a route"),
    _error(
        "unauthorized", 401, "Unauthorized", "the token is documented, the answer without a good one is not"
    ),
    _error(
        "invalid_cancel_without_email",
        422,
        "cancel_without_email must be true or false",
        "the page documents a boolean and two values, nothing about others",
    ),
    _error(
        "invalid_time",
        422,
        "start_time and end_time must be epoch seconds",
        "the page documents epoch seconds, nothing about other values",
    ),
    _error("invalid_page", 422, "page must be a positive integer", "the page parameter itself is assumed"),
    _error("unknown_session", 404, "Session not found", "no answer to an unknown id is documented"),
    _error(
        "foreign_session",
        404,
        "Session not found",
        "the session must belong to the caller; like an unknown id, so that ids of others stay hidden",
    ),
    _error(
        "self_service_disabled",
        403,
        "Self-Service is not enabled for this organization",
        "Self-Service is a documented condition, its refusal is not",
    ),
    _error(
        "already_canceled",
        409,
        "Session cannot be canceled in its current state",
        "canceled is none of the three documented states, so a second cancel is refused; how is unknown",
    ),
    _error(
        "wrong_state",
        409,
        "Session cannot be canceled in its current state",
        "the three states are documented, the refusal of another is not",
    ),
    Answer(
        "canceled",
        200,
        {"messages": "Session successfully canceled."},
        "the body is documented, its status is not",
    ),
    Answer("listed", 200, None, "the body is documented, its status is not"),
)
ANSWERS: Mapping[AnswerName, Answer] = {row.name: row for row in _ROWS}

# The page names no algorithm; a shared key and Prevail's Node example imply this one.
ALGORITHM = "HS256"
# A token is good until its exp, to the second: neither a leeway nor a longest lifetime is documented.
CLOCK_SKEW_S = 0
# `pagy` is documented; that `page` asks for one is not. A page past the last is empty.
PAGE_PARAMETER = "page"
ITEMS_A_PAGE = 100
# The list shows the field; neither its unit nor its type is documented.
ESTIMATED_DURATION = 120
# Participants are e-mailed; the wording is unknown.
CANCEL_SUBJECT = "Session canceled: {title}"
# Also assumed, in code: start_time and end_time are both inclusive; canceled sessions stay in the list, which
# is in order of start; a session in `initial` can be canceled by the id it is going to have; a parameter in
# the query wins over one of the same name in the token's payload; Bearer wins over jwt_payload.
