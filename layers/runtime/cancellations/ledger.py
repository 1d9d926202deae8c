"""The ledger: what the use cases say, carried out by the protocol's writes on a table."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from cancellations.claims import Forgotten, claim_of, outcome_of, verdict_of
from cancellations.domain import (
    Evidence,
    Outcome,
    Request,
    Status,
    canceled_outcome,
)
from cancellations.errors import LostTheSession, Malformed
from cancellations.messages import request_from
from cancellations.ports import Names, Table
from cancellations.protocol import Claim, Lease, claiming, request_key, requests, sessions
from cancellations.results import AttemptResult
from cancellations.verdicts import (
    Accepted,
    Busy,
    CanceledBefore,
    Conflict,
    Duplicate,
    Overdue,
    SettledBefore,
    Unreadable,
)
from cancellations.versions import is_newer, refuse_newer
from cancellations.waits import Waits
from cancellations.writes import KEY, ConditionFailed, Item, Write, number, text


class Ledger:
    """Most methods are one write; a claim in doubt and an accept in conflict are two.

    All raise Unavailable; those that meet a record of a newer version raise NewerVersion and have written nothing.
    """

    def __init__(self, table: Table, names: Names, lease_s: float) -> None:
        self._table, self._names, self._lease_s = table, names, lease_s

    def accept(
        self, request: Request, now: float, outcome: Outcome | None = None
    ) -> Accepted | Duplicate | Conflict:
        """outcome: what it is settled with at once, where nobody is to be called for it."""
        token = self._names()
        try:
            self._write(requests.accept(request, token=token, now=now, outcome=outcome))
        except ConditionFailed as refused:
            if text(refused.item, "accepted_by") == token:
                return Accepted()  # the reply to our own write was lost
            if text(refused.item, "fingerprint") != request.fingerprint:
                self._write(requests.note_conflict(request, now=now))
                return Conflict()
            status = cast("Status", refused.item["status"])
            queued_at, accepted_at = number(refused.item, "queued_at"), number(refused.item, "accepted_at")
            return Duplicate(status, queued_at or 0.0, accepted_at or now)
        return Accepted()

    def queue_again(self, request: Request, since: float, now: float) -> bool:
        """Whether it is ours to put one more message: of many who ask at once, one hears yes."""
        token = self._names()
        try:
            self._write(requests.queue_again(request, since=since, token=token, now=now))
        except ConditionFailed as refused:
            return text(refused.item, "queued_by") == token  # the reply to our own write may have been lost
        return True

    def not_queued(self, request: Request, since: float) -> None:
        """No message could be put: whoever asks next may put one at once."""
        self._landed(requests.not_queued(request, since=since))

    def claim(self, request: Request, now: float) -> Claim | CanceledBefore | SettledBefore | Busy:
        verdict = self._claim(request, now, known_open=False)
        if not isinstance(verdict, Forgotten):
            return verdict
        item = self._table.read(request_key(request.id)) or {}
        if "outcome" in item:
            return SettledBefore(outcome_of(item, ("outcome",)))
        verdict = self._claim(request, now, known_open=True)
        return Busy(now, under_way=True) if isinstance(verdict, Forgotten) else verdict

    def _claim(
        self, request: Request, now: float, *, known_open: bool
    ) -> Claim | CanceledBefore | SettledBefore | Busy | Forgotten:
        owner = self._names()
        lease = Lease(owner, now, now + self._lease_s, known_open=known_open)
        try:
            item = self._write(claiming.claim(request, lease))
            return claim_of(request, item, in_doubt=False)
        except ConditionFailed as refused:
            seen = refused.item
        if text(seen, "owner") == owner:  # the reply to our own write was lost
            return claim_of(request, seen, in_doubt=False)
        if verdict := verdict_of(request, seen, now, known_open=known_open):
            return verdict
        again = text(seen, "state") == "canceled"
        in_doubt = not again and "canceled_at" not in seen
        try:
            item = self._write((claiming.look_again if again else claiming.take_over)(request, seen, lease))
            return claim_of(request, item, in_doubt=in_doubt)
        except ConditionFailed as refused:
            if text(refused.item, "owner") == owner:
                return claim_of(request, refused.item, in_doubt=in_doubt)
            return verdict_of(request, refused.item, now, known_open=known_open) or Busy(now, under_way=True)

    def record_canceled(
        self, request: Request, held: Claim, *, ours: bool, result: AttemptResult, evidence: Evidence
    ) -> Outcome:
        """The effect is ours if our call had it, else that of the first whose attempt was in doubt."""
        by = request.id if ours else held.doubt_by
        outcome = canceled_outcome(request, by, None, evidence)
        self._record(held, sessions.record_canceled(request, held, by, outcome, result))
        return outcome

    def record_refused(self, request: Request, held: Claim, outcome: Outcome, result: AttemptResult) -> None:
        self._record(held, sessions.record_refused(request, held, outcome, result))

    def record_still_canceled(
        self, request: Request, held: Claim, result: AttemptResult, evidence: Evidence
    ) -> Outcome:
        self._record(held, sessions.record_still_canceled(request, held, result))
        return canceled_outcome(request, held.canceled_by, held.canceled_without_email, evidence)

    def record_restored(self, request: Request, held: Claim) -> Claim:
        """The claim as it is from then on; the call may be made. Raises LostTheSession."""
        try:
            self._table.write(sessions.record_restored(request, held))
        except ConditionFailed as refused:
            raise LostTheSession("the session's fence has moved on") from refused
        return replace(held, was_canceled=False, canceled_by=None, canceled_without_email=None)

    def record_unsent(self, request: Request, held: Claim, result: AttemptResult) -> None:
        self._record(held, sessions.record_unsent(request, held, result))

    def record_unknown(
        self,
        request: Request,
        held: Claim,
        result: AttemptResult,
        *,
        now: float,
        settling_s: float,
        outcome: Outcome | None = None,
    ) -> None:
        write = sessions.record_unknown(
            request, held, result, now=now, settling_s=settling_s, outcome=outcome
        )
        self._record(held, write)

    def settle(self, request: Request, outcome: Outcome, now: float) -> bool:
        """Idempotent: a request that has settled stays as it is. Whether it had not."""
        try:
            self._write(requests.settle(request, outcome, now=now))
        except ConditionFailed as refused:
            return number(refused.item, "settled_at") == now  # the reply to our own write may have been lost
        return True

    def sweep(self, request: Request, due_at: float, sweeps: int, now: float) -> bool:
        """Whether it is ours to put an overdue request back on its way."""
        return self._landed(requests.sweep(request, due_at=due_at, sweeps=sweeps, now=now))

    def overdue(self, now: float, limit: int) -> Iterator[Overdue | Unreadable]:
        """Requests that should have moved by now, at most `limit`, the longest overdue of each shard first."""
        for place in range(requests.SHARDS):
            if limit == 0:
                return
            items = self._table.due(requests.shard(place), now, limit)
            limit -= len(items)
            for item in items:
                if is_newer(item):
                    yield Unreadable(text(item, KEY) or "", "a newer version has written this")
                    continue
                due_at, sweeps = number(item, "due_at") or 0.0, int(number(item, "sweeps") or 0)
                try:
                    yield Overdue(request_from(item), due_at, sweeps)
                except Malformed:
                    yield Unreadable(text(item, KEY) or "")

    def postpone(
        self,
        request: Request,
        status: Status,
        *,
        waits: Waits,
        next_at: float,
        escalated_at: float | None = None,
    ) -> bool:
        """escalated_at: when somebody had to be told of it, where this is so; whether it is the first time."""
        write = requests.postpone(request, status, waits=waits, next_at=next_at, escalated_at=escalated_at)
        try:
            item = self._write(write)
        except ConditionFailed:
            return False
        return escalated_at is not None and number(item, "escalated_at") == escalated_at

    def _record(self, held: Claim, write: Write) -> None:
        try:
            self._table.write(write)
        except ConditionFailed as refused:
            if number(refused.item, "fence") == held.fence and "owner" not in refused.item:
                return  # under our fence only we take the owner off: the reply to our own write was lost
            raise LostTheSession("the session's fence has moved on") from refused

    def _landed(self, write: Write) -> bool:
        try:
            self._write(write)
        except ConditionFailed:
            return False
        return True

    def _write(self, write: Write) -> Item:
        """Raises ConditionFailed, or NewerVersion where the record is not ours to judge."""
        try:
            return self._table.write(write)
        except ConditionFailed as refused:
            refuse_newer(refused.item)
            raise
