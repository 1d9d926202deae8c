"""Which session a sender means that knows only its own ids: a file of the configuration tells, or the ledger."""

from cancellations.configuration import Source
from cancellations.errors import UnknownSession
from cancellations.ports import Table
from cancellations.source import values
from cancellations.values import dataclass
from cancellations.versions import READABLE, SCHEMA, WRITES, refuse_newer
from cancellations.writes import Absent, Default, Equals, Put, Write, text

SESSION = ("remote_session_id",)


def lookup_key(source: str, their_id: str) -> str:
    return f"LOOKUP#{source}#{their_id}"


@dataclass(frozen=True, slots=True)
class Lookup:
    table: Table

    def __call__(self, source: Source, named: object) -> object:
        """The session's id; `named` itself where the source knows it. Raises Malformed, UnknownSession, TryAgain."""
        if source.lookup is None:
            return named
        their_id = values.sender_id(named)
        if source.lookup.sessions is not None:
            found = source.lookup.sessions.get(their_id)
        else:
            item = self.table.read(lookup_key(source.name, their_id))
            refuse_newer(item or {})
            found = text(item, "remote_session_id") if item else None
        if found is None:
            raise UnknownSession("the id that the sender gives is not in the source's lookup table")
        return found


def entry(source: str, their_id: str, remote_session_id: str) -> Write:
    """The write that notes which session a sender's id means; lands unless it means another one already."""
    new_or_same = Absent(SESSION) | Equals(SESSION, remote_session_id)
    changes = (Put(SESSION, remote_session_id), Default((SCHEMA,), WRITES))
    return Write(lookup_key(source, their_id), new_or_same & READABLE, changes)
