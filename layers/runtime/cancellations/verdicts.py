"""What the ledger answers: what has become of a request or a session, where it is not simply done."""

from cancellations.domain import Outcome, Request, Status
from cancellations.protocol.requests import MAX_SWEEPS
from cancellations.values import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request is new and stored."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The request was stored before; `status` is what is known of it."""

    status: Status
    queued_at: float
    accepted_at: float


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something else was asked under the same key before; the first stands."""


@dataclass(frozen=True, slots=True)
class CanceledBefore:
    """The session is canceled for good; `by` is the request that did it, where the ledger knows.

    without_email: how that request asked for it, where the ledger knows.
    """

    by: str | None
    without_email: bool | None = None


@dataclass(frozen=True, slots=True)
class SettledBefore:
    """This very request has settled on the session before: its message came twice."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Busy:
    """Another attempt holds the session until then at the latest, or may be on its way to it until then.

    under_way: the first; it may end at any moment.
    """

    until: float
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class Overdue:
    """A request that should have moved by `due_at`, and how often it was put back on its way since it last moved."""

    request: Request
    due_at: float
    sweeps: int

    @property
    def given_up(self) -> bool:
        return self.sweeps >= MAX_SWEEPS


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is left as it is."""

    key: str
    why: str = "no version of ours has written this"
