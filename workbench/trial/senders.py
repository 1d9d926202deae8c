"""Arrivals as their senders make them: samples of events/, made anew for the configuration that a stack runs with."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from cancellations.configuration import Source, load_directory
from cancellations.domain import Request
from cancellations.errors import Refusal
from cancellations.intake import Ignored
from cancellations.lookup import lookup_key
from stack import Refused, StackInfo
from stack.places import CHECKOUT
from trial import foresight
from trial.foresight import Foreseen, Mapped
from trial.gallery import SAMPLES, Ask, Draft, Event, Fresh, Sample, gateway, published
from trial.gallery.files import CONFIG, EVENTS
from trial.signing import CannotSign, SigningKey, claims_of, signed

__all__ = ["EVENTS", "Asked", "BusEvent", "Outgoing", "Senders", "Webhook", "fresh"]


def fresh(session: str | None = None, *, without_email: bool = False) -> Fresh:
    """Ids that nobody has used before, and the present time."""
    mark = uuid.uuid4().hex
    return Fresh(mark, session or f"ready-{mark[:8]}", int(time.time()), without_email)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An arrival on its way. It can be sent as often as wanted: its ids, time and body stay.

    mapped: what the ledger's table must know beforehand, their ids and our sessions.
    """

    source: str
    foreseen: tuple[Foreseen, ...]
    mapped: Mapping[str, str]

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(one for one in self.foreseen if isinstance(one, Request))

    @property
    def request_id(self) -> str:
        """Of one that makes a single request. Raises ValueError."""
        (request,) = self.requests
        return request.id


@dataclass(frozen=True, slots=True)
class Webhook(Outgoing):
    draft: Draft
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class BusEvent(Outgoing):
    """`event` is the whole envelope."""

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked(Outgoing):
    ask: Ask


class Senders:
    """All who may send to one stack."""

    def __init__(self, info: StackInfo) -> None:
        self._info = info
        self.sources = load_directory(Path(info.config), under_test=True).sources

    def webhook(
        self,
        session: str,
        *,
        without_email: bool = False,
        source: str | None = None,
        key: SigningKey | None = None,
    ) -> Webhook:
        """The story of events/webhook.json. `key`: sign with another than the source's. Raises Refused."""
        made = self.made(SAMPLES["webhook"], fresh(session, without_email=without_email), source, key)
        return cast("Webhook", made)

    def bus_event(self, session: str, *, without_email: bool = False, source: str | None = None) -> BusEvent:
        """The story of events/bus.json. Raises Refused."""
        made = self.made(SAMPLES["bus"], fresh(session, without_email=without_email), source)
        return cast("BusEvent", made)

    def made(
        self, sample: Sample, new: Fresh, source: str | None = None, key: SigningKey | None = None
    ) -> Webhook | BusEvent | Asked:
        """Raises Refused where the stack has no source for it, or the one that is named could not send it."""
        arrival = sample.make(new)
        if isinstance(arrival, Ask):
            return Asked("", foresight.of_ask(arrival, new.at), {}, arrival)
        by = self.source_for(sample, source)
        mapped = sample.mapped(new) if by.lookup and by.lookup.sessions is None else {}
        if isinstance(arrival, Event):
            return self.with_envelope(by, _envelope(by, arrival), mapped)
        try:
            return self._signed(by, arrival, key or self._key_of(by), new.at, mapped)
        except (CannotSign, Refusal, ValueError) as cannot:
            raise Refused(f"{sample.name} cannot be sent by {by.name}: {cannot}") from cannot

    def _signed(
        self, source: Source, draft: Draft, key: SigningKey, at: int, mapped: Mapping[str, str]
    ) -> Webhook:
        """Raises CannotSign, and Refusal where it could be nothing at all."""
        delivery = signed(source, draft, key, at)
        claims = claims_of(source, draft, at)
        foreseen = foresight.of_delivery(source, delivery, claims, at, _table(source, mapped))
        return Webhook(source.name, foreseen, mapped, draft, delivery.headers, delivery.body)

    def with_envelope(self, source: Source, event: dict[str, Any], mapped: Mapping[str, str]) -> BusEvent:
        foreseen = foresight.of_event(source, event, time.time(), _table(source, mapped))
        return BusEvent(source.name, foreseen, mapped, event)

    def source_for(self, sample: Sample, name: str | None = None) -> Source:
        """The one named; else the sample's own; else the first that makes of it what it is. Raises Refused."""
        kind = sample.kind
        fitting = [s for s in self.sources.values() if (s.bus is not None) == (kind is Event)]
        wanted = name or sample.source
        for source in fitting:
            if source.name == wanted:
                return source
        if name is None:
            for source in fitting:
                if self._becomes(source, sample) == sample.becomes:
                    return source
        way = "by the bus" if kind is Event else "by webhook"
        there = ", ".join(source.name for source in fitting) or "none"
        config = CONFIG.relative_to(CHECKOUT)
        raise Refused(
            f"stack {self._info.name!r} has no source {wanted!r} that sends {way} (there is: {there}). A stack "
            f"with a source for every sample: cancelctl local up --config {config}"
        )

    def _becomes(self, source: Source, sample: Sample) -> tuple[str, ...]:
        new = fresh()
        arrival, mapped = sample.make(new), sample.mapped(new)
        if isinstance(arrival, Event):
            return words(self.with_envelope(source, _envelope(source, arrival), mapped).foreseen)
        try:
            sent = self._signed(source, cast("Draft", arrival), self._key_of(source), new.at, mapped)
        except (Refusal, CannotSign):
            return ()
        return words(sent.foreseen)

    def _key_of(self, source: Source) -> SigningKey:
        """The secret that was made up for the stack, or a published private key. Raises CannotSign."""
        key = self._info.source(source.name).secret or published.signing_key(source)
        if key is None:
            raise CannotSign(f"only the sender of {source.name} has its private key")
        return key


def words(foreseen: tuple[Foreseen, ...]) -> tuple[str, ...]:
    """In the words of `Sample.becomes`."""
    told = []
    for one in foreseen:
        match one:
            case Request():
                told.append("canceled")
            case Ignored(_, name):
                told.append(f"ignored by {name}")
            case fault:
                told.append(f"refused: {fault}")
    return tuple(told)


def _envelope(source: Source, event: Event) -> dict[str, Any]:
    if source.bus is None:
        raise CannotSign(f"{source.name} does not send by the bus")
    return gateway.bus_event(source.bus, event)


def _table(source: Source, mapped: Mapping[str, str]) -> Mapped:
    return Mapped({lookup_key(source.name, theirs): session for theirs, session in mapped.items()})
