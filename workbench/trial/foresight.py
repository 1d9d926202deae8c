"""What will come of an arrival: the rooms that the receiver runs, on what is about to be sent."""

from typing import Any, cast

from cancellations.configuration import Source
from cancellations.domain import OWN_CALLERS, Delivery, Json, Request
from cancellations.errors import Malformed
from cancellations.intake import Ignored, Intake
from cancellations.lookup import Lookup
from cancellations.ports import Table
from cancellations.source import bodies, mapping, values
from cancellations.source.mapping import Item
from cancellations.writes import Item as Row
from cancellations.writes import Write
from trial.gallery.sample import Ask

type Foreseen = Request | Ignored | Malformed
"""What one item will be."""


class Mapped:
    """A table of lookups that are known beforehand, by the key of their entry."""

    def __init__(self, sessions: dict[str, str] | None = None) -> None:
        self._sessions = sessions or {}

    def read(self, key: str) -> Row | None:
        session = self._sessions.get(key)
        return {"remote_session_id": session} if session else None

    def write(self, write: Write) -> Row:
        raise NotImplementedError(f"nothing is written here: {write.key}")

    def due(self, shard: str, before: float, limit: int) -> list[Row]:
        raise NotImplementedError(f"nothing is due here: {shard}, {before}, {limit}")


def of_delivery(
    source: Source, delivery: Delivery, claims: Json, now: float, table: Table
) -> tuple[Foreseen, ...]:
    """Of a delivery that will be verified. Raises Refusal where it can be nothing at all."""
    body = claims if source.body == "claims" else bodies.read(source.body, delivery)
    return _of(source, mapping.document(delivery, body, claims), now, table)


def of_event(source: Source, event: dict[str, Any], now: float, table: Table) -> tuple[Foreseen, ...]:
    """Of a bus event, as the rule puts it on the queue."""
    return _of(source, mapping.bus_document(event), now, table)


def of_ask(ask: Ask, now: float) -> tuple[Foreseen, ...]:
    fields = cast("dict[str, Any]", ask.fields)
    request = Request(
        organization=str(fields["organization"]),
        source=OWN_CALLERS,
        event_id=ask.key,
        remote_session_id=values.session_id(fields["remote_session_id"]),
        cancel_without_email=values.flag(fields.get("cancel_without_email")),
        accepted_at=now,
    )
    return (request,)


def _of(source: Source, document: Item, now: float, table: Table) -> tuple[Foreseen, ...]:
    intake = Intake(Lookup(table))
    items = mapping.items(source.expressions, document)

    def one(item: Item) -> Foreseen:
        try:
            return intake(source, item, now)
        except Malformed as fault:
            return fault

    return tuple(map(one, [document] if items is None else items))
