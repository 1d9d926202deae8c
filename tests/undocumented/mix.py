"""Thirteen sorts of sessions of one organization; seven of them meet a fault of their own."""

from dataclasses import dataclass

from cancellations.domain import Settled
from prevail.model import State
from undocumented.steps import ACME, Session, Step

OF_EACH = 14


@dataclass(frozen=True, slots=True)
class Sort:
    """`fault` is the emulator's. `state` is None for a session that Prevail does not have."""

    name: str
    state: State | None
    becomes: Settled
    fault: str = ""
    without_email: bool = False


SORTS = (
    Sort("ready", "ready", "canceled"),
    Sort("scheduled", "scheduled", "canceled"),
    Sort("quiet", "ready", "canceled", without_email=True),
    Sort("active", "active", "refused"),
    Sort("by-hand", "canceled", "already_canceled"),
    Sort("unknown", None, "refused"),
    Sort("limited", "ready", "canceled", "--fault-429-2-seconds-x1"),
    Sort("overloaded", "ready", "canceled", "--fault-503-2-seconds-x1"),
    Sort("redirected", "ready", "refused", "--fault-redirect-302"),
    Sort("answer-lost", "ready", "canceled", "--fault-reset-start-after-x1"),
    Sort("call-lost", "ready", "canceled", "--fault-reset-start-before-x1"),
    Sort("silent", "ready", "canceled", "--fault-silent-after-x1"),
    Sort("dripping", "ready", "canceled", "--fault-drip-after-x1"),
)


def sessions() -> tuple[Session, ...]:
    return tuple(
        Session(f"{sort.name}-{place}{sort.fault}", ACME, sort.state)
        for sort in SORTS
        if sort.state
        for place in range(OF_EACH)
    )


def steps(lasts_s: float) -> tuple[Step, ...]:
    """One of each sort after the other, evenly over so many seconds. Each step has the name of its sort."""
    all_of_them = [(sort, place) for place in range(OF_EACH) for sort in SORTS]
    return tuple(
        Step(
            sort.name,
            f"{sort.name}-{place}{sort.fault}",
            (sort.becomes,),
            at=lasts_s * number / len(all_of_them),
            without_email=sort.without_email,
        )
        for number, (sort, place) in enumerate(all_of_them)
    )
