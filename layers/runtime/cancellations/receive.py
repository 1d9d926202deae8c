"""The use case behind the webhook: verify, read, map, take in; answer only then.

Arrivals that nobody can tell apart get answers that nobody can tell apart: an unknown source costs the same work
and raises the same refusal as a forged signature.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from cancellations.admission import Admission, Conflicted, Received
from cancellations.configuration import Source
from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, SignatureRefused, TooLarge, UnsupportedBody
from cancellations.intake import Ignored, Intake
from cancellations.source import bodies, mapping, strict_json
from cancellations.source.mapping import Item
from cancellations.source.verification.signed import Signed
from cancellations.values import dataclass
from cancellations.verify import Verify

MAX_BODY_BYTES = 256 * 1024

HOOK_SECRET = "x-hook-secret"  # noqa: S105 - the name of a header
_ECHO = re.compile(r"[\x21-\x7e]{1,256}", re.ASCII)
_CHALLENGE = re.compile(r"[\x20-\x7e]{1,256}", re.ASCII)
MAX_CHALLENGE_BYTES = 2048
"""More than 256 characters need, even if each is escaped."""

type Form = Literal["one", "several", "soap"]
"""How a sender expects its answer: for its one request, as a list, or as an acknowledgement in SOAP."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One item of several is not what its source announces; its neighbours are taken all the same."""

    error: Malformed


type Result = Received | Ignored | Conflicted | Rejected


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of each item of a delivery. `key`: which of the source's secrets it was signed with."""

    source: str
    results: tuple[Result, ...]
    form: Form
    key: str


@dataclass(frozen=True, slots=True)
class Handshake:
    """A sender tries this address before it uses it, and wants to see in the answer what it sent."""

    source: str
    headers: Mapping[str, str]
    body: Json


type Each = Callable[[Callable[[Item], Result], Iterable[Item]], Iterable[Result]]
"""Applies a function to every item, in order or at once; `map` is one."""


@dataclass(frozen=True, slots=True)
class Receive:
    sources: Mapping[str, Source]
    verify: Verify
    intake: Intake
    admission: Admission
    each: Each

    def __call__(self, delivery: Delivery, now: float) -> Arrival | Handshake:
        """Raises Refusal (the sender must change it), TryAgain or ConfigurationError (it may come again).

        Where one of several items cannot be stored, the whole delivery comes again: the others are known by then.
        """
        if len(delivery.body) > MAX_BODY_BYTES:
            raise TooLarge(f"the body is over {MAX_BODY_BYTES} bytes")
        source = self.sources.get(delivery.source)
        if source and (greeting := _unsigned_greeting(source, delivery)):
            return greeting
        known = self.verify(source, delivery, now)
        if source is None:  # nobody verifies a stranger; should it happen, it ends here
            raise SignatureRefused("unknown source")
        body = known.claims if source.body == "claims" else _body(source, delivery)
        if greeting := _signed_greeting(source, body):
            return greeting
        document = mapping.document(delivery, body, known.claims)
        items = mapping.items(source.expressions, document)
        soap: Form | None = "soap" if source.body == "salesforce-outbound" else None
        if items is None:
            one = self._take(source, document, now)
            return Arrival(source.name, (one,), soap or "one", known.key)

        def take(item: Item) -> Result:
            try:
                return self._take(source, item, now)
            except Malformed as error:
                return Rejected(error)

        return Arrival(source.name, tuple(self.each(take, items)), soap or "several", known.key)

    def _take(self, source: Source, item: Item, now: float) -> Result:
        if fault := bodies.fault_of(item.get("item")):
            raise Malformed(fault)
        request = self.intake(source, item, now)
        if isinstance(request, Ignored):
            return request
        return self.admission(request, now, observed=source.mode == "observe")


def _body(source: Source, delivery: Delivery) -> Json:
    signed = source.proof is not None and isinstance(source.proof.scheme, Signed)
    if signed and source.body == "cloudevents" and bodies.is_binary(delivery):
        # What is asked would stand in headers, which nobody has signed: a body that was seen once could ask anything.
        raise UnsupportedBody(
            "of signed events the body must be a whole event; binary mode leaves it in headers"
        )
    return bodies.read(source.body, delivery)


def _unsigned_greeting(source: Source, delivery: Delivery) -> Handshake | None:
    """Sent back while the source says that one is expected, and believed in nothing: the value is not kept."""
    value = delivery.headers.get(HOOK_SECRET, "")
    if source.greeting == HOOK_SECRET and _ECHO.fullmatch(value):
        return Handshake(source.name, {HOOK_SECRET: value}, None)
    if source.greeting == "unsigned-challenge" and len(delivery.body) <= MAX_CHALLENGE_BYTES:
        return _challenge(source, delivery.body)
    return None


def _challenge(source: Source, body: bytes) -> Handshake | None:
    """monday.com posts `{"challenge": "…"}` and nothing else; any other body is verified like all deliveries."""
    try:
        document = strict_json.loads(body)
    except Malformed:
        return None
    match document:
        case {"challenge": str(value), **others} if not others and _CHALLENGE.fullmatch(value):
            return Handshake(source.name, {}, {"challenge": value})
    return None


def _signed_greeting(source: Source, body: Json) -> Handshake | None:
    match body:
        case {"type": "url_verification", "challenge": str(value)} if source.greeting == "challenge":
            return Handshake(source.name, {}, {"challenge": value})
    return None
