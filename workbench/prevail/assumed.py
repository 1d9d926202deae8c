"""Everything that Prevail may answer, and what of it is a guess: one row for each answer.

Prevail documents success bodies and rules, but no status code and no error answer. `statuses` holds the choices of
the switch that has the row's name; the first is assumed. Checks run in the order of the rows, which is assumed too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

type AnswerName = Literal[
    "rate_limited",
    "unknown_route",
    "unauthorized",
    "invalid_cancel_without_email",
    "invalid_time",
    "invalid_page",
    "invalid_state",
    "unknown_session",
    "foreign_session",
    "self_service_disabled",
    "already_canceled",
    "wrong_state",
    "not_editable",
    "invalid_body",
    "canceled",
    "edited",
    "requested",
    "listed",
    "requests_listed",
    "shown",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is None where each answer has a body of its own. A row with one status is no switch."""

    name: AnswerName
    statuses: tuple[int, ...]
    body: Mapping[str, str] | None
    why: str

    @property
    def refuses(self) -> bool:
        return self.statuses[0] >= 400  # noqa: PLR2004 - where HTTP's errors begin


def _error(name: AnswerName, statuses: tuple[int, ...], error: str, why: str) -> Answer:
    return Answer(name, statuses, {"error": error}, why)


CANCELED = {"messages": "Session successfully canceled."}
# A status below 300 makes a refusal look like a success, body and all: `body_of` in prevail.answers.
_STATE = (409, 422, 400, 200, 404)
_DONE = (200, 202, 204)

_ROWS = (
    _error(
        "rate_limited", (429, 503), "Too Many Requests", "no limit is documented, and no answer beyond one"
    ),
    _error(
        "unknown_route", (404, 405), "Not Found", "what Rails answers to a method and path without a route"
    ),
    _error(
        "unauthorized", (401, 403), "Unauthorized", "a token is required; the answer without one is not told"
    ),
    _error(
        "invalid_cancel_without_email",
        (422, 400),
        "cancel_without_email must be true or false",
        "the page documents a boolean and two values, nothing about others",
    ),
    _error(
        "invalid_time",
        (422, 400),
        "start_time and end_time must be epoch seconds",
        "the page documents epoch seconds, nothing about other values",
    ),
    _error(
        "invalid_page", (422, 400, 404), "page must be a positive integer", "the parameter itself is assumed"
    ),
    _error("invalid_state", (422, 400), "no such state", "the parameter itself is assumed"),
    _error(
        "unknown_session",
        (404, 422, 400, 403, 410),
        "Session not found",
        "no answer to an unknown id is told",
    ),
    _error(
        "foreign_session",
        (404, 403, 422, 400),
        "Session not found",
        "the session must belong to the caller; like an unknown id, so that ids of others stay hidden",
    ),
    _error(
        "self_service_disabled",
        (403, 401, 404, 409, 422),
        "Self-Service is not enabled for this organization",
        "Self-Service is a documented condition, its refusal is not",
    ),
    _error(
        "already_canceled",
        _STATE,
        "Session cannot be canceled in its current state",
        "canceled is none of the three documented states, so a second cancel is refused; how is unknown",
    ),
    _error(
        "wrong_state",
        _STATE,
        "Session cannot be canceled in its current state",
        "the three states are documented, the refusal of another is not",
    ),
    _error(
        "not_editable",
        (409, 422, 400, 404),
        "Session cannot be edited in its current state",
        "scheduled and ready are documented, the refusal of another is not",
    ),
    Answer(
        "invalid_body", (422, 400), None, "fields are documented as required, their absence is not answered"
    ),
    Answer("canceled", _DONE, CANCELED, "the body is documented, its status is not"),
    Answer("edited", _DONE, None, "the body is documented (the session in a list), its status is not"),
    Answer(
        "requested",
        (201, 200, 202),
        None,
        "session_state, session_url and remote_session_id are documented; the status and the rest are not",
    ),
    Answer("listed", (200,), None, "the body is documented"),
    Answer(
        "requests_listed", (200,), None, "session_state is documented; the rest is made like the other list"
    ),
    Answer("shown", (200,), None, "no such call is documented; made like the answer to an edit"),
)
ANSWERS: Mapping[AnswerName, Answer] = {row.name: row for row in _ROWS}

# Participants are e-mailed; the wording is unknown.
CANCEL_SUBJECT = "Session canceled: {title}"
INVITE_SUBJECT = "You are invited: {title}"
# An example shows 1.25 and another 3.5, so it seems to be hours.
DEFAULT_DURATION = 2.0
# Also assumed, in code: a session in `initial` has an id that nobody is told; a parameter in the query wins over one
# in the body, and that over one in the token's payload; Bearer wins over jwt_payload; nobody is a registered member,
# so that a host is mailed like everybody else; a page past the last is empty.
