"""Who asks: senders of webhooks that repeat what was not answered, and producers of bus events."""

import json
from dataclasses import dataclass
from functools import cache, partial

from builders import (
    a_body,
    a_bus_event,
    a_bus_source,
    a_delivery,
    a_source,
    an_organization,
    some_expressions,
)
from cancellations.admission import Conflicted, Received
from cancellations.ask import KEY_HEADER, Ask
from cancellations.configuration import Source
from cancellations.domain import OWN_CALLERS, Delivery, Json, idempotency_key
from cancellations.errors import CancellationsError, Refusal
from cancellations.receive import Arrival as Arrived
from cancellations.receive import Receive, Result
from simulation.invariants import Asked, Watch
from simulation.scenario import Arrival
from simulation.scheduler import Scheduler, Violation
from simulation.sqs import MessageQueue

RECEIVE_S = 20.0
"""How long the function may run (template.yaml)."""

WAITS_S = 30.0
"""How long a sender waits for an answer."""

CALLER = "arn:aws:iam::111122223333:role/operator"
"""Who asks through IAM."""

WEBHOOKS = a_source()
EVENTS = a_bus_source(
    name="crm",
    expressions=some_expressions(
        event_id="body.id",
        remote_session_id="body.detail.remote_session_id",
        cancel_without_email="body.detail.cancel_without_email",
    ),
)


@dataclass(frozen=True, slots=True)
class Doors:
    """The use cases behind HTTP: for senders of webhooks, and for callers that IAM knows."""

    receive: Receive
    ask: Ask


class Sender:
    """One arrival, and what its sender does until it hears an answer that it can live with."""

    def __init__(
        self,
        arrival: Arrival,
        scheduler: Scheduler,
        queue: MessageQueue,
        watch: Watch,
        doors: Doors,
    ) -> None:
        self._arrival, self._scheduler, self._queue = arrival, scheduler, queue
        self._watch, self._doors = watch, doors
        self._request = request_of(arrival)
        self._tries = self._given_up = 0
        self._content = False

    def ask(self) -> None:
        arrival, scheduler = self._arrival, self._scheduler
        scheduler.disturbed_until(scheduler.now)
        if arrival.entry == "bus":
            self._queue.put(event(arrival), self._request)
            return
        self._tries += 1
        scheduler.at(scheduler.now + WAITS_S, partial(self._hears_nothing, self._tries))
        scheduler.begin("receive", RECEIVE_S, self._over_http, request=self._request)

    def _over_http(self) -> None:
        """As functions/receive/app.py and the platform behind it do."""
        arrival, scheduler, life = self._arrival, self._scheduler, self._scheduler.life
        asked = (arrival.session, arrival.without_email)
        this_try, began = self._tries, scheduler.now
        fault = scheduler.pause("webhook")
        if fault and fault.kind == "time_left":
            life.ends = scheduler.now + fault.seconds
        try:
            result = self._received(asked, began)
        except Refusal as refusal:
            if not life.zombie:  # a delivery that was frozen may be too old by now
                raise Violation(f"a sound delivery was refused: {refusal!r}") from refusal
            return
        except CancellationsError as error:
            scheduler.tell("answers 503", f"{type(error).__name__}: {error}")
            self._hears_nothing(this_try)
            return
        scheduler.pause("answer")
        match result:
            case Received(_, status, replayed):
                scheduler.tell("answers 202", f"{status}, replayed: {replayed}")
                self._watch.promised(self._request, asked, first=not replayed)
            case Conflicted():
                scheduler.tell("answers 422", "conflict")
                self._watch.refused(self._request, asked)
            case _:
                raise Violation(f"a sound delivery was not taken: {result!r}")
        self._content = self._content or scheduler.now - began < WAITS_S

    def _received(self, asked: Asked, began: float) -> Result:
        """Raises Refusal or Unavailable, as the use case does."""
        arrival, clock = self._arrival, self._scheduler.clock
        if arrival.entry == "api":
            return self._doors.ask(a_caller_s_delivery(arrival), CALLER, clock())
        delivery = a_delivery(body=body(*asked), message_id=arrival.event, timestamp=began)
        arrived = self._doors.receive(delivery, clock())
        if not isinstance(arrived, Arrived) or len(arrived.results) != 1:
            raise Violation(f"a sound delivery was not taken: {arrived!r}")
        return arrived.results[0]

    def _hears_nothing(self, this_try: int) -> None:
        """It asks again, unless it did so already or has no patience left."""
        if self._content or this_try <= self._given_up or this_try > len(self._arrival.again):
            return
        self._given_up = this_try
        self._scheduler.at(self._scheduler.now + self._arrival.again[this_try - 1], self.ask)


def request_of(arrival: Arrival) -> str:
    if arrival.entry == "api":
        return idempotency_key(an_organization().slug, OWN_CALLERS, arrival.event)
    return id_of(EVENTS if arrival.entry == "bus" else WEBHOOKS, arrival.event)


def id_of(source: Source, event_id: str) -> str:
    (organization,) = source.organizations
    return idempotency_key(organization, source.name, event_id)


def name_of(arrival: Arrival) -> dict[str, str]:
    """A request's name in a story, by its id."""
    return {request_of(arrival): f"<{arrival.entry} {arrival.event}>"}


@cache
def body(session: str, without_email: bool) -> bytes:
    return a_body(remote_session_id=session, cancel_without_email=without_email)


@cache
def event(arrival: Arrival) -> str:
    detail: Json = {"remote_session_id": arrival.session, "cancel_without_email": arrival.without_email}
    return json.dumps(a_bus_event(detail, id=arrival.event))


def a_caller_s_delivery(arrival: Arrival) -> Delivery:
    asked = {
        "organization": an_organization().slug,
        "remote_session_id": arrival.session,
        "cancel_without_email": arrival.without_email,
    }
    headers = {"content-type": "application/json", KEY_HEADER: arrival.event}
    return Delivery(OWN_CALLERS, headers, json.dumps(asked).encode())
