"""Organizations, sessions, e-mails and the calls that were answered. Times are epoch seconds."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from prevail.assumed import DEFAULT_DURATION, AnswerName

type State = Literal["initial", "scheduled", "ready", "active", "canceled"]
STATES: tuple[State, ...] = get_args(State.__value__)
CANCELLABLE: frozenset[State] = frozenset({"initial", "scheduled", "ready"})
EDITABLE: frozenset[State] = frozenset({"scheduled", "ready"})
JOINABLE: frozenset[State] = frozenset({"scheduled", "ready", "active"})

# How an organization gets its sessions: by requests that Prevail schedules, or by itself.
type Kind = Literal["requests", "self_service"]
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)


@dataclass(frozen=True, slots=True)
class Organization:
    slug: str
    api_key: str = field(repr=False)
    self_service: bool
    kind: Kind

    @property
    def schedules_itself(self) -> bool:
        return self.self_service and self.kind == "self_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`estimated_duration` is in hours. `postback_url` is told when the session is scheduled."""

    remote_session_id: str
    organization: str
    state: State
    title: str
    starts_at: int
    time_zone: str
    participants: tuple[str, ...]
    case: str | None = None
    estimated_duration: float = DEFAULT_DURATION
    postback_url: str | None = None

    @property
    def ends_at(self) -> float:
        return self.starts_at + self.estimated_duration * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReport(Session):
    """A session with its history: PATCHes received for it whatever the answer, and what came of them.

    `state_changes` and `emails` are those of cancels; `invitations` are the e-mails of scheduling and editing.
    """

    patches: int
    state_changes: int
    emails: int
    invitations: int


@dataclass(frozen=True, slots=True)
class Email:
    to: str
    subject: str
    organization: str
    remote_session_id: str
    at: float
    about: Literal["canceled", "invited"] = "canceled"


@dataclass(frozen=True, slots=True)
class Postback:
    """`outcome` is the status that the other end answered, or why there was none."""

    url: str
    organization: str
    remote_session_id: str
    at: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Call:
    """One API call, free of tokens. `slug` only where its token was good, `why` only where it was refused.

    `answer` is None where a fault came before the endpoint, `status` None where no whole head was sent.
    """

    index: int
    method: str
    path: str
    query: str
    slug: str | None
    status: int | None
    answer: AnswerName | None
    why: str | None
    at: float
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """`per_second` holds [second, calls] in order of time, the seconds without a call left out."""

    patches: int
    state_changes: int
    emails: int
    unauthorized: int
    invitations: int = 0
    rate_limited: int = 0
    faults: int = 0
    per_second: tuple[tuple[int, int], ...] = ()

    @property
    def busiest_second(self) -> int:
        return max((calls for _, calls in self.per_second), default=0)
