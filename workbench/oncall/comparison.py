"""What Prevail's list says beside what the ledger says: for each pair what it means, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cancellations.answers import CANCELABLE, NOT_LISTED
from oncall.session import Standing

type Listed = Literal["canceled", "cancelable", "final", "not listed", "unread"]
"""final: a state that no cancel changes, such as active."""

ASK_AGAIN = "Ask again in a minute."
SENDER = "Nothing has reached the ledger: look for the delivery at its sender, and in the log of Receive."
BY_ITSELF = "Nothing: within a quarter of an hour the next attempt looks, and writes it down."
ASK_ANEW = (
    "A request that waits comes back by itself. Where all have settled, ask anew: "
    "cancelctl cancel {organization} {session}"
)
NOT_OURS = "Check organization and id."
PUT_BACK = (
    "Ask again in a minute. If it stays so and is to be canceled after all: "
    "cancelctl cancel {organization} {session}, not before {asked_anew_after}. {on_restored}"
)


@dataclass(frozen=True, slots=True)
class Row:
    """`differ`: the two contradict each other, for now or for good. Texts name in braces what an inquiry fills in."""

    means: str
    do: str | None = None
    differ: bool = False


ROWS: Mapping[tuple[Listed, Standing], Row] = {
    ("canceled", "canceled"): Row("It is canceled, and the ledger knows {by}."),
    ("canceled", "nothing"): Row(
        "It was canceled without us, in Prevail's console or by another system: nobody has asked the ledger for it."
    ),
    ("canceled", "idle"): Row(
        "It was canceled without us, in Prevail's console or by another system: no attempt of ours had the effect.",
        "Nothing: a request for it settles as already_canceled.",
        differ=True,
    ),
    ("canceled", "in_flight"): Row(
        "An attempt holds it at this moment, and has not written down what came of it.",
        ASK_AGAIN,
        differ=True,
    ),
    ("canceled", "abandoned"): Row(
        "Whoever held it ended before it could write down what its call had done.", BY_ITSELF, differ=True
    ),
    ("canceled", "settling"): Row(
        "A call whose answer never came has taken effect, or somebody else's has.",
        "Nothing: after {look_after} the next attempt looks, and writes it down.",
        differ=True,
    ),
    ("canceled", "in_doubt"): Row(
        "The call in doubt has taken effect, or somebody else's has.",
        "Nothing while a request waits for it. If all have settled, the review is answered: it is canceled.",
        differ=True,
    ),
    ("canceled", "unread"): Row("It is canceled; why, only the ledger could tell."),
    ("cancelable", "canceled"): Row(
        "By the ledger it is canceled ({evidence}), and Prevail says {state}: somebody put it back, or the answer was "
        "not true.",
        PUT_BACK,
        differ=True,
    ),
    ("cancelable", "nothing"): Row("It is not canceled, and nobody has asked for it.", SENDER),
    ("cancelable", "idle"): Row("It is not canceled, and no attempt is under way.", ASK_ANEW),
    ("cancelable", "in_flight"): Row("An attempt is under way.", ASK_AGAIN),
    ("cancelable", "abandoned"): Row(
        "Whoever held it ended in the middle, as far as the list shows without effect.",
        "Nothing: within a quarter of an hour the next attempt looks, and sends.",
    ),
    ("cancelable", "settling"): Row(
        "It is too soon to say: a call may still be on its way.", "Ask again after {look_after}."
    ),
    ("cancelable", "in_doubt"): Row("The call in doubt had no effect.", ASK_ANEW),
    ("cancelable", "unread"): Row("It is not canceled; why, only the ledger could tell.", ASK_AGAIN),
    ("final", "canceled"): Row(
        "By the ledger it is canceled ({evidence}). Prevail says that it is {state}, which no cancel changes.",
        "Ask again in a minute. If it stays so, call the people at Prevail: no request of ours changes it.",
        differ=True,
    ),
    ("final", "nothing"): Row("It is {state}, which no cancel changes, and nobody has asked for it.", SENDER),
    ("not listed", "canceled"): Row(
        "By the ledger it is canceled ({evidence}). The list does not show it: it may leave out what is canceled.",
        "Look in Prevail's console.",
        differ=True,
    ),
    ("not listed", "nothing"): Row("Neither of the two knows it.", NOT_OURS),
    ("unread", "canceled"): Row("By the ledger it is canceled ({evidence}). Prevail did not confirm it."),
    ("unread", "nothing"): Row("The ledger knows nothing of it, and Prevail did not tell."),
    ("unread", "unread"): Row("Neither of the two could be read."),
}

OTHERS: Mapping[Listed, Row] = {
    "final": Row(
        "It is {state}, which no cancel changes.",
        "Nothing: a request for it settles as refused: wrong_state.",
    ),
    "not listed": Row("The list was read, and it is not in it.", NOT_OURS),
    "unread": Row("Prevail did not tell, and the ledger does not hold it for canceled."),
}
"""Where the ledger's word changes nothing about what Prevail's means."""


def row_for(listed: Listed, standing: Standing) -> Row:
    return ROWS.get((listed, standing)) or OTHERS[listed]


def listed_as(state: str | None) -> Listed:
    """state: as the list says it, NOT_LISTED, or None where it could not be read."""
    if state is None:
        return "unread"
    if state == NOT_LISTED:
        return "not listed"
    if state == "canceled":
        return "canceled"
    return "cancelable" if state in CANCELABLE else "final"


CANCELED: Mapping[Listed, bool | None] = {
    "canceled": True,
    "cancelable": False,
    "final": False,
    "not listed": None,
    "unread": None,
}
"""Was it? None: could not be told. Prevail's word alone decides."""
