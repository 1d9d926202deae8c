"""Organizations, sessions, e-mails and the calls that were answered. Times are epoch seconds."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from prevail.assumed import AnswerName

type State = Literal["initial", "scheduled", "ready", "active", "canceled"]
STATES: tuple[State, ...] = get_args(State.__value__)
CANCELLABLE: frozenset[State] = frozenset({"initial", "scheduled", "ready"})

# How an organization gets its sessions: by requests that Prevail schedules, or by itself.
type Kind = Literal["requests", "self_service"]
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)


@dataclass(frozen=True, slots=True)
class Organization:
    slug: str
    api_key: str = field(repr=False)
    self_service: bool
    kind: Kind


@dataclass(frozen=True, slots=True)
class Session:
    remote_session_id: str
    organization: str
    state: State
    title: str
    starts_at: int
    time_zone: str
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionReport(Session):
    """A session with its history: PATCHes received for it whatever the answer, and what came of them."""

    patches: int
    state_changes: int
    emails: int


@dataclass(frozen=True, slots=True)
class Email:
    to: str
    subject: str
    organization: str
    remote_session_id: str
    at: float


@dataclass(frozen=True, slots=True)
class Call:
    """One API call, free of tokens. `slug` only where its token was good, `why` only where it was not."""

    index: int
    method: str
    path: str
    query: str
    slug: str | None
    status: int
    answer: AnswerName
    why: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Totals:
    patches: int
    state_changes: int
    emails: int
    unauthorized: int
