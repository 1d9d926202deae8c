"""How much it takes: questions put to a fleet, and what was found. `python -m simulation scale`."""

import json
import math
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bench import cost, figures
from builders import ACCOUNT, a_bus_source, some_expressions
from cancellations.configuration import Source
from cancellations.domain import BusMatch, Organization, Request
from simulation.deployment import of_the_template
from simulation.fleet import Fleet
from simulation.flow import START

FLOOD = "flood"
OTHERS, OTHERS_PER_S = 20, 5.0
"""Organizations beside the one that floods, and how many cancellations they ask for in a second, all together."""

HOUR_S, DAY_S = 3600.0, 86_400.0
BUSIEST_HOUR = 0.15
"""Which part of a day's cancellations comes in its busiest hour: our assumption."""


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds and counts. A wait is from accepted to settled; oldest_s is how long a message was ready at most.

    `own` are those that the question is about, `others` those of the other organizations while the flood lasts.
    """

    requests: int
    drain_s: float
    oldest_s: float
    own: tuple[float, float]
    others: tuple[float, float] | None
    outcomes: Mapping[str, int]
    calls: int
    most_calls_per_s: int
    twice: int
    """Sessions that were canceled more than once at Prevail."""
    messages: int
    processes: int
    write_units: int
    index_units: int
    busiest: Mapping[str, int]
    """The most write units that one second has seen, by kind of key."""
    throttled: int
    lost: int
    dollars: float
    """For a million such requests."""


@dataclass(frozen=True, slots=True)
class Question:
    """`asked` is the story at a size: 1 is the question's own, tests ask for less."""

    says: str
    binds: str
    asked: Callable[[float], Found]


def an_organization(
    slug: str, *, per_second: float | None = None, at_once: int | None = None
) -> Organization:
    return Organization(slug, "https://prevail.example", slug, per_second=per_second, at_once=at_once)


def others() -> dict[str, Organization]:
    return {slug: an_organization(slug) for slug in (f"other-{place}" for place in range(OTHERS))}


def a_request(organization: str, place: int, at: float, session: str | None = None) -> Request:
    event, named = f"{organization}-{place}", session or f"session-{organization}-{place}"
    return Request(organization, "crm", event, named, cancel_without_email=False, accepted_at=at)


# ── The stories ───────────────────────────────────────────────────────────────────────────────────


def evenly(requests: int, size: float, per_second: float | None = None) -> Found:
    """An hour in which they come by chance, as those of many people do: of one organization where it has a rate."""
    one = {"one": an_organization("one", per_second=per_second)}
    fleet, number = Fleet(one if per_second else others()), int(requests * size)
    slugs = list(one if per_second else others())
    chance = random.Random(1)  # noqa: S311 - repeatable on purpose
    for place in range(number):
        at = START + chance.random() * HOUR_S * size
        fleet.deliver(a_request(slugs[place % len(slugs)], place, at))
    fleet.run(number, DAY_S)
    return found(fleet, slugs)


def one_session(size: float, *, status: int = 200, requests: int = 10_000) -> Found:
    """All at once, each a request of its own, all for one session."""
    fleet, number = Fleet({"one": an_organization("one")}, status=status), int(requests * size)
    for place in range(number):
        fleet.accept(a_request("one", place, START, "the-session"))
    fleet.run(number, DAY_S)
    return found(fleet, ["one"])


def flood(
    size: float,
    *,
    lasts_s: float,
    grouped: bool = True,
    by_bus: bool = False,
    concurrency: int | None = None,
    per_second: float | None = None,
    at_once: int | None = None,
    limit: float | None = None,
    requests: int = 100_000,
) -> Found:
    """All at once, while the others go on asking. lasts_s: about how long, for the whole of it."""
    organizations = {FLOOD: an_organization(FLOOD, per_second=per_second, at_once=at_once), **others()}
    fleet = Fleet(
        organizations, deployment=of_the_template(concurrency), sources=(bus_source(),), limit=limit
    )
    fleet.queue.knows_groups = grouped
    number, beside = int(requests * size), int(OTHERS_PER_S * lasts_s * size)
    for place in range(number):
        if by_bus:
            fleet.on_the_bus(a_bus_event(place))
        else:
            fleet.accept(a_request(FLOOD, place, START))
    for place in range(beside):
        at = START + 1.0 + place / OTHERS_PER_S
        fleet.deliver(a_request(f"other-{place % OTHERS}", place, at))
    fleet.run(number + beside, DAY_S)
    return found(fleet, [FLOOD])


def bus_source() -> Source:
    expressions = some_expressions(
        organization=FLOOD,
        event_id="body.detail.event_id",
        remote_session_id="body.detail.remote_session_id",
        cancel_without_email="body.detail.cancel_without_email",
    )
    return a_bus_source(name="crm", expressions=expressions, bus=BusMatch("com.flood.crm", "Canceled", None))


def a_bus_event(place: int) -> str:
    detail = {"event_id": f"{place}", "remote_session_id": f"session-{place}", "cancel_without_email": False}
    event = {"id": f"bus-{place}", "account": ACCOUNT, "source": "com.flood.crm", "detail-type": "Canceled"}
    return json.dumps({**event, "detail": detail})


# ── What was found ────────────────────────────────────────────────────────────────────────────────


def found(fleet: Fleet, own: Iterable[str]) -> Found:
    table, prevail, slugs = fleet.table, fleet.prevail, set(own)
    ours = [wait for slug, waits in fleet.waits.items() if slug in slugs for wait in waits]
    theirs = [wait for slug, waits in fleet.waits.items() if slug not in slugs for wait in waits]
    return Found(
        requests=len(ours),
        drain_s=round(max(fleet.settled_at[slug] for slug in slugs) - START, 1),
        oldest_s=round(fleet.queue.oldest_s, 1),
        own=_percentiles(ours),
        others=_percentiles(theirs) if theirs else None,
        outcomes=dict(sorted(fleet.outcomes.items())),
        calls=prevail.calls.total(),
        most_calls_per_s=max(prevail.most_in_a_second.values()),
        twice=sum(times > 1 for times in prevail.effects.values()),
        messages=fleet.messages,
        processes=fleet.cold,
        write_units=table.units,
        index_units=table.index_units,
        busiest=dict(sorted(table.busiest.items())),
        throttled=table.throttled.total(),
        lost=fleet.queue.lost,
        dollars=round(dollars(fleet) * cost.MILLION / fleet.accepted, 2),
    )


def _percentiles(waits: list[float]) -> tuple[float, float]:
    """The median, and what one in a hundred waits longer than."""
    waits.sort()
    return tuple(round(waits[math.ceil(len(waits) * part) - 1], 2) for part in (0.5, 0.99))  # type: ignore[return-value] # two


def dollars(fleet: Fleet) -> float:
    """At the prices of `bench`, by what was counted here; what a log line weighs was measured there."""
    at, ours = cost.prices(), figures.read(figures.STORED).subjects["ours"]
    price, receive, cancel = at.of, ours["receive"], ours["cancel"]
    calls, million = fleet.accepted + fleet.batches, cost.MILLION
    received_s = fleet.accepted * (fleet.pacing.receive_s + 2 * fleet.pacing.aws_call_s)
    gb_seconds = (fleet.busy_s + received_s) * price["lambda"]["memory_mb"] / 1024
    logged = fleet.accepted * receive.log_bytes + fleet.messages * cancel.log_bytes
    parts: tuple[float, ...] = (
        fleet.accepted * price["api_gateway"]["requests_per_million"] / million,
        calls * price["lambda"]["requests_per_million"] / million,
        gb_seconds * price["lambda"]["gb_second"],
        (fleet.queue.sent + 2 * fleet.batches) * price["sqs"]["requests_per_million"] / million,
        (fleet.table.units + fleet.table.index_units)
        * price["dynamodb"]["write_units_per_million"]
        / million,
        fleet.table.reads * price["dynamodb"]["read_units_per_million"] / million,
        (logged + calls * cost.PLATFORM_LOG_BYTES) / cost.GB * price["logs"]["gb"],
    )
    return sum(parts)


# ── The questions ─────────────────────────────────────────────────────────────────────────────────

QUESTIONS: Mapping[str, Question] = {
    "hour": Question(
        "100,000 in an hour, of 20 organizations",
        "nothing",
        partial(evenly, 100_000),
    ),
    "hour-paced": Question(
        "the same, of one organization with `requests_per_second = 20`",
        "`requests_per_second`",
        partial(evenly, 100_000, per_second=20.0),
    ),
    "day": Question(
        "1,000,000 a day: its busiest hour, 150,000",
        "nothing",
        partial(evenly, int(1_000_000 * BUSIEST_HOUR)),
    ),
    "session": Question(
        "10,000 at once name one session, which Prevail cancels",
        "`CancelConcurrency`",
        one_session,
    ),
    "session-refused": Question(
        "300 at once name one session, which Prevail refuses to cancel",
        "nothing: the first refusal answers all",
        partial(one_session, status=422, requests=300),
    ),
    "session-refused-1500": Question(
        "1,500 at once name one session, which Prevail refuses to cancel",
        "nothing: the first refusal answers all",
        partial(one_session, status=422, requests=1500),
    ),
    "flood": Question(
        "one organization asks for 100,000 at once",
        "`CancelConcurrency`",
        partial(flood, lasts_s=350.0),
    ),
    "flood-ungrouped": Question(
        "the same, if messages named no group",
        "`CancelConcurrency`, for all alike",
        partial(flood, lasts_s=350.0, grouped=False),
    ),
    "flood-bus": Question(
        "the same, as events on the bus, which name no group",
        "`CancelConcurrency`, for all alike",
        partial(flood, lasts_s=350.0, by_bus=True),
    ),
    "flood-wide": Question(
        "the flood, with `CancelConcurrency=50`",
        "the 4,000 write units of a new table",
        partial(flood, lasts_s=80.0, concurrency=50),
    ),
    "flood-paced": Question(
        "the flood, with `requests_per_second = 50`",
        "`requests_per_second`",
        partial(flood, lasts_s=2000.0, per_second=50.0),
    ),
    "flood-lanes": Question(
        "20,000 at once, with `concurrent_requests = 10`",
        "`concurrent_requests`",
        partial(flood, lasts_s=330.0, at_once=10, requests=20_000),
    ),
    "flood-limited": Question(
        "20,000 at once, where Prevail takes 50 a second and nothing is configured",
        "Prevail's limit, which is learned",
        partial(flood, lasts_s=330.0, limit=50.0, requests=20_000),
    ),
}
