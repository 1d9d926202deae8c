"""What can go wrong, by the place where it can: the scheduler asks a plan at every place it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol

type Port = Literal[
    "message",  # a function begins with a message
    "webhook",  # a function begins with a delivery
    "schedule",  # a function begins with a sweep
    "signing_secret",
    "api_key",
    "read",  # of a guard, or of a request whose session no longer keeps its outcome
    "write",
    "due",
    "send",
    "patch leaves",
    "patch answered",
    "state",
    "acknowledge",  # the platform removes the message that a function is done with
    "answer",  # the answer goes back to the sender
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong; `seconds` is how long, or how late."""

    kind: str
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.seconds:g}" if self.seconds else self.kind


KILL = Fault("kill")
FREEZES = tuple(Fault(kind, s) for kind in ("freeze", "freeze_after") for s in (130.0, 500.0))
"""Before the call takes effect, and after it but before its caller goes on; one within a lease, one beyond it."""

FAULTS: Mapping[Port, tuple[Fault, ...]] = {
    "message": (
        Fault("twice"),
        Fault("time_left", 5.0),
        Fault("time_left", 20.0),
        Fault("time_left", 40.0),
        Fault("freeze", 130.0),
    ),
    "webhook": (Fault("time_left", 1.0), Fault("freeze", 130.0)),
    "schedule": (KILL, Fault("time_left", 11.0)),
    "signing_secret": (KILL, Fault("fails"), Fault("missing"), Fault("freeze", 130.0)),
    "api_key": (
        KILL,
        Fault("fails"),
        Fault("missing"),
        Fault("outage", 400.0),
        Fault("outage", 90_000.0),
        Fault("freeze", 500.0),
        Fault("slow", 6.0),
    ),
    "write": (
        KILL,
        *FREEZES,
        Fault("slow", 6.0),
        Fault("fails"),  # throttled, or timed out before it was written
        Fault("fails_landed"),
        Fault("lands_late", 20.0),
        Fault("retried", 3.0),  # the reply is lost and the client repeats the write by itself
        Fault("outage", 600.0),
        Fault("outage", 1200.0),
    ),
    "read": (KILL, Fault("fails"), Fault("freeze", 130.0), Fault("freeze_after", 130.0), Fault("slow", 6.0)),
    "due": (KILL, Fault("freeze_after", 400.0), Fault("fails"), Fault("stale", 60.0), Fault("stale", 700.0)),
    "send": (
        KILL,
        Fault("freeze", 400.0),
        Fault("freeze_after", 400.0),
        Fault("fails"),
        Fault("fails_put"),
        Fault("twice"),
        Fault("delayed", 600.0),
        Fault("outage", 400.0),
    ),
    "patch leaves": (KILL,),
    "patch answered": (
        KILL,  # it arrives, its sender is gone
        Fault("dies_lost"),
        Fault("dies_late", 45.0),
        Fault("freeze_after", 500.0),
        Fault("freeze_unknown", 130.0),
        Fault("freeze_late", 130.0),
        Fault("slow", 9.0),
        Fault("not_sent"),
        Fault("lost"),
        Fault("done_unknown"),
        Fault("late", 5.0),
        Fault("late", 45.0),
        Fault("late", 59.0),
        Fault("status", 302.0),
        Fault("status", 400.0),
        Fault("status", 401.0),
        Fault("status", 403.0),
        Fault("status", 404.0),
        Fault("status", 409.0),
        Fault("status", 422.0),
        Fault("status", 408.0),
        Fault("status", 500.0),
        Fault("status_done", 502.0),
        Fault("status", 503.0),
        Fault("status_done", 503.0),
        Fault("told_to_wait", 2.0),
        Fault("told_to_wait", 30.0),
        Fault("told_to_wait", 4000.0),
        Fault("told_to_wait", 86_400.0),
        Fault("refuses_key", 1200.0),
        Fault("down", 900.0),
    ),
    "state": (
        KILL,
        *FREEZES,
        Fault("slow", 10.0),
        Fault("told_to_wait", 2.0),
        Fault("unreadable"),
        Fault("unreadable_for", 900.0),
    ),
    "acknowledge": (Fault("lost"), Fault("freeze", 400.0)),
    "answer": (KILL, Fault("freeze", 40.0)),
}


class Plan(Protocol):
    def at(self, place: int, port: Port, /) -> Fault | None:
        """What goes wrong at this place, the how-manieth of the run. Asked once for each, in order."""


@dataclass(frozen=True, slots=True)
class Exactly:
    """The faults that are written down, by place; what does not fit its place does not happen."""

    faults: Mapping[int, str]

    def at(self, place: int, port: Port, /) -> Fault | None:
        if (name := self.faults.get(place)) is None:
            return None
        return next((fault for fault in FAULTS[port] if fault.name == name), None)


ODDS: Mapping[Port, float] = {
    "patch answered": 0.4,
    "state": 0.12,
    "due": 0.35,
    "send": 0.1,
    "answer": 0.1,
}
"""How likely a fault is at each kind of place; OTHERWISE at all others."""

OTHERWISE = 0.05


class ByChance:
    """At most `most` faults, drawn from a source of chance of their own."""

    def __init__(self, seed: int, most: int) -> None:
        self._chance = Random(seed)  # noqa: S311 - repeatable on purpose
        self._left = int((most + 1) * self._chance.random())

    def at(self, _place: int, port: Port, /) -> Fault | None:
        if not self._left or self._chance.random() > ODDS.get(port, OTHERWISE):
            return None
        self._left -= 1
        faults = FAULTS[port]
        return faults[int(len(faults) * self._chance.random())]
