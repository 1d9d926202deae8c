"""What Prevail's objection to a call means, once the list was read with the same key. Pure: a table, no call.

Where the list can be read, key and address are right, and Prevail objects to the session: it settles by what the list
says of it, and nobody else waits. Where it cannot be read either, Prevail objects to all that we ask.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from cancellations.answers import CANCELABLE, NOT_LISTED, Answer, Unread
from cancellations.values import dataclass

CONFLICTS = 3
"""How often a conflict that the state does not explain is taken for a passing one."""

WHERE_CANCELABLE: Mapping[str, str] = {
    "unauthorized": "not_permitted",
    "not_permitted": "not_permitted",
    "not_found": "not_found",
    "redirected": "redirected",
}
"""Why a session is refused that the list calls cancelable, by what Prevail answers; else in Prevail's own words."""

ASKED_WRONGLY = frozenset((HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY))
"""Answers that speak of what was asked, not of who asks or where: without the list only a person can tell why."""


@dataclass(frozen=True, slots=True)
class Refuse:
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """doubt: an earlier call may have taken effect, and stays in doubt."""

    reason: str
    doubt: bool = False


type Unasked = Literal[
    "key_refused",  # neither for the session nor for the list
    "not_permitted_at_all",  # a final refusal, which others will hear too
    "address_wrong",  # neither the session nor the list is known there
    "address_wrong_for_one",  # a call that Prevail takes for other sessions, as far as is known
]
"""Where it is not for what was asked that Prevail objects."""

type Verdict = (
    Refuse
    | Review
    | Unasked
    | Literal[
        "canceled_before",  # it is canceled, and not by this call
        "again",  # it may pass: the call comes again
        "look_again",  # what keeps the list from being read will pass: the look comes again, and no call before it
    ]
)


def judge(answer: Answer, state: str | Unread, *, in_doubt: bool, conflicts: int) -> Verdict:
    """state: what the list says, read after the answer. conflicts: how many of them the request has met before."""
    if isinstance(state, Unread):
        return _partly_read(answer, state) if state.partly else _to_all(answer, state)
    return _to_one(answer, state, in_doubt=in_doubt, conflicts=conflicts)


def _to_one(answer: Answer, state: str, *, in_doubt: bool, conflicts: int) -> Verdict:
    if state == "canceled":
        return "canceled_before"
    if state == NOT_LISTED:  # in doubt: the call that may have taken effect may be why it is missing
        return Review("outcome_unknown", doubt=True) if in_doubt else Refuse("not_found")
    if state not in CANCELABLE:
        return Refuse("wrong_state")
    if answer.meaning == "misconfigured":
        return "address_wrong_for_one"
    if answer.status == HTTPStatus.CONFLICT and conflicts + 1 < CONFLICTS:
        return "again"
    return Refuse(WHERE_CANCELABLE.get(answer.reason, "not_cancelable"))


def _partly_read(answer: Answer, state: Unread) -> Verdict:
    """Key and address are right, and the list was not read as far as the session."""
    if state.passing:
        return "look_again"
    reason = WHERE_CANCELABLE.get(answer.reason)
    return Refuse(reason) if reason else Review(answer.reason)


def _to_all(answer: Answer, state: Unread) -> Verdict:
    if state.answer.meaning != "our_key" and state.passing:
        return "look_again"
    not_permitted = answer.reason == "not_permitted" == state.answer.reason
    if not_permitted or "our_key" in (answer.meaning, state.answer.meaning):
        return "key_refused"
    if answer.status in ASKED_WRONGLY:
        return Review(answer.reason)
    return "not_permitted_at_all" if answer.reason == "not_permitted" else "address_wrong"
