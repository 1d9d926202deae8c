"""Signatures over the raw bytes of a delivery: one verifier for every sender, told by data what is signed and where.

Stricter than most vendors' libraries (docs/security.md lists where): signatures are compared in their one right
spelling, timestamps have one exact form and a bound in both directions, headers are bounded, and a malformed header
is a refusal like any other.
"""

from collections.abc import Callable, Mapping

from cancellations.domain import Delivery
from cancellations.errors import Malformed, SignatureRefused
from cancellations.source.verification import Verified, clocks
from cancellations.source.verification.clocks import Unit
from cancellations.source.verification.headers import Field
from cancellations.source.verification.keys import Digest, Encoding, HmacKey, Key, KeyForm, key_of
from cancellations.source.verification.template import Name, Template
from cancellations.values import dataclass

METHOD = b"POST"
"""Deliveries come by no other: the API has no other route."""

MIN_KEY_BYTES = 32
"""An HMAC-SHA256 key should be no shorter than its output (RFC 2104, section 3)."""

TOLERANCE_S = 300
MAX_TOLERANCE_S = 900


@dataclass(frozen=True, slots=True)
class Signed:
    """A row of data. `url`: the public address, where it is signed; it is configured and never taken from a header.

    least: bytes that a key must have; fewer than MIN_KEY_BYTES only where a vendor issues shorter ones.
    """

    template: Template
    signature: Field
    encoding: Encoding = "hex"
    key: KeyForm = "text"
    digest: Digest = "sha256"
    least: int = MIN_KEY_BYTES
    id: Field | None = None
    timestamp: Field | None = None
    unit: Unit = "s"
    tolerance_s: int = TOLERANCE_S
    url: str = ""

    def keys_of(self, stored: str) -> tuple[Key, ...]:
        return (key_of(stored, self.key, self.least, self.digest),)

    def verify(self, delivery: Delivery, keys: tuple[Key, ...], now: float) -> Verified:
        refused: list[SignatureRefused] = []

        def found[T](read: Callable[[Mapping[str, str]], T], otherwise: T) -> T:
            try:
                return read(delivery.headers)
            except SignatureRefused as cause:  # told at the end: every refusal has cost the same
                refused.append(cause)
                return otherwise

        message_id = found(self.id.value, "") if self.id else ""
        timestamp = found(self.timestamp.value, "") if self.timestamp else ""
        presented: list[str] = found(self.signature.values, []) or [""]
        signed = self._signed(message_id, timestamp, delivery.body)
        fits = [key.signs(signed, presented, self.encoding) for key in keys]
        if True not in fits:
            refused.append(SignatureRefused("no signature fits"))
        written_at = found(lambda _: clocks.moment(timestamp, self.unit), now) if self.timestamp else now
        if abs(now - written_at) > self.tolerance_s:
            refused.append(SignatureRefused("the timestamp is outside the tolerance"))
        if refused:
            raise refused[0]
        if self.id and not (message_id.isprintable() and self.template.borders_of_id.isdisjoint(message_id)):
            raise Malformed(
                f"{self.id.header} must not contain control characters or those that end it when signed"
            )
        return Verified(fits.index(True))

    def sign(self, key: HmacKey, body: bytes, now: float, message_id: str = "") -> str:
        """The signature as a sender with this key writes it into its header, without prefix."""
        timestamp = clocks.written(now, self.unit) if self.timestamp else ""
        return key.mac(self._signed(message_id, timestamp, body), self.encoding)

    def _signed(self, message_id: str, timestamp: str, body: bytes) -> bytes:
        values: dict[Name, bytes] = {
            "id": message_id.encode(),
            "timestamp": timestamp.encode(),
            "method": METHOD,
            "url": self.url.encode(),
            "body": body,
        }
        return self.template.filled(values)
