"""Deliveries as each kind of sender signs them, by code of its own: what the product signs it would also believe.

Valid by default; a test changes the one thing it is about. Everything is signed at NOW.
"""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cancellations.domain import Delivery
from cancellations.source.presets import PRESETS
from cancellations.source.verification import Verified
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed

NOW = 1_800_000_000.0
BODY = b'{"id":"evt_1","type":"deposition.canceled"}'
URL = "https://hooks.example.com/v1/webhooks/crm"
KEY = bytes(range(60, 92))
SECRET = "of-both-sides-0123456789-abcdefghij"
STANDARD_SECRET = "whsec_" + base64.b64encode(KEY).decode()

type Scheme = Signed | Bearer | Shared
type Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """What a sender has in hand when it signs."""

    secret: str
    body: bytes
    id: str = "msg_1"
    at: float = NOW
    digest: str = "sha256"

    def hex(self, signed: bytes) -> str:
        return hmac.digest(self.secret.encode(), signed, self.digest).hex()

    def base64(self, signed: bytes) -> str:
        return base64.b64encode(hmac.digest(self.secret.encode(), signed, self.digest)).decode()


@dataclass(frozen=True, slots=True)
class Sender:
    """`signs`: which parts of a delivery nobody can change on the way."""

    preset: str
    headers: Callable[[Message], Headers]
    signs: frozenset[str]
    secret: str = SECRET
    in_body: Callable[[Message], bytes] | None = None

    @property
    def scheme(self) -> Scheme:
        scheme = PRESETS[self.preset].scheme
        return replace(scheme, url=URL) if isinstance(scheme, Signed) and "url" in scheme.template else scheme

    def delivery(
        self,
        body: bytes = BODY,
        *,
        message_id: str = "msg_1",
        at: float = NOW,
        secret: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Delivery:
        """Signed as it stands. `headers` change it after that; None takes a header away."""
        message = Message(secret or self.secret, body, message_id, at)
        changed = {**self.headers(message), **(headers or {})}
        kept = {name: value for name, value in changed.items() if value is not None}
        return Delivery("crm", kept, self.in_body(message) if self.in_body else body)

    def judged(self, delivery: Delivery, *secrets: str, now: float = NOW) -> Verified:
        """The product's verdict, with these secrets or the sender's own."""
        scheme = self.scheme
        return judged(scheme, delivery, *(secrets or (self.secret,)), now=now)


def judged(scheme: Scheme, delivery: Delivery, *secrets: str, now: float = NOW) -> Verified:
    match scheme:
        case Signed():
            return scheme.verify(delivery, tuple(k for s in secrets for k in scheme.keys_of(s)), now)
        case Bearer():
            return scheme.verify(delivery, tuple(k for s in secrets for k in scheme.keys_of(s)), now)
        case Shared():
            return scheme.verify(delivery, tuple(k for s in secrets for k in scheme.keys_of(s)), now)


# ── How each signs ────────────────────────────────────────────────────────────────────────────────


def _standard(prefix: str) -> Callable[[Message], Headers]:
    def headers(m: Message) -> Headers:
        key = base64.b64decode(m.secret.removeprefix("whsec_"))
        mac = hmac.digest(key, b"%s.%d.%s" % (m.id.encode(), m.at, m.body), m.digest)
        return {
            f"{prefix}-id": m.id,
            f"{prefix}-timestamp": str(int(m.at)),
            f"{prefix}-signature": "v1," + base64.b64encode(mac).decode(),
        }

    return headers


def _stamped(name: str) -> Callable[[Message], Headers]:
    return lambda m: {name: f"t={int(m.at)},v1={m.hex(b'%d.%s' % (m.at, m.body))}"}


def _slack(m: Message) -> Headers:
    return {
        "x-slack-request-timestamp": str(int(m.at)),
        "x-slack-signature": "v0=" + m.hex(b"v0:%d:%s" % (m.at, m.body)),
    }


def _hubspot(m: Message) -> Headers:
    at = str(int(m.at * 1000))
    signature = m.base64(b"POST" + URL.encode() + m.body + at.encode())
    return {"x-hubspot-request-timestamp": at, "x-hubspot-signature-v3": signature}


def _zendesk(m: Message) -> Headers:
    at = datetime.fromtimestamp(m.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "x-zendesk-webhook-signature-timestamp": at,
        "x-zendesk-webhook-signature": m.base64(at.encode() + m.body),
    }


def token(
    claims: object, secret: str = SECRET, header: object = None, *, written: bytes | None = None
) -> str:
    """A JWT (HS256). `written`: its header, as these bytes."""
    head = written if written is not None else json.dumps(header or {"alg": "HS256"}).encode()
    said = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = url64(head) + "." + url64(said)
    return signed + "." + url64(hmac.digest(secret.encode(), signed.encode(), "sha256"))


def url64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(at: float = NOW, /, **changes: object) -> dict[str, object]:
    return {"exp": at + 120, "jti": "evt_1", **changes}


BODY_ONLY = frozenset(("body",))
STAMPED = frozenset(("body", "timestamp"))
BASIC_SECRET = "crm:with:colons-0123456789-abcdefghij"

SENDERS: dict[str, Sender] = {
    sender.preset: sender
    for sender in (
        Sender("standard-webhooks", _standard("webhook"), STAMPED | {"id"}, STANDARD_SECRET),
        Sender("svix", _standard("svix"), STAMPED | {"id"}, STANDARD_SECRET),
        Sender("stripe", _stamped("stripe-signature"), STAMPED),
        Sender("calendly", _stamped("calendly-webhook-signature"), STAMPED),
        Sender("github", lambda m: {"x-hub-signature-256": "sha256=" + m.hex(m.body)}, BODY_ONLY),
        Sender("slack", _slack, STAMPED),
        Sender("shopify", lambda m: {"x-shopify-hmac-sha256": m.base64(m.body)}, BODY_ONLY),
        Sender("hubspot", _hubspot, STAMPED | {"url"}),
        Sender("zendesk", _zendesk, STAMPED),
        Sender("cal.com", lambda m: {"x-cal-signature-256": m.hex(m.body)}, BODY_ONLY),
        Sender("clio", lambda m: {"x-hook-signature": m.hex(m.body)}, BODY_ONLY),
        Sender(
            "square",
            lambda m: {"x-square-hmacsha256-signature": m.base64(URL.encode() + m.body)},
            BODY_ONLY | {"url"},
        ),
        Sender("hmac", lambda m: {"x-signature": m.hex(m.body)}, BODY_ONLY),
        Sender(
            "jwt",
            lambda m: {"authorization": "Bearer " + token(claims(m.at), m.secret)},
            frozenset(("token",)),
        ),
        Sender(
            "prevail-postback",
            lambda _: {},
            BODY_ONLY | {"token"},
            in_body=lambda m: token(claims(m.at), m.secret).encode(),
        ),
        Sender("api-key", lambda m: {"x-api-key": m.secret}, frozenset()),
        Sender(
            "basic",
            lambda m: {"authorization": "Basic " + base64.b64encode(m.secret.encode()).decode()},
            frozenset(),
            BASIC_SECRET,
        ),
    )
}
"""One for every preset, by its name."""


def signing(part: str) -> list[str]:
    """Names of the senders that sign this part with a MAC over the delivery itself."""
    return [n for n, s in SENDERS.items() if part in s.signs and isinstance(s.scheme, Signed)]
