"""From one item of a verified delivery, by webhook or bus, to the request it makes, or to the filter that says no."""

from cancellations.configuration import Source
from cancellations.domain import Request
from cancellations.errors import UnknownSession
from cancellations.lookup import Lookup
from cancellations.source import mapping
from cancellations.source.mapping import Item
from cancellations.values import dataclass


@dataclass(frozen=True, slots=True)
class Ignored:
    """The source's filter of this name calls this item no cancellation."""

    source: str
    filter: str


@dataclass(frozen=True, slots=True)
class Intake:
    lookup: Lookup

    def __call__(self, source: Source, item: Item, now: float) -> Request | Ignored:
        """Raises Malformed naming the field that is wrong, or Unavailable where a session had to be looked up."""
        if name := mapping.failed_filter(source.expressions, item):
            return Ignored(source.name, name)
        asked = mapping.asked(source.expressions, item)
        try:
            session = self.lookup(source, asked.session)
        except UnknownSession:
            if source.lookup and source.lookup.missing == "ignore":
                return Ignored(source.name, "lookup")
            raise
        return mapping.request_from(asked, session, source=source.name, now=now)
