"""Standard Webhooks, symmetric signatures (v1): HMAC-SHA256 over `{id}.{timestamp}.{body}`, base64.

Source: the specification at https://github.com/standard-webhooks/standard-webhooks (spec/standard-webhooks.md).
Stricter than its reference libraries: canonical base64 only, compared as bytes; timestamps are ASCII digits;
a malformed header is a refusal like any other; at most ten signatures are looked at.
"""

import base64
import binascii
import hashlib
import hmac
import re

from cancellations.domain import Delivery
from cancellations.errors import Malformed, SignatureRefused

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

SECRET_PREFIX = "whsec_"  # noqa: S105 - the scheme's public marker, not a secret
MIN_KEY_BYTES = 24
"""The specification's minimum, and the size that Svix issues."""

TOLERANCE_S = 300
MAX_SIGNATURES = 10
MAX_HEADER_CHARS = 4096

_TIMESTAMP = re.compile(r"[0-9]{10,12}", re.ASCII)


def key_of(secret: str) -> bytes:
    """The key bytes of a `whsec_…` secret. Raises ValueError with a reason that does not contain the secret."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError(f"must begin with {SECRET_PREFIX}")
    try:
        key = base64.b64decode(secret[len(SECRET_PREFIX) :], validate=True)
    except (binascii.Error, ValueError) as e:
        raise ValueError(f"must be base64 after {SECRET_PREFIX}") from e
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"holds {len(key)} bytes; at least {MIN_KEY_BYTES} are needed")
    return key


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """One `v1,…` signature, as a sender makes it."""
    return "v1," + _mac(key, message_id, str(timestamp), body).decode()


def verify(delivery: Delivery, key: bytes, now: float) -> None:
    """Raises SignatureRefused unless the delivery was signed with this key at this time."""
    message_id = _header(delivery, ID_HEADER)
    timestamp = _header(delivery, TIMESTAMP_HEADER)
    signatures = _header(delivery, SIGNATURE_HEADER).split(" ")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureRefused("timestamp is not epoch seconds")
    expected = _mac(key, message_id, timestamp, delivery.body)
    matches = [
        _same(signature, expected) for signature in signatures[:MAX_SIGNATURES]
    ]  # all, always: equal time
    if not any(matches):
        raise SignatureRefused("no signature matches")
    if abs(now - int(timestamp)) > TOLERANCE_S:
        raise SignatureRefused("timestamp is outside the tolerance")
    if "." in message_id or not message_id.isprintable():
        # The parts of what is signed are joined by dots: an id with one could lend its tail to the body.
        raise Malformed(f"{ID_HEADER} must not contain a dot or a control character")


def _header(delivery: Delivery, name: str) -> str:
    value = delivery.headers.get(name, "")
    if not value:
        raise SignatureRefused(f"{name} is missing")
    if len(value) > MAX_HEADER_CHARS or not value.isascii():
        raise SignatureRefused(f"{name} is too long or not ASCII")
    return value


def _mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    signed = f"{message_id}.{timestamp}.".encode("ascii") + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256))


def _same(signature: str, expected: bytes) -> bool:
    version, _, mac = signature.partition(",")
    return version == "v1" and hmac.compare_digest(mac.encode("ascii"), expected)
