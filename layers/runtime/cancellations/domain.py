"""The words of the domain as values. No clock, no input or output, nothing from outside the standard library."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field, fields
from typing import Literal, cast

from cancellations.values import dataclass

KEY_VERSION = b"1"
"""Part of every idempotency key: another derivation gets another version, so that keys never meet."""

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

type Unsettled = Literal["queued", "in_flight", "retrying", "held", "outcome_unknown"]
type Settled = Literal["canceled", "already_canceled", "refused", "needs_review", "observed"]
type Status = Unsettled | Settled
type OnUnknown = Literal["hold", "retry"]
"""What to do where an attempt is in doubt and the state cannot be read: ask a person, or try again."""

type OnRestored = Literal["review", "cancel"]
"""What to do where a canceled session was put back at Prevail, and somebody asks for it anew."""

type Guard = Literal["pause", "key", "breaker", "cap", "configuration"]
"""What holds a request back until it is lifted: by a person, or by Prevail's answering again."""

type EvidenceKind = Literal["ledger", "state", "answer"]
"""What an outcome rests on: our ledger, the session's state at Prevail, or what came back of a call."""

type SessionState = Literal["idle", "in_flight", "unknown", "canceled"]

OWN_CALLERS = "api"
"""The source of requests by callers that IAM knows: no source of the configuration has its name."""

OUTCOMES = "prevail-cancellations"
"""The `source` of the events that we put on a bus; no event of that source is ever taken for a cancellation."""

CANCELED: frozenset[str] = frozenset(("canceled", "already_canceled"))
"""Statuses of requests whose session is canceled."""

SETTLED: frozenset[str] = frozenset(("canceled", "already_canceled", "refused", "needs_review", "observed"))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One arrival over HTTP, before anything in it is believed. Header names are lower case."""

    source: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class BusMatch:
    """What a bus event must carry to come from a source. `account` None means the account we run in."""

    source: str
    detail_type: str
    account: str | None


@dataclass(frozen=True, slots=True)
class Organization:
    """A customer of Prevail. `slug` is its company_id, `secret` the name that holds its API key."""

    slug: str
    base_url: str
    secret: str
    on_unknown: OnUnknown = "hold"
    retry_without_email: bool = False
    """Whether a call that is repeated after a doubt asks for no e-mail: better none than two."""
    on_restored: OnRestored = "review"
    look_first: bool = False
    """Whether the state is read before every call, as after a restored table: the ledger may have forgotten some.

    Off by default: every cancellation then depends on the list (docs/decisions/0023).
    """
    deadline_s: float | None = None
    """What one call may take in all, where it is less than ours."""
    per_second: float | None = None
    """How many calls all workers together make in a second."""
    at_once: int | None = None
    """How many calls all workers together have under way."""


@dataclass(frozen=True, slots=True)
class Request:
    """One ask to cancel one session. Times are epoch seconds."""

    organization: str
    source: str
    event_id: str
    remote_session_id: str
    cancel_without_email: bool
    accepted_at: float
    reason: str | None = None
    requested_by: str | None = None
    starts_at: float | None = None
    """When the deposition begins, where the source says so."""
    notes: tuple[str, ...] = ()
    """What only describes the request and was left out, because it could not be read."""

    @property
    def id(self) -> str:
        """The idempotency key, 64 hexadecimal digits."""
        return idempotency_key(self.organization, self.source, self.event_id)

    @property
    def fingerprint(self) -> str:
        """What is asked to happen, without what merely describes it.

        A sender that words its reason anew on a retry asks for the same; one that names another session,
        or wants the e-mails after all, does not.
        """
        asked: list[Json] = [self.organization, self.remote_session_id, self.cancel_without_email]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    def as_json(self) -> dict[str, Json]:
        """As it is stored and put on the queue; absent where there is nothing."""
        known = {field.name: cast("Json", getattr(self, field.name)) for field in fields(self)}
        known["notes"] = list(self.notes) or None
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Progress:
    """What a request has passed on its way and need not pass again; its message carries it."""

    counted: bool = False
    """It counts among its source's cancellations of an hour."""
    slot: float | None = None
    """The moment that was kept for its call, where the organization has a rate."""
    in_vain: int = 0
    """How often in a row it came and nothing could be begun: its session was taken, or no slot was near."""
    told: bool = False
    """Whether Prevail has told it to wait."""
    look: bool = False
    """Whether Prevail has objected to its call, and the state that would say why has still to be read."""
    conflicts: int = 0
    """How often in a row Prevail has answered its call with a conflict that the session's state does not explain."""


NEW = Progress()
KNOWN = Progress(counted=True)


def idempotency_key(organization: str, source: str, event_id: str) -> str:
    """SHA-256 over the length-framed parts: no choice of separators can make two events one."""
    digest = hashlib.sha256()
    for part in (KEY_VERSION, organization.encode(), source.encode(), event_id.encode()):
        digest.update(len(part).to_bytes(4))
        digest.update(part)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an outcome rests on.

    state: as Prevail's list says it. unread: why the list could not be read. status, reason, words: the answer to a
    call. kind None: a record of version 0.1.0, with its whole sentence in `words`.
    """

    kind: EvidenceKind | None
    state: str | None = None
    status: int | None = None
    reason: str | None = None
    words: str | None = None
    unread: str | None = None

    def as_json(self) -> dict[str, Json]:
        """Only what is known."""
        return _known(self)


LEDGER = Evidence("ledger")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request settled. `canceled_by` is the request that had the effect, where one is known."""

    status: Settled
    reason: str | None = None
    canceled_by: str | None = None
    evidence: Evidence | None = None
    again: bool = field(default=False, compare=False)
    """The request had settled before, and this repeats it; part of no record."""

    def as_json(self) -> dict[str, Json]:
        """Only what is known: an absent key says the same as null and is cheaper to store.

        The key of the evidence is `basis`: version 0.1.0 reads `evidence` as text.
        """
        known = {name: value for name, value in _known(self).items() if name != "evidence"}
        return known | ({"basis": self.evidence.as_json()} if self.evidence else {})


def canceled_outcome(
    request: Request, by: str | None, without_email: bool | None, evidence: Evidence
) -> Outcome:
    """The outcome of a request whose session is canceled: by itself, or by somebody before it.

    without_email: how it was canceled, where that is known; where the request asked otherwise, it says so.
    """
    if by == request.id:
        return Outcome("canceled", None, by, evidence)
    reason = None if without_email in (None, request.cancel_without_email) else "email_differs"
    return Outcome("already_canceled", reason, by, evidence)


def _known(value: Evidence | Outcome) -> dict[str, Json]:
    known = {part.name: cast("Json", getattr(value, part.name)) for part in fields(value) if part.compare}
    return {name: value for name, value in known.items() if value is not None}
