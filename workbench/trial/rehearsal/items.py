"""What becomes of each item, and why."""

from collections.abc import Sequence

from cancellations.admission import Received
from cancellations.configuration import Source
from cancellations.domain import Delivery, Json, Request
from cancellations.errors import CancellationsError
from cancellations.intake import Ignored
from cancellations.receive import Rejected, Result
from cancellations.source import bodies, mapping
from cancellations.source.mapping import Item
from trial import foresight
from trial.rehearsal import reading
from trial.rehearsal.report import ItemReport, Part
from trial.rehearsal.rooms import NoLedger


def taken(
    source: Source, delivery: Delivery, claims: Json, results: Sequence[Result]
) -> tuple[ItemReport, ...]:
    """Of a delivery that the receiver has taken in, with its results."""
    body = claims if source.body == "claims" else bodies.read(source.body, delivery)
    return _reports(source, mapping.document(delivery, body, claims), results)


def refused(source: Source, delivery: Delivery, claims: Json, now: float) -> tuple[ItemReport, ...]:
    """Of a delivery that was refused whole, as far as it can be read."""
    try:
        foreseen = foresight.of_delivery(source, delivery, claims, now, NoLedger())
        return taken(source, delivery, claims, tuple(map(_as_result, foreseen)))
    except CancellationsError:
        return ()


def on_the_bus(source: Source, event: dict[str, Json], now: float) -> tuple[ItemReport, ...]:
    """Raises Malformed."""
    foreseen = foresight.of_event(source, event, now, NoLedger())
    return _reports(source, mapping.bus_document(event), tuple(map(_as_result, foreseen)))


def _as_result(one: foresight.Foreseen) -> Result:
    match one:
        case Request():
            return Received(one, "queued", replayed=False)
        case Ignored():
            return one
        case fault:
            return Rejected(fault)


def _reports(source: Source, document: Item, results: Sequence[Result]) -> tuple[ItemReport, ...]:
    listed = mapping.items(source.expressions, document)
    items = [document] if listed is None else listed
    return tuple(_report(source, item, result) for item, result in zip(items, results, strict=True))


def _report(source: Source, item: Item, result: Result) -> ItemReport:
    filters = Part("is it a cancellation", reading.filters(source, item))
    fields = Part("what is asked", reading.fields(source, item))
    parts = (filters, fields) if filters.findings else (fields,)
    match result:
        case Received(request):
            observed = ", observed only: nobody calls Prevail" if source.mode == "observe" else ""
            asked = {name: value for name, value in request.as_json().items() if name != "accepted_at"}
            return ItemReport(
                f"a request to cancel{observed}", good=True, parts=parts, request={"id": request.id, **asked}
            )
        case Ignored(_, name):
            return ItemReport(f"ignored by {name}", good=True, parts=parts)
        case Rejected(error):
            return ItemReport(f"refused: {error}", good=False, parts=parts)
    return ItemReport(f"refused: {result}", good=False, parts=parts)
