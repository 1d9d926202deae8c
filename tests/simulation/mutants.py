"""The protocol with one thing broken at a time: whoever cannot find these would not find what nobody thought of."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from unittest.mock import patch

from cancellations import claims, ledger, restored
from cancellations.admission import Admission
from cancellations.answers import Answer, Unread
from cancellations.attempt import Attempt, Remaining
from cancellations.backoff import SKEW_S
from cancellations.calls import Calls
from cancellations.cancel import MAX_AGE_S, Cancel
from cancellations.claims import Forgotten, outcome_of, verdict_of
from cancellations.domain import (
    NEW,
    Evidence,
    Organization,
    Outcome,
    Progress,
    Request,
    Unsettled,
    canceled_outcome,
)
from cancellations.errors import TryAgain
from cancellations.ledger import Ledger
from cancellations.pace import Turn
from cancellations.permits import Hold, Permit, Permits
from cancellations.protocol import Claim, claiming, conditions, requests, sessions
from cancellations.protocol.conditions import FREE, known
from cancellations.results import AttemptResult, untried
from cancellations.settlement import Postponed, Settlement
from cancellations.sweep import Sweep, Swept
from cancellations.verdicts import Busy, CanceledBefore, SettledBefore
from cancellations.waits import Waits
from cancellations.wiring import requests as wiring
from cancellations.work import Work, Worked
from cancellations.writes import Absent, Before, Condition, ConditionFailed, Equals, Item, Put, Write

ALWAYS = Absent(("nothing",))

again = Attempt._again  # noqa: SLF001 - what is broken is inside
look = restored.look
record_refused = sessions.record_refused
record_unknown = Ledger.record_unknown
work = Work.__call__


def settles_before_it_records(
    self: Settlement, request: Request, held: Claim, *, ours: bool, result: AttemptResult, evidence: Evidence
) -> Outcome:
    by = request.id if ours else held.doubt_by
    self.settle(request, canceled_outcome(request, by, None, evidence))
    return self.ledger.record_canceled(request, held, ours=ours, result=result, evidence=evidence)


def does_not_settle(_self: Settlement, _request: Request, outcome: Outcome) -> Outcome:
    return outcome


def sends_no_fresh_message(
    self: Settlement,
    request: Request,
    status: Unsettled,
    waits: Waits,
    delay: float,
    *_: Progress,
    **__: object,
) -> Postponed:
    wait = math.ceil(delay)
    self.ledger.postpone(request, status, waits=waits, next_at=self.clock() + wait)
    return Postponed(status, waits, wait)


def sends_late(
    self: Settlement,
    request: Request,
    status: Unsettled,
    waits: Waits,
    delay: float,
    *progress: Progress,
    **_: object,
) -> Postponed:
    """What it could not send, it takes for sent."""
    wait = math.ceil(delay)
    self.ledger.postpone(request, status, waits=waits, next_at=self.clock() + wait)
    with suppress(TryAgain):
        self.queue.send(request, wait, *progress)
    return Postponed(status, waits, wait)


def forgets_whose_doubt_it_was(
    self: Ledger, request: Request, held: Claim, *, ours: bool, result: AttemptResult, evidence: Evidence
) -> Outcome:
    by = request.id if ours else None
    outcome = canceled_outcome(request, by, None, evidence)
    self._record(held, sessions.record_canceled(request, held, by, outcome, result))
    return outcome


def looks_at_once(
    self: Ledger,
    request: Request,
    held: Claim,
    result: AttemptResult,
    *,
    now: float,
    settling_s: float,
    outcome: Outcome | None = None,
) -> None:
    record_unknown(self, request, held, result, now=now, settling_s=settling_s * 0, outcome=outcome)


def looks_by_its_own_clock(
    self: Ledger,
    request: Request,
    held: Claim,
    result: AttemptResult,
    *,
    now: float,
    settling_s: float,
    outcome: Outcome | None = None,
) -> None:
    record_unknown(self, request, held, result, now=now, settling_s=settling_s - SKEW_S, outcome=outcome)


def sends_without_a_last_check(self: Calls, request: Request, _has_time: Callable[[], bool]) -> Answer:
    return self._tools.prevail.cancel(
        self._organization,
        request.remote_session_id,
        without_email=request.cancel_without_email,
        token=self._token(),
    )


def ignores_the_fence_that_moved(self: Ledger, _held: Claim, write: Write) -> None:
    try:
        self._table.write(write)
    except ConditionFailed:
        return


def takes_doubt_for_not_sent(self: Attempt, answer: Answer) -> Outcome | Postponed:
    return again(self, replace(answer, meaning="not_sent"))


def promises_what_it_could_not_queue(self: Admission, request: Request, since: float) -> None:
    try:
        self.queue.send(request)
    except TryAgain:
        self.ledger.not_queued(request, since)


def deletes_on_error(self: Work, body: str, remaining: Remaining) -> Worked:
    try:
        return work(self, body, remaining)
    except TryAgain:
        return Worked(None, ())


def sweeps_nothing(_self: Sweep, _remaining: Remaining) -> Swept:
    return Swept()


def holds_nothing(_self: Permits, _permit: Permit, _slug: str, _api_key: str) -> None:
    return


def asks_after_the_claim(
    self: Cancel, request: Request, remaining: Remaining, progress: Progress = NEW
) -> Outcome | Postponed:
    organization, desk = self.organizations[request.organization], self.settlement
    if desk.clock() - request.accepted_at > MAX_AGE_S:
        return desk.give_up(request, "too_old")
    api_key = self.tools.keys.api_key(organization)
    held = desk.claim(request, progress)
    if not isinstance(held, Claim):
        return held
    with self.tools.permits.permit(organization, api_key) as permit:
        if isinstance(permit, Hold):
            desk.ledger.record_unsent(request, held, untried("out_of_time"))
            return desk.postpone(request, permit.status, permit.waits, permit.delay)
        calls = Calls(self.tools, desk.clock, organization, api_key, permit, Turn())
        look = held.in_doubt or progress.look
        return Attempt(calls, desk, request, organization, held, remaining, self.tools.jitter, look).run()


def always(*_: object) -> Condition:
    return ALWAYS


def no(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Broken:
    """One attribute of one owner, and what takes its place.

    shows: a part of the violation by which it must be found. too: what must break with it.
    """

    owner: object
    attribute: str
    by: object
    shows: str = ""
    too: "Broken | None" = None

    @contextmanager
    def applied(self) -> Iterator[None]:
        with (
            patch.object(self.owner, self.attribute, self.by),
            self.too.applied() if self.too else nullcontext(),
        ):
            yield


def in_doubt_or_not(_now: float) -> Condition:
    return Before(("lease_until",), 0.0)


def if_known(request: Request, *_: object) -> Condition:
    return known(request)


def takes_it_for_restored(
    _calls: Calls, desk: Settlement, request: Request, _organization: Organization, held: Claim
) -> Claim:
    return desk.ledger.record_restored(request, held)


def cancels_whatever_was_restored(
    calls: Calls, desk: Settlement, request: Request, organization: Organization, held: Claim
) -> Outcome | Unread | Claim:
    return look(calls, desk, request, replace(organization, on_restored="cancel"), held)


def refused_for_ever(
    request: Request, seen: Item, now: float, *, known_open: bool
) -> CanceledBefore | SettledBefore | Busy | Forgotten | None:
    verdict = verdict_of(request, seen, now, known_open=known_open)
    if "refusal" in seen and (verdict is None or isinstance(verdict, Busy)):
        return SettledBefore(outcome_of(seen, ("refusal",)))
    return verdict


def never_refused(_request: Request, _now: float) -> Condition:
    return Absent(("refusal_at",))


def refuses_in_the_past(request: Request, held: Claim, outcome: Outcome, result: AttemptResult) -> Write:
    """By a clock that was never compared with the one that the request was accepted by."""
    write = record_refused(request, held, outcome, result)
    changes = tuple(
        Put(change.path, held.began - 60.0) if change.path == ("refusal_at",) else change
        for change in write.changes
    )
    return replace(write, changes=changes)


MUTANTS: Mapping[str, Broken] = {
    "claim-without-condition": Broken(claiming, "FREE", ALWAYS),
    "canceled-is-not-final": Broken(claiming, "FREE", FREE | Equals(("state",), "canceled")),
    "record-without-fence": Broken(sessions, "held_by", always),
    "moved-fence-ignored": Broken(Ledger, "_record", ignores_the_fence_that_moved),
    "settle-before-record": Broken(Settlement, "canceled", settles_before_it_records),
    "acknowledge-before-settle": Broken(Settlement, "settle", does_not_settle),
    "no-look-in-doubt": Broken(Attempt, "_look", no),
    "no-hold-where-unreadable": Broken(Attempt, "_hold", no),
    "doubt-taken-for-not-sent": Broken(Attempt, "_again", takes_doubt_for_not_sent),
    "no-settling-time": Broken(Ledger, "record_unknown", looks_at_once),
    "settling-time-without-skew": Broken(Ledger, "record_unknown", looks_by_its_own_clock),
    "doubt-by-forgotten": Broken(Ledger, "record_canceled", forgets_whose_doubt_it_was),
    "no-fingerprint": Broken(Request, "fingerprint", property(lambda _: "")),
    "accept-without-condition": Broken(requests, "new", always),
    "lease-never-expires": Broken(claiming, "abandoned", in_doubt_or_not),
    "lease-shorter-than-an-attempt": Broken(wiring, "LEASE_S", 45.0),
    "no-check-of-time": Broken(Attempt, "_has_time", lambda _: True),
    "no-check-right-before-sending": Broken(Calls, "_patch", sends_without_a_last_check),
    "not-settled-here-removed": Broken(claiming, "not_settled_here", always),
    "retry-without-fresh-message": Broken(Settlement, "postpone", sends_no_fresh_message),
    "retry-acknowledged-before-put": Broken(Settlement, "postpone", sends_late),
    "promise-before-queue": Broken(Admission, "_send", promises_what_it_could_not_queue),
    "settled-may-be-written": Broken(requests, "unsettled", if_known),
    "sweep-without-condition": Broken(requests, "still_due", if_known),
    "delete-on-error": Broken(Work, "__call__", deletes_on_error),
    "breaker-ignored": Broken(Permits, "_held", holds_nothing),
    "breaker-asked-after-the-claim": Broken(Cancel, "__call__", asks_after_the_claim),
    "refused-key-tried-again": Broken(Calls, "_otherwise", lambda _self, _refused: True),
    "no-sweep": Broken(Sweep, "__call__", sweeps_nothing),
    "permit-not-returned": Broken(Permit, "end", no, "was left behind"),
    "restored-session-swallowed": Broken(
        claiming, "RESTORED_AFTER_S", math.inf, "by what was known before it meant something new"
    ),
    "restored-session-canceled-unseen": Broken(
        restored, "look", takes_it_for_restored, "nobody has seen it so"
    ),
    "restored-session-canceled-unasked": Broken(
        restored, "look", cancels_whatever_was_restored, "only a person may say so"
    ),
    "refusal-outlives-its-reason": Broken(
        ledger,
        "verdict_of",
        refused_for_ever,
        "by what Prevail said before it asked",
        Broken(claiming, "not_refused", never_refused),
    ),
    "refusal-goes-back": Broken(
        sessions, "record_refused", refuses_in_the_past, "the time of a refusal went back"
    ),
    "refusal-stands-for-no-time": Broken(
        conditions,
        "REFUSAL_STANDS_S",
        0.0,
        "right after it was refused",
        Broken(claims, "REFUSAL_STANDS_S", 0.0),
    ),
    "outcome-forgotten": Broken(claiming, "not_forgotten", always, "a PATCH for a request that has settled"),
}
