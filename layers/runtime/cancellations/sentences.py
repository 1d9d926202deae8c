"""The words for people, made from what the ledger holds: why a request waits, what an attempt came to, what proves it.

No code reads these sentences. Records of version 0.1.0 hold sentences themselves; they are shown unchanged.
"""

from collections.abc import Callable, Mapping

from cancellations.answers import UNSENDABLE, Answer
from cancellations.domain import Evidence, Json, Outcome
from cancellations.results import AttemptResult, attempt_in
from cancellations.waits import HeldBy, Waits, waits_in
from cancellations.writes import Item, text

type Detail = Mapping[str, Json]


def waits(cause: Waits) -> str:
    """Why a request waits. A code that only a later version knows is shown itself."""
    say = _WAITS.get(cause.by)
    return say(cause.detail) if say else _spaced(cause.by)


def waiting(item: Item) -> str | None:
    """Why a stored request waits. None: it has settled, or it only waits for its message."""
    cause = waits_in(item)
    return waits(cause) if cause else text(item, "waiting_for")


def answer(came: Answer) -> str:
    """What was seen, with Prevail's words if there are any."""
    return _with_words(came.seen, came.words)


def result(came: AttemptResult) -> str:
    """What an attempt came to."""
    if came.meaning == "not_sent":
        return f"not sent: {_state(came.state, came.unread) or _spaced(came.reason)}"
    return _with_words(_seen(came.as_json()), came.words)


def attempt(stored: Item) -> str | None:
    """What a stored attempt came to. None: it is under way, or ended without a record."""
    came = attempt_in(stored)
    return result(came) if came else text(stored, "answer")


def evidence(proof: Evidence) -> str:
    """What an outcome rests on."""
    called = _with_words(_seen({"status": proof.status, "reason": proof.reason}), proof.words)
    state = _state(proof.state, proof.unread)
    match proof.kind:
        case "answer":
            return f"{called}; {state}" if state else called
        case "state" if proof.reason:
            return f"state read after {called}"
        case "state" if proof.state:
            return f"state read: {proof.state}"
        case "state":
            return state or "state read"
        case "ledger":
            return "ledger"
    return proof.words or "unknown"


def outcome(settled: Outcome) -> dict[str, Json]:
    """As it is published: `evidence` is a sentence."""
    known = {name: value for name, value in settled.as_json().items() if name != "basis"}
    return known | ({"evidence": evidence(settled.evidence)} if settled.evidence else {})


def _address(detail: Detail) -> str:
    if detail.get("reason") == UNSENDABLE.reason:
        return "the address of the call cannot be made: check base_url and remote_session_id"
    if "state" in detail:
        return (
            f"Prevail answers {_seen(detail)} for this session alone, which the list calls {detail['state']}"
        )
    return f"Prevail answers {_seen(detail)}, and the list cannot be read either: check base_url"


def _seen(known: Detail) -> str:
    """An answer by its status, else by its reason."""
    if (status := known.get("status")) is not None:
        return f"HTTP {status}"
    return _spaced(str(known.get("reason")))


def _state(state: Json, unread: Json) -> str | None:
    if unread:
        return f"state not readable: {_spaced(str(unread))}"
    return f"state {state}" if state else None


def _with_words(seen: str, words: str | None) -> str:
    return f"{seen}: {words}" if words else seen


def _spaced(code: str) -> str:
    return code.replace("_", " ")


_WAITS: Mapping[HeldBy, Callable[[Detail], str]] = {
    "paused": lambda it: f"paused by {it.get('paused_by')}: {it.get('paused_reason')}",
    "key_refused": lambda _: "Prevail refuses the API key",
    "secret_unusable": lambda it: str(it.get("fault")),
    "over_cap": lambda it: (
        f"source {it.get('source')} asked for more than {it.get('cap')} cancellations in an hour"
    ),
    "organization_unknown": lambda _: "organization is not in the configuration",
    "address_wrong": _address,
    "newer_version": lambda it: str(it.get("fault")),
    "breaker": lambda it: f"the breaker is open: {it.get('seen')}",
    "turn": lambda _: "waits for its turn",
    "lanes": lambda _: "enough calls are under way",
    "session": lambda _: "another attempt holds the session",
    "told_to_wait": lambda _: "told to wait",
    "answer": _seen,
    "doubt": _seen,
    "state_unread": lambda it: _state(it.get("state"), it.get("unread")) or "state not readable",
}
