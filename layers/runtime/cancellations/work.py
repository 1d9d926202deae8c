"""The use case behind one message: a request that was accepted at the door, or a bus event that is accepted here."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cancellations.cancel import Cancel, Remaining
from cancellations.configuration import Source
from cancellations.domain import Json, Outcome, Request
from cancellations.errors import Malformed, NotOurs
from cancellations.ledger import Ledger
from cancellations.messages import request_in
from cancellations.ports import Clock, Queue
from cancellations.settlement import Postponed
from cancellations.source import mapping, strict_json
from cancellations.verdicts import Conflict, Duplicate
from cancellations.writes import number


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of a message. `request` None and `result` "ignored": a filter calls it no cancellation."""

    request: Request | None
    result: Outcome | Postponed | str


@dataclass(frozen=True, slots=True)
class Work:
    sources: Iterable[Source]
    account: str
    """The AWS account we run in; bus events of others are refused unless a source names their account."""
    ledger: Ledger
    queue: Queue
    cancel: Cancel
    clock: Clock

    def __call__(self, body: str, remaining: Remaining) -> Worked:
        """Raises Malformed or NotOurs (the message can never succeed), TryAgain (it must come again)."""
        message = strict_json.loads(body.encode("utf-8", "surrogatepass"))
        if not isinstance(message, dict):
            raise Malformed("the message is not an object")
        if "detail-type" not in message:
            request = request_in(message)
            if wait := self._early(message):
                self.queue.send(request, wait)
                return Worked(request, Postponed("retrying", "told to wait", wait))
            return Worked(request, self.cancel(request, remaining))
        return self._bus_event(message, remaining)

    def _bus_event(self, event: dict[str, Json], remaining: Remaining) -> Worked:
        source = self._source_of(event)
        document: Json = {"headers": {}, "body": event}
        if not mapping.is_cancellation(source.expressions, document):
            return Worked(None, "ignored")
        request = mapping.request_from(
            source.expressions,
            document,
            organization=source.organization,
            source=source.name,
            now=self.clock(),
        )
        match self.ledger.accept(request, request.accepted_at):
            case Conflict():
                return Worked(request, "conflict")
            case Duplicate(accepted_at=first):  # stored is not done: it goes on to the claim
                request = replace(request, accepted_at=first)
        return Worked(request, self.cancel(request, remaining))

    def _early(self, message: dict[str, Json]) -> int:
        """Seconds that a wait longer than the queue's has still to run."""
        not_before = number(message, "not_before") or 0.0
        return max(0, math.ceil(not_before - self.clock()))

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
