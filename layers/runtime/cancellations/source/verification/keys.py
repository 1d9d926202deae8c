"""Secrets as vendors issue them, and the keys that are in them."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from jwt.algorithms import get_default_algorithms

from cancellations.values import dataclass

type KeyForm = Literal["text", "base64", "hex", "standard"]
"""How a secret holds its key: its own characters, base64 or hexadecimal digits, or as Standard Webhooks writes it."""

FORMS: tuple[KeyForm, ...] = ("text", "base64", "hex", "standard")

SECRET_PREFIX = "whsec_"  # noqa: S105 - the specification's public marker, not a secret
PUBLIC_PREFIX = "whpk_"

_ED25519_BYTES = 32
_ED25519_DER = bytes.fromhex("302a300506032b6570032100")
"""What RFC 8410 puts before the 32 bytes of a public key."""

_HEX = re.compile(r"([0-9a-fA-F]{2})+", re.ASCII)

_OF_A_PAIR = re.compile(
    r"""\s*(-----BEGIN\ |whpk_|whsk_|ssh-(rsa|dss|ed25519)\ |ecdsa-sha2-|[\[{].*"kty")""",
    re.DOTALL | re.VERBOSE,
)
"""How keys of a pair begin: in PEM, in Standard Webhooks, in OpenSSH, and as a JSON Web Key or a set of them."""

_PUBLIC_DER = re.compile(rb"\x30(?:([\x00-\x7f])|\x81(.)|\x82(..))\x30.\x06", re.DOTALL)
"""A SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7): its length, then an algorithm."""


class Key(Protocol):
    """One key with its algorithm: the key decides which one is used, never the delivery."""

    def signs(self, signed: bytes, presented: list[str], encoding: "Encoding") -> bool:
        """Whether one of the presented signatures, of this key's kind, is that of these bytes."""


type Encoding = Literal["hex", "hex-upper", "base64", "base64url"]
type Digest = Literal["sha256", "sha512"]

ENCODINGS: tuple[Encoding, ...] = ("hex", "hex-upper", "base64", "base64url")
DIGESTS: tuple[Digest, ...] = ("sha256", "sha512")


_WRITTEN: Mapping[Encoding, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "hex-upper": lambda mac: mac.hex().upper(),
    "base64": lambda mac: base64.b64encode(mac).decode(),
    "base64url": lambda mac: base64.urlsafe_b64encode(mac).decode().rstrip("="),
}
_PADDING: Mapping[Digest, str] = {"sha256": "=", "sha512": "=="}
"""What base64 pads 32 and 64 bytes with."""


@dataclass(frozen=True, slots=True, repr=False)
class HmacKey:
    """`marker`: what stands before a signature of this kind, where one header carries several kinds."""

    key: bytes
    marker: str = ""
    digest: Digest = "sha256"

    def mac(self, signed: bytes, encoding: Encoding) -> str:
        """The signature as a sender writes it; base64url without padding, as in tokens."""
        mac = hmac.digest(self.key, signed, self.digest)
        return self.marker + _WRITTEN[encoding](mac)

    def signs(self, signed: bytes, presented: list[str], encoding: Encoding) -> bool:
        # Compared as they are written: a decoder would take several spellings of the same signature.
        expected = self.mac(signed, encoding).encode()
        if encoding == "base64url":  # senders pad it or do not
            presented = [one.removesuffix(_PADDING[self.digest]) for one in presented]
        return any([hmac.compare_digest(one.encode(), expected) for one in presented])  # noqa: C419 - all, always


@dataclass(frozen=True, slots=True)
class Ed25519Key:
    """A public key; needs the optional extra `asymmetric`."""

    public: bytes
    marker: str = ""

    def signs(self, signed: bytes, presented: list[str], encoding: Encoding) -> bool:  # noqa: ARG002 - base64, as specified
        algorithm = get_default_algorithms()["EdDSA"]
        key = algorithm.from_jwk(
            {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(self.public).decode().rstrip("=")}
        )
        signatures = [
            _canonical(one.removeprefix(self.marker)) for one in presented if one.startswith(self.marker)
        ]
        return any([algorithm.verify(signed, key, one) for one in signatures if one])  # noqa: C419 - all, always


def key_of(secret: str, form: KeyForm, least: int, digest: Digest = "sha256") -> Key:
    """least: bytes that a symmetric key must have. Raises ValueError with a reason that does not hold the secret."""
    if form == "standard":
        return _standard(secret, least)
    return HmacKey(shared_key(secret, _bytes_of(secret, form), least), digest=digest)


def shared_key(secret: str, key: bytes, least: int) -> bytes:
    """The key in a secret. Raises ValueError where it is short, or one of a pair: anybody may know a public key."""
    if _OF_A_PAIR.match(secret) or _is_public(key) or _is_public(_canonical(secret) or b""):
        raise ValueError("is one key of a pair; store the secret that both sides share")
    if len(key) < least:
        raise ValueError(f"holds {len(key)} bytes; at least {least} are needed")
    return key


def _bytes_of(secret: str, form: KeyForm) -> bytes:
    match form:
        case "base64":
            return _decoded(secret)
        case "hex":
            if not _HEX.fullmatch(secret):
                raise ValueError("must be hexadecimal digits")
            return bytes.fromhex(secret)
    return secret.encode()


def _standard(secret: str, least: int) -> Key:
    """A public key never becomes an HMAC secret: whoever knows it, everybody does, could sign with it."""
    if secret.startswith(PUBLIC_PREFIX):
        return Ed25519Key(_public(secret.removeprefix(PUBLIC_PREFIX)), "v1a,")
    return HmacKey(shared_key(secret, _decoded(secret.removeprefix(SECRET_PREFIX)), least), "v1,")


def _public(encoded: str) -> bytes:
    raw = _decoded(encoded)
    public = raw.removeprefix(_ED25519_DER)
    if len(public) != _ED25519_BYTES:
        raise ValueError(f"must hold an Ed25519 public key after {PUBLIC_PREFIX}")
    if "EdDSA" not in get_default_algorithms():
        raise ValueError("is a public key; `cancelctl public-keys` publishes the layer that verifies with it")
    return public


def _decoded(secret: str) -> bytes:
    decoded = _canonical(secret)
    if decoded is None:
        raise ValueError("must be base64")
    return decoded


def _canonical(written: str) -> bytes | None:
    """Standard base64 in its one right spelling; None for any other."""
    try:
        decoded = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == written else None


def _is_public(key: bytes) -> bool:
    found = _PUBLIC_DER.match(key)
    if found is None or found.lastindex is None:
        return False
    return int.from_bytes(found[found.lastindex]) == len(key) - found.end(found.lastindex)
