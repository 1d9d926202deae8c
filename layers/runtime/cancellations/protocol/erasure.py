"""Writes that take a person's words out of a record and leave what it decides.

What stays: keys, states, statuses, fingerprints, times, who canceled what, the kind of every answer. So a delivery that
comes again is known, and a canceled session stays canceled. What goes: event id, reason, who asked, Prevail's words.
Nothing is written over a worker: a request must have settled, a session be in nobody's hands, both still as they were
read.
"""

import re

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

_WORDS = re.compile(r"(?<=\bHTTP [0-9]{3}): .+", re.DOTALL)
"""Prevail's own words; what stands before them is ours, and says what kind of answer it was."""


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


def erased(words: str) -> str:
    """An answer or a piece of evidence without Prevail's words."""
    return _WORDS.sub(f": {ERASED}", words)


def _of_request(item: Item, now: float) -> Erasure | None:
    after: dict[Path, str] = {(name,): ERASED for name in WHOLE if name in item}
    after |= _without_words(item, ("outcome", "evidence"))
    same: Condition = NotBefore(("settled_at",), 0)
    for path in after:
        same = same & Equals(path, str(at(item, path)))
    return _erasure(item, after, same, now)


def _of_session(item: Item, now: float) -> Erasure | None:
    """In nobody's hands when it was read, and in nobody's since, as the fence tells: everything is in its place."""
    attempts, outcomes = item.get("attempts"), item.get("outcomes")
    found: dict[Path, str] = {}
    for place in range(len(attempts) if isinstance(attempts, list) else 0):
        found |= _without_words(item, ("attempts", place, "answer"))
    for request in outcomes if isinstance(outcomes, dict) else {}:
        found |= _without_words(item, ("outcomes", request, "evidence"))
    return _erasure(item, found, Equals(("fence",), number(item, "fence") or 0), now)


def _without_words(item: Item, path: Path) -> dict[Path, str]:
    words = at(item, path)
    return {path: erased(words)} if isinstance(words, str) else {}


def _erasure(item: Item, after: dict[Path, str], untouched: Condition, now: float) -> Erasure | None:
    before = {path: str(at(item, path)) for path, words in after.items() if at(item, path) != words}
    if not before:
        return None
    puts = (*(Put(path, after[path]) for path in before), Put(("erased_at",), now))
    return Erasure(Write(str(item[KEY]), untouched & READABLE, puts), before)
