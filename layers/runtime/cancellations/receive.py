"""The use case behind the webhook: verify, map, store, queue; answer only then.

Arrivals that nobody can tell apart get answers that nobody can tell apart: an unknown source costs the same work
and raises the same refusal as a forged signature.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from cancellations.configuration import Source
from cancellations.domain import Delivery, Json, Request, Status
from cancellations.errors import (
    ConfigurationError,
    Malformed,
    SignatureRefused,
    TooLarge,
    TryAgain,
    UnsupportedBody,
)
from cancellations.ledger import Ledger
from cancellations.ports import Queue, SigningSecrets
from cancellations.source import mapping, standard_webhooks, strict_json
from cancellations.verdicts import Accepted, Conflict

MAX_BODY_BYTES = 256 * 1024
QUEUE_AGAIN_AFTER_S = 10
"""A request that is still queued this long after its last message may have lost it."""


@dataclass(frozen=True, slots=True)
class Received:
    """The request is stored and its message is, or was, on the queue."""

    request: Request
    status: Status
    replayed: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """The source's filter calls this delivery no cancellation."""

    source: str


@dataclass(frozen=True, slots=True)
class Conflicted:
    """Something else was asked under this event id before."""

    request: Request


@dataclass(frozen=True, slots=True)
class Receive:
    sources: Mapping[str, Source]
    secrets: SigningSecrets
    ledger: Ledger
    queue: Queue
    nobodys_key: bytes
    """A random key: what an unknown source is verified with, so that it is refused by the same work."""

    def __call__(self, delivery: Delivery, now: float) -> Received | Ignored | Conflicted:
        """Raises Refusal (the sender must change it), TryAgain or ConfigurationError (it may come again)."""
        if len(delivery.body) > MAX_BODY_BYTES:
            raise TooLarge(f"the body is over {MAX_BODY_BYTES} bytes")
        source = self._verified(delivery, now)
        document = _document(delivery)
        if not mapping.is_cancellation(source.expressions, document):
            return Ignored(source.name)
        request = mapping.request_from(
            source.expressions, document, organization=source.organization, source=source.name, now=now
        )
        return self._accept(request, now)

    def _verified(self, delivery: Delivery, now: float) -> Source:
        source = self.sources.get(delivery.source)
        if source is None or source.secret is None:
            standard_webhooks.verify(delivery, self.nobodys_key, now)
            raise SignatureRefused("unknown source")
        try:
            key = standard_webhooks.key_of(self.secrets.signing_secret(source.secret))
        except ValueError as e:
            raise ConfigurationError([f"secret of source {source.name}: {e}"]) from e
        standard_webhooks.verify(delivery, key, now)
        return source

    def _accept(self, request: Request, now: float) -> Received | Conflicted:
        verdict = self.ledger.accept(request, now)
        if isinstance(verdict, Conflict):
            return Conflicted(request)
        if isinstance(verdict, Accepted):
            self._send(request, since=now)
            return Received(request, "queued", replayed=False)
        first = replace(request, accepted_at=verdict.accepted_at)
        waits = verdict.status == "queued" and now - verdict.queued_at > QUEUE_AGAIN_AFTER_S
        if waits and self.ledger.queue_again(first, verdict.queued_at, now):
            self._send(first, since=now)
        return Received(first, verdict.status, replayed=True)

    def _send(self, request: Request, since: float) -> None:
        try:
            self.queue.send(request)
        except TryAgain:
            with suppress(TryAgain):  # else the sweep finds it
                self.ledger.not_queued(request, since)
            raise


def _document(delivery: Delivery) -> Json:
    if delivery.headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedBody("the body is compressed; send it as it is")
    media_type, *parameters = (part.strip().lower() for part in _content_type(delivery).split(";"))
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedBody("the body must be application/json")
    charsets = [value for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    if any(charset.strip('"') != "utf-8" for charset in charsets):
        raise UnsupportedBody("the body must be UTF-8")
    body = strict_json.loads(delivery.body)
    if not isinstance(body, dict):
        raise Malformed("the body is not a JSON object")
    return {"headers": dict(delivery.headers), "body": body}


def _content_type(delivery: Delivery) -> str:
    return delivery.headers.get("content-type", "application/json")
