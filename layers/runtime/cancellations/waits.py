"""Why a request waits, as a code with its details; and which guard a code belongs to."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, cast

from cancellations.answers import Answer, Unread
from cancellations.domain import Guard, Json
from cancellations.values import dataclass
from cancellations.writes import Item, text

type HeldBy = Literal[
    # Held: until a person acts.
    "paused",
    "key_refused",
    "secret_unusable",
    "over_cap",
    "organization_unknown",
    "address_wrong",
    "newer_version",
    # Put off: until the time is over.
    "breaker",
    "turn",  # its turn, at the rate of the organization
    "lanes",  # one of the calls that may be under way at once
    "session",  # another attempt holds the session
    "told_to_wait",  # the message came before its time
    "answer",  # a call came to nothing: another try
    "doubt",  # a call may have taken effect: a look at the state
    "state_unread",  # a call is in doubt and the state cannot be read: another look
]

_CONFIGURED: tuple[HeldBy, ...] = (
    "secret_unusable",
    "organization_unknown",
    "address_wrong",
    "newer_version",
)

GUARDS: Mapping[HeldBy, Guard] = {
    "paused": "pause",
    "key_refused": "key",
    "breaker": "breaker",
    "over_cap": "cap",
    **dict.fromkeys(_CONFIGURED, "configuration"),
}


@dataclass(frozen=True, slots=True)
class Waits:
    """`detail` is shown by `sentences` and read by nothing else."""

    by: HeldBy
    detail: Mapping[str, Json] = field(default_factory=dict)

    @property
    def guard(self) -> Guard | None:
        """None: the request is merely put off."""
        return GUARDS.get(self.by)


def after(answer: Answer, by: HeldBy, **detail: Json) -> Waits:
    """What waits because of an answer says which, without Prevail's words."""
    known: dict[str, Json] = {"meaning": answer.meaning, "reason": answer.reason}
    return Waits(by, known | ({} if answer.status is None else {"status": answer.status}) | detail)


def no_state(state: str | Unread) -> Waits:
    """What waits because the state could not be read, or the list does not show the session."""
    return Waits(
        "state_unread", {"unread": state.answer.reason} if isinstance(state, Unread) else {"state": state}
    )


def waits_in(item: Item) -> Waits | None:
    """Read what `protocol.requests.postpone` wrote. The code may be one that only a later version knows.

    After a rollback the code may be out of date: version 0.1.0 does not remove it when it settles a request or puts it
    off again. It writes `outcome` or `waiting_for` then, and this version never leaves either beside a code.
    """
    by, detail = text(item, "held_by"), item.get("held_detail")
    if by is None or "waiting_for" in item or "outcome" in item:
        return None
    return Waits(cast("HeldBy", by), detail if isinstance(detail, dict) else {})
