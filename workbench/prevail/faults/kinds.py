"""The table of faults and the grammar of their names.

    fault  = name *( "-" option )          reset-body-before, 503-date-30-after, latency-1500
    option = a word of one of the kind's choices, or a whole number where the kind takes one

The first word of each choice is what holds where none is said. A status is a kind of its own: its name is the number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from prevail.assumed import CANCELED
from prevail.faults import scripts, statements
from prevail.faults.fault import Fault
from prevail.fields import BadField
from prevail.outgoing import json_answer
from prevail.retry_after import RETRY_AFTER, RetryAfter

AFTER, BEFORE = ("after", "before"), ("before", "after")
STATUS = "STATUS"
_LOWEST_STATUS, _HIGHEST_STATUS = 200, 599


@dataclass(frozen=True, slots=True)
class Number:
    """What N means; `default` is None where its absence means something else."""

    meaning: str
    default: int | None
    highest: int
    lowest: int = 0

    def __str__(self) -> str:
        return self.meaning if self.default is None else f"{self.meaning}, {self.default}"


@dataclass(frozen=True, slots=True)
class Options:
    text: str
    name: str
    number: int | None
    words: tuple[str, ...]

    @property
    def whole(self) -> int:
        return self.number or 0

    @property
    def commits(self) -> bool:
        return "after" in self.words


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    does: str
    build: Callable[[Options], Fault]
    choices: tuple[tuple[str, ...], ...] = ()
    number: Number | None = None

    @property
    def grammar(self) -> str:
        """As the documentation and the messages write it."""
        choices = "".join(f"[-{'|'.join(choice)}]" for choice in self.choices)
        return f"{self.name}{'[-N]' if self.number else ''}{choices}"


def _scripted(make: Callable[[Options], scripts.Script]) -> Callable[[Options], Fault]:
    def build(options: Options) -> Fault:
        # A kind without a choice of before and after spoils the answer of a call that took effect.
        commits = "before" not in options.words
        return Fault(options.text, commits=commits, script=make(options))

    return build


def _status(options: Options) -> Fault:
    form, _ = options.words
    says = statements.status(int(options.name), cast(RetryAfter, form), options.whole)
    return Fault(options.text, commits=options.commits, instead=says)


_TABLE = (
    Kind(
        "latency",
        "waits, then goes on as if nothing were",
        lambda options: Fault(options.text, delay_s=options.whole / 1000),
        number=Number("ms", 1000, 600_000),
    ),
    Kind("silent", "never answers", _scripted(lambda _: scripts.silence), (AFTER,)),
    Kind(
        "reset",
        "resets the connection before the answer's head, within it, within its body, or after so many bytes",
        _scripted(lambda options: scripts.cut(options.words[0], options.number)),
        (("start", "head", "body"), AFTER),
        Number("bytes", None, scripts.MB),
    ),
    Kind(
        "drip",
        "one byte of the answer now and then",
        _scripted(lambda o: scripts.drip(o.whole)),
        (AFTER,),
        Number("ms", 100, 60_000),
    ),
    Kind(
        "truncated",
        "closes before the body that Content-Length promised is whole",
        _scripted(lambda o: scripts.truncated(o.whole)),
        (AFTER,),
        Number("bytes", 100, scripts.MB),
    ),
    Kind(
        "huge",
        "a body of so many megabytes",
        _scripted(lambda o: scripts.huge(o.whole)),
        (AFTER,),
        Number("MB", 50, 2000),
    ),
    Kind(
        "bomb",
        "a small gzip that inflates to so many megabytes",
        _scripted(lambda o: scripts.bomb(o.whole)),
        (AFTER,),
        Number("MB", 50, 200),
    ),
    Kind(
        "garbage",
        "what is no HTTP",
        _scripted(lambda o: scripts.garbage(o.words[0])),
        (tuple(scripts.GARBAGE), AFTER),
    ),
    Kind(
        "headers",
        "so many kilobytes of headers",
        _scripted(lambda o: scripts.headers(o.whole)),
        (AFTER,),
        Number("kB", 1000, 100_000),
    ),
    Kind(
        "interim",
        "so many interim answers (102) first",
        _scripted(lambda o: scripts.interim(o.whole)),
        (AFTER,),
        Number("count", 1000, scripts.MB),
    ),
    Kind(
        "chunked", "a chunked body that breaks its own rules", _scripted(lambda _: scripts.chunked), (AFTER,)
    ),
    Kind(
        "stale",
        "answers, keeps the connection, and hangs up at once or on the next request's first bytes",
        _scripted(lambda o: {"close": scripts.stale_close, "reset": scripts.stale_reset}[o.words[0]]),
        (("close", "reset"),),
    ),
    Kind(
        "early",
        "answers, and sends an answer to the next request before there is one",
        _scripted(lambda _: scripts.early),
    ),
    Kind(
        "body",
        "the right status over another body",
        lambda o: Fault(o.text, instead=statements.body(o.words[0])),
        (tuple(statements.BODIES),),
    ),
    Kind(
        "redirect",
        "a 3xx to another origin, a path of this one, the same address, or nowhere",
        lambda o: Fault(o.text, commits=False, instead=statements.redirect(o.whole, o.words[0])),
        (tuple(statements.PLACES),),
        Number("status", 307, 399, 300),
    ),
    Kind(
        "uncommitted",
        "says that the session is canceled and does nothing",
        lambda o: Fault(o.text, commits=False, instead=lambda _, __: json_answer(200, CANCELED)),
    ),
    Kind(
        "key",
        "401 until the organization's API key changes",
        lambda o: Fault(
            o.text, commits=False, instead=statements.status(401, "none", 0), until_key_changes=True
        ),
    ),
    Kind(
        STATUS,
        "any status from 200 to 599, with a form of Retry-After and its seconds",
        _status,
        (("none", *(form for form in RETRY_AFTER if form != "none")), BEFORE),
        Number("seconds", 1, 86_400),
    ),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _TABLE}


@lru_cache(1000)
def read(text: str) -> Fault:
    """Raises BadField (of the field `fault`) that says what would be right."""
    name, *options = text.split("-")
    status = name.isascii() and name.isdigit() and _LOWEST_STATUS <= int(name[:4]) <= _HIGHEST_STATUS
    kind = KINDS[STATUS] if status else KINDS.get(name)
    if kind is None or name == STATUS:
        known = ", ".join(kind.name for kind in _TABLE if kind.name != STATUS)
        raise BadField("fault", f"must begin with a status from 200 to 599 or one of {known}")
    number, words = None, {}
    for option in options:
        place = next((at for at, choice in enumerate(kind.choices) if option in choice), None)
        if place is not None and place not in words:
            words[place] = option
        elif kind.number and number is None and option.isascii() and option.isdigit():
            number = min(int(option[:12]), kind.number.highest + 1)
        else:
            raise BadField("fault", f"must be like {kind.grammar}")
    if kind.number:
        number = kind.number.default if number is None else number
        if number is not None and not kind.number.lowest <= number <= kind.number.highest:
            raise BadField(
                "fault", f"takes N from {kind.number.lowest} to {kind.number.highest}: {kind.grammar}"
            )
    chosen = tuple(words.get(at, choice[0]) for at, choice in enumerate(kind.choices))
    return kind.build(Options(text, name, number, chosen))
