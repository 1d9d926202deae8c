"""Writes that take a person's words out of a record and leave what it decides.

What stays: keys, states, statuses, fingerprints, times, who canceled what, the codes of every answer. So a delivery
that comes again is known, and a canceled session stays canceled. What goes: event id, reason, who asked, Prevail's
words. Nothing is written over a worker: a request must have settled, a session be in nobody's hands, both still as they
were read.
"""

from cancellations.values import dataclass
from cancellations.versions import READABLE, is_newer
from cancellations.writes import (
    KEY,
    Condition,
    Equals,
    Item,
    NotBefore,
    Path,
    Put,
    Write,
    at,
    number,
    text,
)

ERASED = "[erased]"
WHOLE = ("event_id", "reason", "requested_by")
WORDS_OF_OUTCOME = (("basis", "words"), ("evidence",))
WORDS_OF_ATTEMPT = (("words",), ("answer",))
"""Prevail's own words, and the sentences in which version 0.1.0 stored them: of a sentence nothing stays."""

PAUSE = (("held_detail", "paused_by"), ("held_detail", "paused_reason"))
"""Left on a settled request only if version 0.1.0 settled it."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """`before`: what the write takes out, by its path."""

    write: Write
    before: dict[Path, str]


@dataclass(frozen=True, slots=True)
class Stays:
    """Nothing can be taken out of the record now, or, unless `for_now`, ever."""

    why: str
    for_now: bool = False


def erasure(item: Item, *, now: float) -> Erasure | Stays | None:
    """None where nothing is left to take out."""
    kind, _, _ = (text(item, KEY) or "").partition("#")
    if is_newer(item):
        return Stays("a newer version has written it: use the cancelctl of that version", for_now=True)
    match kind:
        case "REQUEST" if number(item, "settled_at") is None:
            return Stays("it is on its way and has not settled: erase again when it has", for_now=True)
        case "REQUEST":
            return _of_request(item, now)
        case "SESSION" if "owner" in item:
            return Stays("it is in the hands of a worker: erase again in a few minutes", for_now=True)
        case "SESSION":
            return _of_session(item, now)
    return Stays(STAYS.get(kind, "no version of ours has written it"))


STAYS = {
    "LOOKUP": "the sender's own id is its key, and deliveries need it",
    "GUARD": "it says who holds calls back, and why, as long as they do",
    "CAP": "it says who released the source",
    "OPERATOR": "the log of operators is never changed; it ends by itself",
}


def _of_request(item: Item, now: float) -> Erasure | None:
    paths: list[Path] = [
        *((name,) for name in WHOLE),
        *PAUSE,
        *(("outcome", *one) for one in WORDS_OF_OUTCOME),
    ]
    before = _texts(item, paths)
    same: Condition = NotBefore(("settled_at",), 0)
    for path, words in before.items():
        same = same & Equals(path, words)
    return _erasure(item, before, same, now)


def _of_session(item: Item, now: float) -> Erasure | None:
    """In nobody's hands when it was read, and in nobody's since, as the fence tells: everything is in its place."""
    attempts, outcomes = item.get("attempts"), item.get("outcomes")
    places = range(len(attempts)) if isinstance(attempts, list) else ()
    requests = outcomes if isinstance(outcomes, dict) else ()
    paths: list[Path] = [("attempts", place, *one) for place in places for one in WORDS_OF_ATTEMPT]
    paths += [("outcomes", request, *one) for request in requests for one in WORDS_OF_OUTCOME]
    paths += [("refusal", *one) for one in WORDS_OF_OUTCOME]
    return _erasure(item, _texts(item, paths), Equals(("fence",), number(item, "fence") or 0), now)


def _texts(item: Item, paths: list[Path]) -> dict[Path, str]:
    return {path: words for path in paths if isinstance(words := at(item, path), str)}


def _erasure(item: Item, texts: dict[Path, str], untouched: Condition, now: float) -> Erasure | None:
    before = {path: words for path, words in texts.items() if words != ERASED}
    if not before:
        return None
    puts = (*(Put(path, ERASED) for path in before), Put(("erased_at",), now))
    return Erasure(Write(str(item[KEY]), untouched & READABLE, puts), before)
