"""The ledger: what the use cases say, carried out by the protocol's writes on a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from cancellations.domain import Outcome, Request, SessionState, Settled, Status, canceled_outcome
from cancellations.errors import LostTheSession
from cancellations.messages import request_from
from cancellations.ports import Names, Table
from cancellations.protocol import Claim, requests, sessions
from cancellations.writes import ConditionFailed, Item, Write, at, number, text


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request is new and stored."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The request was stored before; `status` is what is known of it."""

    status: Status
    queued_at: float


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
    """Another attempt holds the session, or may still be on its way to it, until then at the latest."""

    until: float


@dataclass(frozen=True, slots=True)
class Overdue:
    """A request that should have moved by `due_at`, and how often it was put back on its way since it last moved."""

    request: Request
    due_at: float
    sweeps: int

    @property
    def given_up(self) -> bool:
        return self.sweeps >= requests.MAX_SWEEPS


class Ledger:
    """Every method is one write, except a claim in doubt, which is two. Raises Unavailable."""

    def __init__(self, table: Table, names: Names, lease_s: float) -> None:
        self._table, self._names, self._lease_s = table, names, lease_s

    def accept(self, request: Request, now: float) -> Accepted | Duplicate | Conflict:
        token = self._names()
        try:
            self._table.write(requests.accept(request, token=token, now=now))
        except ConditionFailed as refused:
            if text(refused.item, "accepted_by") == token:
                return Accepted()  # the reply to our own write was lost
            if text(refused.item, "fingerprint") != request.fingerprint:
                self._table.write(requests.note_conflict(request, now=now))
                return Conflict()
            status = cast("Status", refused.item["status"])
            return Duplicate(status, number(refused.item, "queued_at") or 0.0)
        return Accepted()

    def queue_again(self, request: Request, since: float, now: float) -> bool:
        """Whether it is ours to put one more message: of many who ask at once, one hears yes."""
        return self._landed(requests.queue_again(request, since=since, now=now))

    def claim(self, request: Request, now: float) -> Claim | CanceledBefore | SettledBefore | Busy:
        owner, until = self._names(), now + self._lease_s
        try:
            item = self._table.write(sessions.claim(request, owner=owner, now=now, lease_until=until))
            return _claim_of(request, item, in_doubt=False)
        except ConditionFailed as refused:
            seen = refused.item
        if text(seen, "owner") == owner:  # the reply to our own write was lost
            return _claim_of(request, seen, in_doubt=False)
        if verdict := _settled_or_busy(request, seen, now):
            return verdict
        try:
            item = self._table.write(
                sessions.take_over(request, seen, owner=owner, now=now, lease_until=until)
            )
            return _claim_of(request, item, in_doubt=True)
        except ConditionFailed as refused:
            if text(refused.item, "owner") == owner:
                return _claim_of(request, refused.item, in_doubt=True)
            return _settled_or_busy(request, refused.item, now) or Busy(now)

    def record_canceled(
        self, request: Request, held: Claim, *, ours: bool, answer: str, evidence: str
    ) -> Outcome:
        """The effect belongs to the first whose attempt was in doubt, else to us if our call had it."""
        by = held.doubt_by or (request.id if ours else None)
        outcome = canceled_outcome(request, by, evidence)
        self._record(held, sessions.record_canceled(request, held, by, outcome, answer))
        return outcome

    def record_refused(self, request: Request, held: Claim, outcome: Outcome, answer: str) -> Outcome:
        self._record(held, sessions.record_refused(request, held, outcome, answer))
        return outcome

    def record_unsent(self, request: Request, held: Claim, answer: str) -> None:
        self._record(held, sessions.record_unsent(request, held, answer))

    def record_unknown(
        self, request: Request, held: Claim, answer: str, *, look_after: float, outcome: Outcome | None = None
    ) -> None:
        write = sessions.record_unknown(request, held, answer, look_after=look_after, outcome=outcome)
        self._record(held, write)

    def settle(self, request: Request, outcome: Outcome, now: float) -> None:
        """Idempotent: a request that has settled stays as it is."""
        self._landed(requests.settle(request, outcome, now=now))

    def sweep(self, request: Request, due_at: float, sweeps: int, now: float) -> bool:
        """Whether it is ours to put an overdue request back on its way."""
        return self._landed(requests.sweep(request, due_at=due_at, sweeps=sweeps, now=now))

    def overdue(self, now: float, limit: int) -> Iterator["Overdue"]:
        """Requests that should have moved by now, at most `limit`, the longest overdue of each shard first."""
        for place in range(requests.SHARDS):
            if limit == 0:
                return
            items = self._table.due(requests.shard(place), now, limit)
            limit -= len(items)
            for item in items:
                due_at, sweeps = number(item, "due_at") or 0.0, int(number(item, "sweeps") or 0)
                yield Overdue(request_from(item), due_at, sweeps)

    def postpone(self, request: Request, status: Status, *, reason: str, next_at: float) -> None:
        self._landed(requests.postpone(request, status, reason=reason, next_at=next_at))

    def _record(self, held: Claim, write: Write) -> None:
        try:
            self._table.write(write)
        except ConditionFailed as refused:
            if number(refused.item, "fence") == held.fence and "owner" not in refused.item:
                return  # under our fence only we take the owner off: the reply to our own write was lost
            raise LostTheSession("the session's fence has moved on") from refused

    def _landed(self, write: Write) -> bool:
        try:
            self._table.write(write)
        except ConditionFailed:
            return False
        return True


def _settled_or_busy(
    request: Request, seen: Item, now: float
) -> CanceledBefore | SettledBefore | Busy | None:
    """Why a claim was refused, read off the item that refused it; None where the session is in doubt."""
    state = cast("SessionState | None", text(seen, "state"))
    if state == "canceled":
        without_email = cast("bool | None", seen.get("canceled_without_email"))
        return CanceledBefore(text(seen, "canceled_by"), without_email)
    if at(seen, ("outcomes", request.id)) is not None:
        return SettledBefore(outcome_of(seen, ("outcomes", request.id)))
    if state == "in_flight" and (number(seen, "lease_until") or 0.0) >= now:
        return Busy(number(seen, "lease_until") or now)
    if state == "unknown" and (number(seen, "look_after") or 0.0) >= now:
        return Busy(number(seen, "look_after") or now)
    return None


def outcome_of(item: Item, path: tuple[str, ...]) -> Outcome:
    """Read an outcome that `Outcome.as_json` wrote."""

    def part(name: str) -> str | None:
        return cast("str | None", at(item, (*path, name)))

    return Outcome(cast("Settled", part("status")), part("reason"), part("canceled_by"), part("evidence"))


def _claim_of(request: Request, item: Item, *, in_doubt: bool) -> Claim:
    """Read a claim off the item as it stands after the write that took it."""
    attempts = item["attempts"] if isinstance(item["attempts"], list) else []
    outcomes = item.get("outcomes")
    return Claim(
        owner=text(item, "owner") or "",
        fence=int(number(item, "fence") or 0),
        lease_until=number(item, "lease_until") or 0.0,
        attempts=sum(at(attempt, ("request",)) == request.id for attempt in attempts),
        last=len(attempts) - 1,
        in_doubt=in_doubt,
        doubt_by=text(item, "doubt_by"),
        crowded=isinstance(outcomes, dict) and len(outcomes) >= sessions.MAX_OUTCOMES,
    )
