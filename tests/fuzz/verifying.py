"""Verification under fuzzing: every scheme, on deliveries with arbitrary headers, rightly signed or not signed at all.

An input is a scheme, whether it is signed, and parts: the values of headers, the body. Nothing but a refusal may come
out, unless code of its own finds the right signature and a time within the tolerance in what came in.
"""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from cancellations.domain import Delivery
from cancellations.errors import Malformed, SignatureRefused
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.headers import Field
from cancellations.source.verification.keys import HmacKey
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from cancellations.source.verification.template import Name, read
from fuzz import parts_of
from signing import NOW, SENDERS, STANDARD_SECRET, Scheme, judged, url64

PARTS = 4

type Parts = list[bytes]


class Subject(Protocol):
    @property
    def scheme(self) -> Scheme: ...
    @property
    def secret(self) -> str: ...
    def delivery(self, parts: Parts, *, signed: bool) -> Delivery: ...
    def deserves(self, delivery: Delivery) -> bool:
        """Whether this delivery may verify."""


@dataclass(frozen=True, slots=True)
class OfSignature:
    """Parts: id, timestamp, the whole header of the signature (or nothing), body."""

    scheme: Signed
    secret: str
    sign: Callable[[bytes], str]

    def delivery(self, parts: Parts, *, signed: bool) -> Delivery:
        message_id, at, signature, body = parts
        headers = {self.scheme.signature.header: _text(signature)}
        if signed:
            prefix, comma = self.scheme.signature.prefixes[0], self.scheme.signature.separator or ""
            right = prefix + self.sign(self._signed(message_id, at, body))
            headers[self.scheme.signature.header] = f"{_text(signature)}{comma if signature else ''}{right}"
        if self.scheme.id:
            headers[self.scheme.id.header] = _text(message_id)
        if self.scheme.timestamp:
            same = self.scheme.timestamp.header == self.scheme.signature.header
            beside = f",{headers[self.scheme.signature.header]}" if same else ""
            headers[self.scheme.timestamp.header] = self.scheme.timestamp.prefixes[0] + _text(at) + beside
        return Delivery("crm", headers, body)

    def deserves(self, delivery: Delivery) -> bool:
        header = delivery.headers[self.scheme.signature.header]
        message_id = delivery.headers[self.scheme.id.header] if self.scheme.id else ""
        at = delivery.headers[self.scheme.timestamp.header] if self.scheme.timestamp else ""
        if self.scheme.timestamp and self.scheme.timestamp.prefixes[0]:
            at = at.removeprefix(self.scheme.timestamp.prefixes[0]).partition(",")[0]
        signed = self._signed(message_id.encode(), at.encode(), delivery.body)
        timely = not at or abs(_seconds(at) - NOW) <= self.scheme.tolerance_s
        return timely and self.sign(signed) in header

    def _signed(self, message_id: bytes, at: bytes, body: bytes) -> bytes:
        values: dict[Name, bytes] = {
            "id": message_id,
            "timestamp": at,
            "body": body,
            "method": b"POST",
            "url": self.scheme.url.encode(),
        }
        return self.scheme.template.filled(values)


@dataclass(frozen=True, slots=True)
class OfToken:
    """Parts: the token's header and claims; unsigned, the whole token."""

    scheme: Bearer
    secret: str
    sign: Callable[[bytes], bytes]
    issued: set[str]

    def delivery(self, parts: Parts, *, signed: bool) -> Delivery:
        token = _text(parts[0])
        if signed:
            content = f"{url64(parts[0])}.{url64(parts[1])}"
            token = f"{content}.{url64(self.sign(content.encode()))}"
            self.issued.clear()
            self.issued.add(token)
        if self.scheme.field is None:
            return Delivery("crm", {}, token.encode("utf-8", "surrogateescape"))
        return Delivery("crm", {self.scheme.field.header: self.scheme.field.written(token)}, parts[3])

    def deserves(self, delivery: Delivery) -> bool:
        token = delivery.body.decode() if self.scheme.field is None else delivery.headers["authorization"][7:]
        content, _, signature = token.rpartition(".")
        claims = json.loads(base64.urlsafe_b64decode(content.partition(".")[2] + "=="))
        right = token in self.issued or url64(self.sign(content.encode())) == signature
        return right and claims["exp"] > NOW - 61


@dataclass(frozen=True, slots=True)
class OfSecret:
    """Parts: the header."""

    scheme: Shared
    secret: str

    def delivery(self, parts: Parts, *, signed: bool) -> Delivery:
        said = self.secret if not self.scheme.basic else base64.b64encode(self.secret.encode()).decode()
        value = self.scheme.field.written((said if signed else "") + _text(parts[0]))
        return Delivery("crm", {self.scheme.field.header: value}, parts[3])

    def deserves(self, delivery: Delivery) -> bool:
        value = delivery.headers[self.scheme.field.header].removeprefix(self.scheme.field.written(""))
        return (base64.b64decode(value) if self.scheme.basic else value.encode()) == self.secret.encode()


def _subject(scheme: Scheme, secret: str) -> Subject:
    match scheme:
        case Signed():
            [key] = scheme.keys_of(secret)
            assert isinstance(key, HmacKey)
            return OfSignature(scheme, secret, lambda signed: key.mac(signed, scheme.encoding))
        case Bearer():
            [shared] = scheme.keys_of(secret)
            mac = HmacKey(*shared.keys_for(None)).mac
            return OfToken(scheme, secret, lambda signed: bytes.fromhex(mac(signed, "hex")), set())
        case Shared():
            return OfSecret(scheme, secret)


_PRIVATE = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_PUBLIC = _PRIVATE.public_key().public_bytes_raw()
_P256 = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
_POINT = _P256.public_key().public_numbers()


def _key_set(**jwk: str) -> str:
    return json.dumps({"keys": [{**jwk, "kid": "one"}]})


def _es256(signed: bytes) -> bytes:
    r, s = decode_dss_signature(_P256.sign(signed, ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


_OTHER = Signed(
    read("{id}:{timestamp}/{body}"),
    Field("x-signature", ("v1=",), ";"),
    key="standard",
    digest="sha512",
    least=24,
    id=Field("x-id"),
    timestamp=Field("x-at"),
)
_STANDARD = SENDERS["standard-webhooks"].scheme
assert isinstance(_STANDARD, Signed)

SUBJECTS: tuple[Subject, ...] = (
    *(_subject(sender.scheme, sender.secret) for sender in SENDERS.values()),
    _subject(_OTHER, STANDARD_SECRET),
    _subject(replace(_OTHER, template=read("{timestamp}{body}.{id}"), encoding="base64"), STANDARD_SECRET),
    OfSignature(
        _STANDARD,
        "whpk_" + base64.b64encode(_PUBLIC).decode(),
        lambda signed: "v1a," + base64.b64encode(_PRIVATE.sign(signed)).decode(),
    ),
    OfToken(Bearer("EdDSA"), _key_set(kty="OKP", crv="Ed25519", x=url64(_PUBLIC)), _PRIVATE.sign, set()),
    OfToken(
        Bearer("ES256", issuer="crm", audience="us"),
        _key_set(kty="EC", crv="P-256", x=url64(_POINT.x.to_bytes(32)), y=url64(_POINT.y.to_bytes(32))),
        _es256,
        set(),
    ),
)


def verifier(data: bytes) -> None:
    if len(data) < len(("subject", "signed")):
        return
    subject = SUBJECTS[data[0] % len(SUBJECTS)]
    delivery = subject.delivery(parts_of(data[2:], PARTS), signed=bool(data[1] % 2))
    try:
        judged(subject.scheme, delivery, subject.secret)
    except (SignatureRefused, Malformed):
        return
    assert subject.deserves(delivery), "a delivery verified that does not deserve it"


def secrets(data: bytes) -> None:
    """Whatever is stored as a secret or a set of keys is usable or a fault, and verifies no forgery."""
    if not data:
        return
    at = data[0] % len(SUBJECTS)
    stored = _text(data[1:])
    with suppress(SignatureRefused, ValueError):
        judged(SUBJECTS[at].scheme, _FORGERIES[at], stored)
        raise AssertionError("a forgery verified")


def _forgery(subject: Subject) -> Delivery:
    match subject:
        case OfSignature():
            right = subject.delivery([b"msg_1", str(int(NOW)).encode(), b"", b"{}"], signed=True)
            return replace(right, body=b"[]")
        case OfToken(Bearer(algorithm)):
            header = json.dumps({"alg": algorithm}).encode()
            token = f"{url64(header)}.{url64(b'{"exp":1800000060}')}.{url64(bytes(64))}"
            return subject.delivery([token.encode(), b"", b"", b""], signed=False)
    return subject.delivery(
        [b"bm9ib2R5OmtlZXBzIHRoaXMgYXMgYSBzZWNyZXQgYW55d2hlcmU=", b"", b"", b""], signed=False
    )


def _text(part: bytes) -> str:
    """As any server or store could hand it on: what is no UTF-8 becomes unpaired surrogates."""
    return part.decode("utf-8", "surrogateescape")


def _seconds(at: str) -> float:
    if "-" in at:
        return datetime.fromisoformat(at).timestamp()
    return int(at) / (1000 if len(at) > len("1800000000") else 1)


_FORGERIES = [_forgery(subject) for subject in SUBJECTS]
