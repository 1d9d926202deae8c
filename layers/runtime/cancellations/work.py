"""The use case behind one message: a request that was accepted at the door, or a bus event that is accepted here."""

import math
import re
from collections.abc import Iterable
from dataclasses import replace

from cancellations.admission import OBSERVED, Admission, Conflicted
from cancellations.cancel import MAX_AGE_S, Cancel, Remaining
from cancellations.configuration import Source
from cancellations.domain import Json, Outcome, Request
from cancellations.errors import Malformed, NotOurs
from cancellations.intake import Ignored, Intake
from cancellations.messages import not_before_in, progress_in, request_in
from cancellations.ports import Clock
from cancellations.receive import Rejected, Result
from cancellations.settlement import Postponed
from cancellations.source import mapping, strict_json
from cancellations.source.mapping import Item
from cancellations.values import dataclass
from cancellations.verdicts import Accepted, Conflict, Duplicate
from cancellations.waits import Waits

_EVENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
"""EventBridge gives every event a UUID; nothing else is logged as one."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of a message.

    `result` is a tuple where it was an event of several items, each of which goes its own way from here.
    delivery: the id that the bus gave to an event. accepted: it brought a request that is new.
    """

    request: Request | None
    result: Outcome | Postponed | Ignored | Conflicted | tuple[Result, ...]
    delivery: str | None = None
    accepted: bool = False

    @property
    def for_a_person(self) -> bool:
        """Whether a part of it can never succeed: the whole message must end as a dead letter, to be seen."""
        return isinstance(self.result, tuple) and any(isinstance(one, Rejected) for one in self.result)


@dataclass(frozen=True, slots=True)
class Work:
    sources: Iterable[Source]
    account: str
    """The AWS account we run in; bus events of others are refused unless a source names their account."""
    intake: Intake
    admission: Admission
    cancel: Cancel
    clock: Clock

    def __call__(self, body: str, remaining: Remaining) -> Worked:
        """Raises Malformed or NotOurs (the message can never succeed), TryAgain (it must come again)."""
        message = strict_json.loads(body.encode("utf-8", "surrogatepass"))
        if not isinstance(message, dict):
            raise Malformed("the message is not an object")
        if "detail-type" not in message:
            request, progress = request_in(message), progress_in(message)
            if wait := self._early(request, not_before_in(message)):
                self.admission.queue.send(request, wait, progress)
                return Worked(request, Postponed("retrying", Waits("told_to_wait"), wait))
            return Worked(request, self.cancel(request, remaining, progress))
        worked = self._bus_event(message, remaining)
        match message.get("id"):
            case str(delivery) if _EVENT_ID.fullmatch(delivery):
                return replace(worked, delivery=delivery)
        return worked

    def _bus_event(self, event: dict[str, Json], remaining: Remaining) -> Worked:
        source, now = self._source_of(event), self.clock()
        document = mapping.bus_document(event)
        items = mapping.items(source.expressions, document)
        if items is not None:
            return self._several(source, items, now)
        request = self.intake(source, document, now)
        if isinstance(request, Ignored):
            return Worked(None, request)
        if source.mode == "observe":
            taken = self.admission(request, now, observed=True)
            return Worked(
                request, taken if isinstance(taken, Conflicted) else _observed(again=taken.replayed)
            )
        accepted = False
        match self.admission.ledger.accept(request, now):
            case Accepted():
                accepted = True
            case Conflict():
                return Worked(request, Conflicted(request))
            case Duplicate(status="observed"):  # nobody is called for it, whatever the mode is by now
                return Worked(request, _observed(again=True))
            case Duplicate(accepted_at=first):  # stored is not done: it goes on to the claim
                request = replace(request, accepted_at=first)
        return Worked(request, self.cancel(request, remaining), accepted=accepted)

    def _several(self, source: Source, items: list[Item], now: float) -> Worked:
        """Each item is taken in by itself and gets a message of its own; a bad one does not stop its neighbours."""
        return Worked(None, tuple(self._item(source, place, item, now) for place, item in enumerate(items)))

    def _item(self, source: Source, place: int, item: Item, now: float) -> Result:
        try:
            request = self.intake(source, item, now)
        except Malformed as fault:
            return Rejected(Malformed(f"item {place}: {fault}"))
        if isinstance(request, Ignored):
            return request
        return self.admission(request, now, observed=source.mode == "observe")

    def _early(self, request: Request, not_before: float) -> int:
        """Seconds that a wait longer than the queue's has still to run; no request waits beyond its own age.

        Raises Malformed.
        """
        now = self.clock()
        if request.accepted_at > now + MAX_AGE_S:
            raise Malformed("accepted_at of the request is in the future")
        return max(0, math.ceil(min(not_before, request.accepted_at + MAX_AGE_S) - now))

    def _source_of(self, event: dict[str, Json]) -> Source:
        for source in self.sources:
            bus = source.bus
            if (
                bus
                and event.get("source") == bus.source
                and event.get("detail-type") == bus.detail_type
                and event.get("account") == (bus.account or self.account)
            ):
                return source
        raise NotOurs(
            "no source of the configuration announces events of this account, source and detail-type"
        )


def _observed(*, again: bool) -> Outcome:
    return replace(OBSERVED, again=again)
