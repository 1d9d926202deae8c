"""What may have been signed: a template, filled with what the delivery has, by the number of its changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cancellations.domain import Delivery
from cancellations.receive import MAX_BODY_BYTES
from cancellations.source.verification.headers import Field
from cancellations.source.verification.signed import METHOD, Signed
from cancellations.source.verification.template import Name, Template, read
from trial.rehearsal.causes import Cause, Table
from trial.rehearsal.headers import only
from trial.rehearsal.signatures import addresses, places
from trial.rehearsal.signatures.addresses import AddressMeant, Seen
from trial.rehearsal.signatures.bodies import Bodies, BodyMeant
from trial.rehearsal.signatures.places import Text

TEMPLATES = (
    "{body}",
    "{timestamp}.{body}",
    "{timestamp}{body}",
    "{body}{timestamp}",
    "{body}.{timestamp}",
    "{timestamp}:{body}",
    "{timestamp}\n{body}",
    "{body}\n{timestamp}",
    "{timestamp},{body}",
    "{timestamp}|{body}",
    "{timestamp} {body}",
    "{timestamp}-{body}",
    "v0:{timestamp}:{body}",
    "v1:{timestamp}:{body}",
    "v1.{timestamp}.{body}",
    "{id}.{timestamp}.{body}",
    "{timestamp}.{id}.{body}",
    "{id}\n{timestamp}\n{body}",
    "{id}:{timestamp}:{body}",
    "{id}.{body}",
    "{id}:{body}",
    "{url}{body}",
    "{url}\n{body}",
    "{method}{url}{body}",
    "{method}{url}{body}{timestamp}",
    "{timestamp}{url}{body}",
    "{url}{timestamp}{body}",
    "{timestamp}{method}{url}{body}",
)
MOST_CHANGES = 2
MOST_BYTES = 2 * MAX_BODY_BYTES
"""Of a body whose other forms are tried: room for base64 around one, and for white space in it."""

type Candidate = tuple[str, tuple[Cause, ...]]
"""A value from the headers, with what must be configured to find it there."""

WHERE: Mapping[str, str] = {"timestamp": "timestamp_header", "id": "id_header"}


@dataclass(frozen=True, slots=True)
class Message:
    template: Template
    values: Mapping[Name, bytes]
    causes: tuple[Cause, ...] = ()

    def signed(self) -> bytes:
        return self.template.filled(dict(self.values))

    def but(self, name: Name, value: bytes, causes: tuple[Cause, ...]) -> "Message":
        return Message(self.template, {**self.values, name: value}, (*self.causes, *causes))


def written(template: Template) -> str:
    return "".join(part.decode() if isinstance(part, bytes) else f"{{{part}}}" for part in template.parts)


@dataclass
class Messages:
    """All that is worth trying for one delivery. Made as it is asked for: other bodies of a large one cost time."""

    scheme: Signed
    delivery: Delivery
    table: Table
    seen: Seen = field(default_factory=Seen)

    def changed(self, changes: int) -> Iterator[Message]:
        match changes:
            case 0:
                yield self.base
            case 1:
                yield from self._frames
                yield from self._at_addresses(self.base, 1)
                yield from self._with_bodies(self.base)
            case 2:
                yield from self._at_addresses(self.base, 2)
                for frame in self._frames:
                    yield from self._at_addresses(frame, 1)
                    yield from self._with_bodies(frame)
                for message in self._at_addresses(self.base, 1):
                    yield from self._with_bodies(message)

    @cached_property
    def base(self) -> Message:
        return Message(self.scheme.template, self._values(self._own("id"), self._own("timestamp")))

    @cached_property
    def bodies(self) -> Iterable[BodyMeant]:
        return Bodies(self.delivery.body) if len(self.delivery.body) <= MOST_BYTES else ()

    @cached_property
    def _addresses(self) -> list[AddressMeant]:
        return addresses.others(self.scheme.url, self.delivery.headers, self.seen) if self.scheme.url else []

    @cached_property
    def _times(self) -> list[Candidate]:
        return self._candidates("timestamp", places.times)

    @cached_property
    def _ids(self) -> list[Candidate]:
        return self._candidates("id", places.ids)

    @cached_property
    def _frames(self) -> list[Message]:
        """Other templates, and the configured one with its timestamp and id from other headers."""
        made = [frame for template in self._templates() for frame in self._filled(template)]
        return [frame for frame in made if frame.causes or frame.values != self.base.values]

    def _templates(self) -> Iterator[Template]:
        yield self.scheme.template
        for text in TEMPLATES:
            template = read(text)
            if template != self.scheme.template and ("url" not in template or self.scheme.url):
                yield template

    def _filled(self, template: Template) -> Iterator[Message]:
        about: tuple[Cause, ...] = ()
        if template != self.scheme.template:
            said = f"What is signed is {written(template)!r}, not {written(self.scheme.template)!r}."
            about = (Cause("signed", said, self.table.set("signed", written(template))),)
        times = self._times if "timestamp" in template else [("", ())]
        ids = self._ids if "id" in template else [("", ())]
        for time, of_time in times:
            for message_id, of_id in ids:
                yield Message(template, self._values(message_id, time), (*about, *of_time, *of_id))

    def _candidates(
        self, what: Name, look: Callable[[Mapping[str, str], str], list[Text]]
    ) -> list[Candidate]:
        """The configured one needs no cause, nor does one that is split off in another way: the search says so."""
        field, own = self._field(what), self._own(what)
        found: dict[str, tuple[Cause, ...]] = {own: ()} if own else {}
        for text in look(self.delivery.headers, field.header if field else ""):
            split = field and text.header == field.header and text.lead in field.prefixes
            found.setdefault(text.value, () if split else (self._elsewhere(what, text, field),))
        return list(found.items())

    def _elsewhere(self, what: Name, text: Text, configured: Field | None) -> Cause:
        before = f" after {text.lead!r}" if text.lead else ""
        instead = f", not in {configured.header}" if configured and configured.header != text.header else ""
        said = f"The {what} is in the header {text.header}{before}{instead}."
        return Cause(f"{what}-header", said, self.table.set(WHERE[what], text.header))

    def _field(self, what: Name) -> Field | None:
        return self.scheme.timestamp if what == "timestamp" else self.scheme.id

    def _own(self, what: Name) -> str:
        return only(self._field(what), self.delivery.headers)

    def _values(self, message_id: str, timestamp: str) -> dict[Name, bytes]:
        return {
            "id": message_id.encode(),
            "timestamp": timestamp.encode(),
            "method": METHOD,
            "url": self.scheme.url.encode(),
            "body": self.delivery.body,
        }

    def _at_addresses(self, message: Message, changes: int) -> Iterator[Message]:
        if "url" in message.template:
            for other in self._addresses:
                if other.changes == changes:
                    yield message.but("url", other.url.encode(), other.causes)

    def _with_bodies(self, message: Message) -> Iterator[Message]:
        for other in self.bodies:
            yield message.but("body", other.body, other.causes)
