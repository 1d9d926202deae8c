"""What a sample is: an arrival that can be made anew at any time, and what becomes of it."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from cancellations.source.verification import clocks


@dataclass(frozen=True, slots=True)
class Fresh:
    """What differs from one sending to the next. All ids are derived from `mark`; `at` is epoch seconds."""

    mark: str
    session: str
    at: int
    without_email: bool = False

    @property
    def second_session(self) -> str:
        """For arrivals with two requests."""
        return f"{self.session}-2"

    @property
    def iso(self) -> str:
        return clocks.written(self.at, "iso")

    @property
    def milliseconds(self) -> int:
        return self.at * 1000

    def later(self, days: int) -> str:
        """When the deposition would have begun, in UTC."""
        return datetime.fromtimestamp(self.at + days * 86_400, UTC).isoformat()

    def hex(self, what: str, digits: int = 16) -> str:
        """An id of something, of hexadecimal digits."""
        return hashlib.sha256(f"{self.mark} {what}".encode()).hexdigest()[:digits]

    def number(self, what: str, digits: int = 9) -> int:
        least: int = 10 ** (digits - 1)
        return least + int(self.hex(what), 16) % (9 * least)

    def uuid(self, what: str) -> str:
        return str(uuid.UUID(hex=self.hex(what, 32), version=4))


@dataclass(frozen=True, slots=True)
class Draft:
    """A webhook before it is signed. `headers` are those that no scheme makes; `claims` are for a token."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""
    claims: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """What a producer puts on the bus; source and detail-type are those of the configured source."""

    detail: Mapping[str, object]
    id: str
    at: int


@dataclass(frozen=True, slots=True)
class Ask:
    """What a caller inside AWS sends to POST /v1/requests."""

    key: str
    fields: Mapping[str, object]


type Arrival = Draft | Event | Ask

CANCELED = "canceled"


def ignored_by(name: str) -> str:
    return f"ignored by {name}"


@dataclass(frozen=True, slots=True)
class Sample:
    """An arrival of a source of events/config. `becomes`: canceled, or ignored, for each of its items.

    listed: the sender's own ids in it and the sessions that they mean, where a file of the configuration says so.
    mapped: the same where the ledger's table does, which must be told before it is sent.
    mark, session, quiet: those of the file in events/; quiet is "no e-mails".
    """

    name: str
    what: str
    make: Callable[[Fresh], Arrival]
    becomes: tuple[str, ...] = (CANCELED,)
    sent_by: str | None = None
    listed: Mapping[str, str] = field(default_factory=dict)
    mapped: Callable[[Fresh], Mapping[str, str]] = lambda _: {}
    mark: str | None = None
    session: str | None = None
    quiet: bool = False

    @property
    def source(self) -> str:
        return self.sent_by or self.name

    @property
    def kind(self) -> type:
        """Draft, Event or Ask."""
        return type(self.make(Fresh("-", "-", 0)))

    @property
    def says_email(self) -> bool:
        """Whether it says anything of e-mails."""
        loud, quiet = (self.make(Fresh("-", "-", 0, without_email=silent)) for silent in (False, True))
        return loud != quiet

    def published(self, at: int) -> Fresh:
        return Fresh(self.mark or self.name, self.session or f"session-of-{self.name}", at, self.quiet)


def in_json(
    document: object,
    headers: Mapping[str, str] = {},
    *,
    message_id: str = "",
    claims: Mapping[str, object] = {},
    media_type: str = "application/json",
) -> Draft:
    """A draft with a body of JSON, as compact as senders write it."""
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return Draft(body, {"content-type": media_type, **headers}, message_id, claims)


def in_form(fields: Mapping[str, str], headers: Mapping[str, str] = {}) -> Draft:
    return Draft(urlencode(fields).encode(), {"content-type": "application/x-www-form-urlencoded", **headers})
