"""What happens, counted: lines in the log that CloudWatch reads metrics out of (EMF), each with the ids it is about.

Ids are properties of a line, never dimensions: they can be searched for, and cost nothing. The table is `measures`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from cancellations.adapters.journal import Fields, asked
from cancellations.adapters.measures import MEASURES, NAMESPACE, STATE_READ
from cancellations.admission import OBSERVED, Conflicted, Received
from cancellations.answers import CANCELABLE, NOT_LISTED, Answer, Unread
from cancellations.domain import Outcome, Request
from cancellations.errors import Malformed, SignatureRefused, UnsupportedBody
from cancellations.ports import NEWEST, Came
from cancellations.receive import Arrival, Rejected, Result
from cancellations.settlement import Postponed

if TYPE_CHECKING:
    from cancellations.adapters.http_api import Told
    from cancellations.announce import Announced
    from cancellations.notify import Notified
    from cancellations.sweep import Swept
    from cancellations.work import Worked

STATES = frozenset((*CANCELABLE, "active", "canceled", NOT_LISTED))
"""What may be said of a state in a log; anything else is somebody's words."""

ACCESS = frozenset(("not_permitted", "redirected"))
"""Refusals that speak of who asks or where, rather than of the session."""


def of_arrival(result: Told, seen: Fields) -> None:
    match result:
        case Arrival(source, results, _, key):
            if key not in NEWEST:
                count("OldSigningSecretUsed", {**seen, "source": source, "key": key})
            _of_items(results, seen)
        case Received() | Conflicted():
            _of_items([result], seen)


def of_refusal(error: Exception, seen: Fields) -> None:
    match error:
        case SignatureRefused(stranger=True):
            count("StrangersRefused", seen)
        case SignatureRefused():
            count("SignaturesRefused", seen)
        case Malformed() | UnsupportedBody() if "source" in seen:  # it was verified
            count("DeliveriesRejected", seen)


def of_work(worked: Worked, now: float, seen: Fields) -> None:
    if worked.accepted and worked.request:
        count("RequestsAccepted", asked(worked.request))
    match worked.request, worked.result:
        case Request() as request, Outcome() as outcome:
            of_outcome(request, outcome, now)
        case Request() as request, Postponed() as postponed:
            _of_postponed(request, postponed)
        case _, Conflicted() as conflict:
            _of_items([conflict], seen)
        case _, tuple(results):
            _of_items(results, seen)
    if worked.for_a_person:
        count("MessagesReturned", seen)


def of_message(seen: Fields) -> None:
    """One that comes again, and ends as a dead letter if it comes too often."""
    count("MessagesReturned", seen)


def of_outcome(request: Request, outcome: Outcome, now: float) -> None:
    if outcome.again:
        return
    about = {**asked(request), "reason": outcome.reason}
    took = round(max(0.0, now - request.accepted_at), 3)
    emit({"RequestsSettled": 1, "TimeToSettle": took}, about, outcome.status)
    if outcome.reason in ACCESS:
        count("AccessRefused", about)


def of_sweep(swept: Swept, now: float) -> None:
    for request, outcome in swept.given_up:
        of_outcome(request, outcome, now)
    if swept.put_back:
        emit({"RequestsPutBack": len(swept.put_back)}, {})
    if swept.failed:
        emit({"RequestsNotSwept": len(swept.failed)}, {})


def of_announced(announced: Announced) -> None:
    for kind, number in Counter(one.detail_type for one in announced.told).items():
        emit({"Announced": number}, {}, kind)
    if stopped := announced.stopped:
        count("AnnouncementsStopped", {"sequence": stopped.sequence})


def of_notified(notified: Notified) -> None:
    match notified.decision:
        case "told":
            count("CallbacksTold", _called_back(notified))
        case "put off" | "gone":
            count("CallbacksFailed", _called_back(notified))


def _called_back(notified: Notified) -> Fields:
    return {"id": notified.event_id, "source": notified.source}


def of_call(request: Request, call: Literal["cancel", "state"], came: Came, seconds: float) -> None:
    """A `ports.Heard`: one line for each call, with what Prevail answered and none of its words."""
    meaning: str
    match came:
        case (Answer() as answer) | Unread(answer):
            meaning, said = answer.meaning, answer.seen
        case state:
            meaning, said = STATE_READ, f"state {state}" if state in STATES else "another state"
    about = {**asked(request), "decision": "called", "call": call, "answer": said}
    emit({"PrevailCallDuration": round(max(0.0, seconds) * 1000)}, about, meaning)


def _of_items(results: Iterable[Result], seen: Fields) -> None:
    for result in results:
        match result:
            case Received(request, status, replayed=False):
                count("RequestsAccepted", asked(request))
                if status == OBSERVED.status:
                    of_outcome(request, OBSERVED, request.accepted_at)
            case Conflicted() | Rejected():
                count("DeliveriesRejected", seen)


def _of_postponed(request: Request, postponed: Postponed) -> None:
    about = asked(request)
    if postponed.escalated:
        count("RequestsEscalated", about)
    if postponed.status == "outcome_unknown":
        count("OutcomesUnknown", about)
    if (guard := postponed.waits.guard) or postponed.status == "held":
        count("RequestsHeld", about, guard or "configuration")


def count(name: str, about: Fields, said: str | None = None) -> None:
    emit({name: 1}, about, said)


def emit(readings: Mapping[str, float], about: Fields, said: str | None = None) -> None:
    """One line. said: the value of the readings' dimension. What was decided stands, whether or not it is counted."""
    with suppress(Exception):
        line = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
        for name, value in readings.items():
            line.add_metric(name, MEASURES[name].unit, value)
            if (dimension := MEASURES[name].dimension) and said:
                line.add_dimension(dimension, said)
        for name, fact in about.items():
            if fact is not None:
                line.add_metadata(name, fact)
        # In one piece: several threads write, and what `print` writes in two would break in between.
        sys.stdout.write(json.dumps(line.serialize_metric_set(), separators=(",", ":")) + "\n")
        sys.stdout.flush()
