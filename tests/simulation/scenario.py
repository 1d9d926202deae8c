"""What happens around the faults: who asks for what and when, what Prevail is like, and what people do there."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from cancellations.domain import OnRestored, OnUnknown

type Entry = Literal["webhook", "bus", "api"]

type SecondCancel = Literal["refused", "mails", "answers_ok"]
"""What a PATCH on a canceled session does: Prevail documents nothing."""

type Listing = Literal["readable", "unreadable"]

type Limit = Literal["never", "each_session_once", "one_per_second"]
"""Which calls Prevail answers with 429. The second is no limit at all, and looks like one."""

ABSENT = "absent"
"""In place of a session's state: Prevail does not know the session."""

SKEW_S = 30.0
"""What the product reckons with."""

PATIENT = (5.0, 30.0, 300.0, 1800.0)
"""When a sender that got no 2xx asks again."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery, `at` seconds after the start; `again`: when its sender repeats it if it hears no 2xx."""

    at: float
    entry: Entry
    event: str
    session: str = "session-1"
    without_email: bool = False
    again: tuple[float, ...] = PATIENT


@dataclass(frozen=True, slots=True)
class Scenario:
    arrivals: tuple[Arrival, ...]
    second: SecondCancel = "mails"
    on_unknown: OnUnknown = "hold"
    listing: Listing = "readable"
    state: str = "scheduled"
    person: tuple[tuple[float, str], ...] = ()
    """What people do at Prevail: at a time, the session's new state."""
    on_restored: OnRestored = "review"
    restored: tuple[float, ...] = ()
    """When a person at Prevail puts session-1 back to ready, if it is canceled then."""
    forbidden_for: float = 0.0
    """How long Prevail answers every PATCH with 403."""
    down_for: float = 0.0
    """How long nobody can connect to Prevail."""
    objects: int = 0
    """The status of every PATCH, although the list says that the session can be canceled; 0 for no such thing."""
    limit: Limit = "never"
    retry_after_s: float = 1.0
    """What Prevail says with each 429."""
    copies: bool = False
    """Whether the queue hands out most messages twice, the second time up to a minute later."""
    lively: bool = False
    skew: float = 0.0
    """By how many seconds the clocks of two functions may differ."""

    @property
    def name(self) -> str:
        entries = "+".join(arrival.entry for arrival in self.arrivals)
        return f"{entries}/{self.second}/{self.on_unknown}/{self.listing}"


def by_chance(seed: int) -> Scenario:
    """Mostly a race; now and then one of the stories that take longer or need more requests."""
    chance = Random(seed ^ 0x0DD5_70F5)  # noqa: S311 - repeatable on purpose
    kind = chance.random()
    if kind < RACES:
        return a_race(seed)
    story = _one(chance, (a_restored_session,) * 7 + (a_limit,) * 4 + (an_outage,) * 3 + (a_crowd,))
    return story(chance)


RACES = 0.88
"""Which part of the seeds tells a race."""


def a_race(seed: int) -> Scenario:
    """One to four racing deliveries, and a Prevail of some kind."""
    chance = Random(seed ^ 0x5CE7A210)  # noqa: S311 - repeatable on purpose
    first = Arrival(
        0.0, _one(chance, ("webhook", "webhook", "bus")), "event-1", without_email=_odds(chance, 0.2)
    )
    arrivals = [first, *(_racing(chance, first, n) for n in range(_one(chance, (0, 1, 1, 1, 2, 3))))]
    person: tuple[tuple[float, str], ...] = ()
    if _odds(chance, 0.15):
        person = ((_some_time(chance), _one(chance, ("canceled", "active", "ready"))),)
    return Scenario(
        tuple(arrivals),
        second=_one(chance, ("refused", "mails", "mails", "answers_ok")),
        on_unknown="retry" if _odds(chance, 0.2) else "hold",
        listing=_one(chance, ("readable",) * 11 + ("unreadable",)),
        state=_one(chance, ("initial", "scheduled", "ready") * 5 + ("active", "canceled")),
        person=person,
        forbidden_for=_some_time(chance) if _odds(chance, 0.05) else 0.0,
        lively=True,
        skew=_skew(chance),
    )


RESTORED_AT = 960.0
"""A little more than 15 minutes after a session is canceled at once: the product then takes a request for a new one."""


def a_restored_session(chance: Random) -> Scenario:
    """A person puts the session back to ready after it was canceled, and it is to be canceled again."""
    first = Arrival(0.0, _one(chance, ("webhook", "bus")), "event-1")
    at = _one(chance, (RESTORED_AT, RESTORED_AT, RESTORED_AT, 700.0)) + chance.random() * 60
    asked = at + _some_time(chance)
    entry: Entry = _one(chance, ("webhook", "webhook", "bus", "api"))
    later = [Arrival(asked, entry, "event-2")]
    if _odds(chance, 0.6):
        copied: Entry = "bus" if entry == "webhook" else "webhook"
        later.append(Arrival(asked + _some_time(chance), copied, "event-2"))
    if _odds(chance, 0.3):
        later.append(Arrival(_some_time(chance), "webhook", "event-3"))
    if _odds(chance, 0.3):
        later.append(Arrival(asked + _some_time(chance), _one(chance, ("webhook", "api")), "event-4"))
    twice = (at + RESTORED_AT + chance.random() * 300,) if _odds(chance, 0.1) else ()
    if twice:
        later.append(Arrival(twice[0] + _some_time(chance), "webhook", "event-5"))
    leaves = _odds(chance, 0.15)
    return Scenario(
        (first, *later),
        second=_one(chance, ("refused", "mails", "mails", "answers_ok")),
        on_unknown="retry" if _odds(chance, 0.2) else "hold",
        listing=_one(chance, ("readable",) * 11 + ("unreadable",)),
        on_restored=_one(chance, ("review", "cancel")),
        restored=(at, *twice),
        person=((asked + _some_time(chance), _one(chance, ("active", "canceled"))),) if leaves else (),
        copies=_odds(chance, 0.3),
        lively=True,
        skew=_skew(chance),
    )


def a_limit(chance: Random) -> Scenario:
    """Prevail turns calls away: more than one in a second, or each session once."""
    crowd = range(_one(chance, (1, 2, 3, 4)))
    arrivals = tuple(
        Arrival(
            _some_time(chance) if n else 0.0,
            _one(chance, ("webhook", "bus")),
            f"event-{n}",
            _one(chance, ("session-1", "session-2")),
        )
        for n in crowd
    )
    return Scenario(
        arrivals,
        second=_one(chance, ("refused", "mails", "mails", "answers_ok")),
        on_unknown="retry" if _odds(chance, 0.2) else "hold",
        state=_one(chance, ("initial", "scheduled", "ready") * 3 + ("active",)),
        limit=_one(chance, ("each_session_once", "one_per_second")),
        retry_after_s=_one(chance, (1.0, 2.0, 3.0)),
        lively=True,
        skew=_skew(chance),
    )


def an_outage(chance: Random) -> Scenario:
    """Nobody can connect to Prevail, for longer than the breaker tolerates."""
    arrivals = tuple(
        Arrival(
            _some_time(chance) if n else 0.0,
            _one(chance, ("webhook", "bus")),
            f"event-{n}",
            _one(chance, ("session-1", "session-1", "session-2")),
        )
        for n in range(_one(chance, (2, 3, 4)))
    )
    return Scenario(
        arrivals,
        second=_one(chance, ("refused", "mails", "mails", "answers_ok")),
        on_unknown="retry" if _odds(chance, 0.2) else "hold",
        down_for=60.0 + chance.random() * 900.0,
        lively=True,
        skew=_skew(chance),
    )


def a_crowd(chance: Random) -> Scenario:
    """More requests for one session than it keeps outcomes, and Prevail refuses to cancel it."""
    arrivals = tuple(
        Arrival(
            chance.random() * 40.0 if n else 0.0,
            _one(chance, ("webhook", "bus")),
            f"event-{n}",
            again=PATIENT[:1],
        )
        for n in range(_one(chance, (12, 12, 13, 14)))
    )
    why = _one(chance, ("active", ABSENT, "forbidden", "objects"))
    return Scenario(
        arrivals,
        state=why if why in ("active", ABSENT) else "ready",
        forbidden_for=600.0 * chance.random() if why == "forbidden" else 0.0,
        objects=_one(chance, (409, 422)) if why == "objects" else 0,
        copies=True,
        lively=True,
        skew=_skew(chance),
    )


def _racing(chance: Random, first: Arrival, number: int) -> Arrival:
    at = _some_time(chance)
    again = PATIENT[: int(chance.random() * 5)]
    match _one(chance, ("same", "same", "other", "other", "other", "other", "bus", "payload", "mails")):
        case "same":
            return Arrival(at, first.entry, first.event, first.session, first.without_email, again)
        case "bus":
            return Arrival(at, "bus", first.event, first.session, first.without_email, again)
        case "payload":
            return Arrival(at, first.entry, first.event, "session-2", first.without_email, again)
        case "mails":
            return Arrival(at, first.entry, first.event, first.session, not first.without_email, again)
    entry: Entry = _one(chance, ("webhook", "bus"))
    return Arrival(at, entry, f"event-{number + 2}", first.session, _odds(chance, 0.2), again)


def _some_time(chance: Random) -> float:
    """Mostly at once, or while a first attempt is in doubt; sometimes when a lease ends, seldom much later."""
    least, spread = _one(
        chance, ((0.0, 0.3), (0.0, 2.0), (0.0, 20.0), (15.0, 60.0), (15.0, 60.0), (60.0, 130.0), (0.0, 700.0))
    )
    return least + chance.random() * spread


def _odds(chance: Random, odds: float) -> bool:
    return chance.random() < odds


def _one[T](chance: Random, choices: tuple[T, ...]) -> T:
    return choices[int(len(choices) * chance.random())]


def _skew(chance: Random) -> float:
    return SKEW_S if _odds(chance, 0.5) else 0.0
