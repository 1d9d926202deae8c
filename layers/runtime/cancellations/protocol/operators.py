"""Writes of the operator log: who changed what by hand, and why.

    OPERATOR#<time>#<name>   at, who, what, about, why, before, after

Each is written once, before the change it tells of, and never again. It holds no text that somebody asked to erase.
"""

from datetime import UTC, datetime

from cancellations.domain import Json
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.values import dataclass
from cancellations.versions import SCHEMA, WRITES
from cancellations.writes import KEY, Absent, Put, Write

PREFIX = "OPERATOR#"


@dataclass(frozen=True, slots=True)
class Entry:
    """`who`: as AWS knows them, or a user of this machine. `about`: the key of the record that is changed.

    before, after: what the record says of it, as far as anybody may know.
    """

    at: float
    who: str
    what: str
    about: str
    why: str | None = None
    before: dict[str, Json] | None = None
    after: dict[str, Json] | None = None

    def as_json(self) -> dict[str, Json]:
        known: dict[str, Json] = {
            "at": self.at,
            "who": self.who,
            "what": self.what,
            "about": self.about,
            "why": self.why,
            "before": self.before,
            "after": self.after,
        }
        return {name: value for name, value in known.items() if value is not None}


def note(entry: Entry, *, token: str) -> Write:
    """`token`: a new name, so that two who act in one moment each have their entry."""
    moment = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds")
    stored = {SCHEMA: WRITES, **entry.as_json(), "expires_at": int(entry.at) + KEPT_FOR_S}
    key = f"{PREFIX}{moment.replace('+00:00', 'Z')}#{token}"
    return Write(key, Absent((KEY,)), tuple(Put((name,), value) for name, value in stored.items()))
