"""Secrets that travel with the delivery: all that many tools can send. Compared as hashes, of one length each.

Nothing here protects the body or keeps a delivery from being sent again by whoever has seen it: TLS does the one, the
event's id the other.
"""

import base64
import binascii
import hashlib
import hmac
import re

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.source.verification import Verified
from cancellations.source.verification.headers import Field
from cancellations.values import dataclass

MIN_SECRET_CHARS = 32
HASH_PREFIX = "sha256:"

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)

BASIC = Field("authorization", scheme="basic")


@dataclass(frozen=True, slots=True)
class Shared:
    """`basic`: the header holds base64 of `user:password`, and so does the secret hold `user:password`."""

    field: Field
    basic: bool = False

    def keys_of(self, stored: str) -> tuple[bytes, ...]:
        """The hash of the secret; a secret may be stored as its own hash, `sha256:` and 64 hexadecimal digits."""
        if stored.startswith(HASH_PREFIX):
            digits = stored.removeprefix(HASH_PREFIX)
            if not _HASH.fullmatch(digits):
                raise ValueError(f"must have 64 lower-case hexadecimal digits after {HASH_PREFIX}")
            if bytes.fromhex(digits) == hashlib.sha256().digest():
                raise ValueError("is the hash of nothing; store that of the secret")
            return (bytes.fromhex(digits),)
        if len(stored) < MIN_SECRET_CHARS:
            raise ValueError(f"has {len(stored)} characters; at least {MIN_SECRET_CHARS} are needed")
        if not stored.isascii() or not stored.isprintable():
            raise ValueError("has characters that no header can carry")
        if self.basic and ":" not in stored:
            raise ValueError("must be user:password")
        return (hashlib.sha256(stored.encode()).digest(),)

    def verify(self, delivery: Delivery, keys: tuple[bytes, ...], now: float) -> Verified:  # noqa: ARG002 - has no time
        presented = self.field.value(delivery.headers)
        said = _basic(presented) if self.basic else presented.encode()
        digest = hashlib.sha256(said).digest()
        fits = [hmac.compare_digest(digest, key) for key in keys]
        if True not in fits:
            raise SignatureRefused("the secret is another")
        return Verified(fits.index(True))


def _basic(presented: str) -> bytes:
    try:
        return base64.b64decode(presented, validate=True)
    except (binascii.Error, ValueError) as e:
        raise SignatureRefused("the credentials are not base64") from e
