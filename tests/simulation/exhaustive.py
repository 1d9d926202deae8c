"""Every single fault at every place, and pairs of them: the part of the world that chance need not find."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from simulation.campaign import Failure, Report, counted
from simulation.faults import FAULTS, Exactly, Port
from simulation.scenario import Arrival, Scenario
from simulation.world import Ran, run

PLACES = 60
"""How many places of a story a first fault may strike: a crowd has more, and there the later ones repeat the first."""

REACH = 30
"""How many places after the first fault a second may strike."""

type Single = tuple[str, int, str]
"""A scenario by name, and one fault at one place."""


@cache
def scenarios() -> dict[str, Scenario]:
    """By name: one delivery at either entry and two that race, with every kind of Prevail; and longer stories."""
    webhook, bus = Arrival(0.0, "webhook", "event-1"), Arrival(0.0, "bus", "event-1")
    shapes = {
        "webhook": (webhook,),
        "bus": (bus,),
        "webhook+bus": (webhook, bus),
        "twice": (webhook, Arrival(0.3, "webhook", "event-1")),
        "conflict": (webhook, Arrival(0.3, "webhook", "event-1", "session-2")),
        "lease": (bus, Arrival(181.0, "bus", "event-2")),
    }
    return stories() | {
        f"{shape}/{second}/{on_unknown}/{listing}": Scenario(arrivals, second, on_unknown, listing)
        for shape, arrivals in shapes.items()
        for second in ("refused", "mails", "answers_ok")
        for on_unknown in ("hold", "retry")
        for listing in ("readable", "unreadable")
    }


RESTORED_AT = 940.0
ASKED_AT = RESTORED_AT + 20.0
CROWD, APART_S = 12, 1.5


def stories() -> dict[str, Scenario]:
    """A session that is put back and asked for again, Prevails that turn calls away, and a crowd that is refused."""
    first = Arrival(0.0, "webhook", "event-1")
    again = (Arrival(ASKED_AT, "webhook", "event-2"), Arrival(ASKED_AT + 0.3, "bus", "event-2"))
    restored = Scenario((first, *again), restored=(RESTORED_AT,))
    two = (first, Arrival(0.2, "bus", "event-2", "session-2"))
    third = Arrival(0.4, "bus", "event-3", "session-3")
    crowd = tuple(Arrival(n * APART_S, "bus", f"event-{n}") for n in range(CROWD))
    return {
        "restored/review": restored,
        "restored/cancel": replace(restored, on_restored="cancel"),
        "restored/api": replace(restored, arrivals=(first, Arrival(ASKED_AT, "api", "event-2"))),
        "restored/retry/unreadable": replace(restored, on_unknown="retry", listing="unreadable"),
        "limit/each-once": Scenario(two, limit="each_session_once", retry_after_s=2.0),
        "limit/one-per-second": Scenario((*two, third), limit="one_per_second", retry_after_s=3.0),
        "crowd": Scenario(crowd, state="active", copies=True),
    }


PAIRED = ("webhook/mails/hold/readable", "bus/mails/hold/readable", "bus/refused/retry/unreadable")
"""Pairs for each entry where a second e-mail would show, and where nothing but the lease protects."""


def singles(workers: int) -> Report:
    return counted(_all_singles, scenarios(), workers)


NOT_PAIRED: Port = "read"
"""A guard that cannot be read ends an attempt before it has begun, as a key does that cannot: pairs have that one."""


def pairs(workers: int) -> Report:
    tasks = [single for name in PAIRED for single in _paired(name, _ran(name, {}))]
    return counted(_all_seconds, tasks, workers)


def _all_singles(name: str) -> tuple[int, list[Failure]]:
    tried = [(single, _ran(*_as_plan(single))) for single in _singles(name, _ran(name, {}))]
    return len(tried), [
        _failure(single[0], dict([single[1:]]), ran) for single, ran in tried if ran.violation
    ]


def _all_seconds(single: Single) -> tuple[int, list[Failure]]:
    name, place, fault = single
    first = _ran(*_as_plan(single))
    plans = [
        {place: fault, later: second}
        for _, later, second in _paired(name, first)
        if place < later <= place + REACH
    ]
    tried = [(plan, _ran(name, plan)) for plan in plans]
    return len(tried), [_failure(name, plan, ran) for plan, ran in tried if ran.violation][:3]


def _singles(name: str, ran: Ran) -> Iterator[Single]:
    for place, port in enumerate(ran.ports[:PLACES]):
        for fault in FAULTS[port]:
            yield name, place, fault.name


def _paired(name: str, ran: Ran) -> Iterator[Single]:
    return (single for single in _singles(name, ran) if ran.ports[single[1]] != NOT_PAIRED)


def _as_plan(single: Single) -> tuple[str, dict[int, str]]:
    name, place, fault = single
    return name, {place: fault}


def _ran(name: str, faults: dict[int, str]) -> Ran:
    return run(scenarios()[name], Exactly(faults))


def _failure(name: str, faults: dict[int, str], ran: Ran) -> Failure:
    written = ",".join(f"{place}:{fault}" for place, fault in faults.items())
    command = f"python -m simulation replay --scenario {name} --faults {written or 'none'}"
    return Failure(ran.violation or "", command)
