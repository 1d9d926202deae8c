"""What happens around the faults: who asks for what and when, what Prevail is like, and what people do there."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from cancellations.domain import OnUnknown
from simulation.prevail import Listing, SecondCancel

type Entry = Literal["webhook", "bus"]

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
    forbidden_for: float = 0.0
    lively: bool = False
    skew: float = 0.0
    """By how many seconds the clocks of two functions may differ."""

    @property
    def name(self) -> str:
        entries = "+".join(arrival.entry for arrival in self.arrivals)
        return f"{entries}/{self.second}/{self.on_unknown}/{self.listing}"


def by_chance(seed: int) -> Scenario:
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
        skew=SKEW_S if _odds(chance, 0.5) else 0.0,
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
