"""The story: what is asked for, of which session, and what it must come to if Prevail answers as assumed."""

from collections.abc import Mapping
from dataclasses import dataclass

from cancellations.domain import Request, Settled
from prevail.model import State
from simulation.flow import START

ACME, OTHER, PLAIN = "acme", "other", "plain"
"""Ours with Self-Service; one that is not ours; ours without Self-Service."""

CRM, CALENDAR = "crm", "calendar"
"""The first sends webhooks, the second events on the bus."""

DAY_S = 86_400.0
AFTERWARDS_S = 30.0

ANSWER_LOST = "answer-lost--fault-reset-start-after-x1"
CALL_LOST = "call-lost--fault-reset-start-before-x1"


@dataclass(frozen=True, slots=True)
class Session:
    """A session at Prevail before the story begins. It starts a day later."""

    name: str
    organization: str
    state: State


@dataclass(frozen=True, slots=True)
class Step:
    """One delivery. `at` is in seconds from the start of the story; `becomes` are the outcomes that are right."""

    name: str
    session: str
    becomes: tuple[Settled, ...]
    at: float = 0.0
    organization: str = ACME
    source: str = CRM
    event: str = ""
    without_email: bool = False
    again: bool = False
    """Whether it repeats a delivery, and so makes no request of its own."""
    dated: bool = False
    """Whether the source says when the deposition begins."""

    @property
    def request(self) -> Request:
        return Request(
            self.organization,
            self.source,
            self.event or self.session,
            self.session,
            self.without_email,
            accepted_at=START + self.at,
            starts_at=START + DAY_S if self.dated else None,
        )


SESSIONS = (
    Session("ready", ACME, "ready"),
    Session("scheduled", ACME, "scheduled"),
    Session("active", ACME, "active"),
    Session("foreign", OTHER, "ready"),
    Session("plain", PLAIN, "ready"),
    Session("by-hand", ACME, "canceled"),
    Session(ANSWER_LOST, ACME, "ready"),
    Session(CALL_LOST, ACME, "ready"),
    Session("initial", ACME, "initial"),
    Session("initial-plain", PLAIN, "initial"),
    Session("afterwards", ACME, "ready"),
)

_EITHER: tuple[Settled, ...] = ("canceled", "already_canceled")
"""Two ask for one session within a second: either may be the first."""

STEPS = (
    Step("ready", "ready", _EITHER, without_email=True),
    Step("scheduled", "scheduled", ("canceled",), dated=True),
    Step("delivered again", "ready", _EITHER, at=0.1, without_email=True, again=True),
    Step(
        "second source", "ready", _EITHER, at=0.05, source=CALENDAR, event="other-event", without_email=True
    ),
    Step("active", "active", ("refused",)),
    Step("unknown", "unknown", ("refused",)),
    Step("foreign", "foreign", ("refused",)),
    Step("no self-service", "plain", ("refused",), organization=PLAIN),
    Step("canceled by hand", "by-hand", ("already_canceled",)),
    Step("answer lost", ANSWER_LOST, ("canceled",), dated=True),
    Step("call lost", CALL_LOST, ("canceled",)),
    Step("initial", "initial", ("canceled",)),
    Step("initial, no self-service", "initial-plain", ("refused",), organization=PLAIN),
    Step("afterwards", "afterwards", ("canceled",), at=AFTERWARDS_S, source=CALENDAR),
)

OTHERWISE: Mapping[tuple[str, str], tuple[Settled, ...]] = {
    ("canceled_sessions=hidden", "canceled by hand"): ("already_canceled", "refused"),
    ("initial_cancel=unknown", "initial"): ("refused",),
    ("initial_needs_self_service=false", "initial, no self-service"): ("canceled",),
}
"""What is right for a step where a switch changes Prevail's rules."""
