"""JSON Web Tokens: signed with a shared key (HS256), or with a private key whose public one is known (JWKS).

The algorithm is configured. Nothing in a token's header is believed but the id of its key: `alg` must be the configured
one, and `jku`, `x5u` and `jwk` are not looked at (RFC 8725, section 3).
"""

import base64
import re
from functools import cache
from typing import Any, Literal

from jwt.algorithms import Algorithm as Arithmetic
from jwt.algorithms import get_default_algorithms
from jwt.exceptions import PyJWTError

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, SignatureRefused
from cancellations.source import strict_json
from cancellations.source.verification import Verified
from cancellations.source.verification.headers import Field
from cancellations.source.verification.keys import shared_key
from cancellations.source.verification.signed import MIN_KEY_BYTES
from cancellations.values import dataclass

type Algorithm = Literal["HS256", "RS256", "ES256", "EdDSA"]

ALGORITHMS: tuple[Algorithm, ...] = ("HS256", "RS256", "ES256", "EdDSA")
PUBLIC_KEYS: dict[str, dict[str, str]] = {
    "RS256": {"kty": "RSA"},
    "ES256": {"kty": "EC", "crv": "P-256"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
}
"""What a JSON Web Key must say of itself to be used with an algorithm (RFC 7518, section 6; RFC 8037)."""

MIN_RSA_BITS = 2048
MAX_PUBLIC_KEYS = 10
MAX_TOKEN_CHARS = 256 * 1024
"""Of a token that is a body; one in a header is bounded with it."""

LEEWAY_S = 60
"""How far the sender's clock may be off."""

BEARER = Field("authorization", ("Bearer ", "bearer "))

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class TokenKey:
    """`id`: the `kid` of tokens that it is meant for; None where it is tried with every token."""

    key: Any
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """`field` None: the body itself is the token. `issuer` and `audience` must be as said, where they are."""

    algorithm: Algorithm
    field: Field | None = BEARER
    issuer: str | None = None
    audience: str | None = None

    def keys_of(self, stored: str) -> tuple[TokenKey, ...]:
        """A shared key; for the other algorithms the public keys of a JSON Web Key Set (RFC 7517)."""
        if self.algorithm == "HS256":
            return (TokenKey(shared_key(stored, stored.encode(), MIN_KEY_BYTES)),)
        return _public_keys(stored, self.algorithm)

    def verify(self, delivery: Delivery, keys: tuple[TokenKey, ...], now: float) -> Verified:
        token = self.field.value(delivery.headers) if self.field else _ascii(delivery.body)
        payloads = [self._payload(token, key) for key in keys]
        fits = [payload is not None for payload in payloads]
        if True not in fits:
            raise SignatureRefused("the token is not signed with a known key")
        matched = fits.index(True)
        try:
            claims = strict_json.loads(payloads[matched] or b"")
        except Malformed as e:
            raise SignatureRefused("the token's claims are not strict JSON") from e
        self._check(claims, now)
        return Verified(matched, claims)

    def _payload(self, token: str, key: TokenKey) -> bytes | None:
        """What the token says, where it is signed with this key. Nothing of it is read before that is known."""
        if len(token) > MAX_TOKEN_CHARS or not _TOKEN.fullmatch(token):
            return None
        content, _, signature = token.rpartition(".")
        written, _, payload = content.partition(".")
        try:
            if not _algorithms()[self.algorithm].verify(content.encode(), key.key, _decoded(signature)):
                return None
            header = strict_json.loads(_decoded(written))
            return _decoded(payload) if self._may_say(header, key) else None
        except (Malformed, ValueError):
            return None

    def _may_say(self, header: Json, key: TokenKey) -> bool:
        """Whether a header claims no more than its signature shows: nothing critical is understood here."""
        if (
            not isinstance(header, dict)
            or header.get("alg") != self.algorithm
            or {"crit", "b64"} & header.keys()
        ):
            return False
        kid = header.get("kid", "")
        return isinstance(kid, str) and ("kid" not in header or key.id in (None, kid))

    def _check(self, claims: Json, now: float) -> None:
        if not isinstance(claims, dict):
            raise SignatureRefused("the token's claims are not an object")
        expires_at, not_before, issued_at = (_time(claims, name) for name in ("exp", "nbf", "iat"))
        if expires_at is None or expires_at <= now - LEEWAY_S:
            raise SignatureRefused("the token has expired, or never would")
        if max(not_before or now, issued_at or now) > now + LEEWAY_S:
            raise SignatureRefused("the token is not valid yet")
        if self.issuer is not None and claims.get("iss") != self.issuer:
            raise SignatureRefused("the token is another issuer's")
        audience = claims.get("aud")
        if self.audience is not None and self.audience not in (
            audience if isinstance(audience, list) else [audience]
        ):
            raise SignatureRefused("the token is meant for another audience")


class AlgorithmMissing(ValueError):
    """This process cannot verify with the algorithm: it lacks the layer for public keys."""


@cache
def _algorithms() -> dict[str, Arithmetic]:
    return get_default_algorithms()


def _public_keys(document: str, algorithm: Algorithm) -> tuple[TokenKey, ...]:
    """Raises ValueError. Keys of other kinds are passed over: one set may serve several verifiers."""
    if algorithm not in _algorithms():
        raise AlgorithmMissing(
            f"is for {algorithm}; `cancelctl public-keys` publishes the layer that verifies with it"
        )
    try:
        found = strict_json.loads(document.encode())
    except Malformed as e:
        raise ValueError(f"is not a key set: {e}") from e
    listed = found.get("keys") if isinstance(found, dict) else None
    every = [jwk for jwk in listed if isinstance(jwk, dict)] if isinstance(listed, list) else []
    keys = [jwk for jwk in every if _fits(jwk, algorithm)]
    if not 0 < len(keys) <= MAX_PUBLIC_KEYS:
        raise ValueError(f"has {len(keys)} keys for {algorithm}; 1 to {MAX_PUBLIC_KEYS} are needed")
    ids = [str(jwk.get("kid")) for jwk in keys]
    if len(set(ids)) != len(ids):
        raise ValueError("has two keys of the same kid, or without one")
    return tuple(_public_key(jwk, algorithm) for jwk in keys)


def _fits(jwk: dict[str, Json], algorithm: Algorithm) -> bool:
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", algorithm) != algorithm:
        return False
    return all(jwk.get(name) == value for name, value in PUBLIC_KEYS[algorithm].items())


def _public_key(jwk: dict[str, Json], algorithm: Algorithm) -> TokenKey:
    if "d" in jwk:
        raise ValueError("has a private key; publish its public part only")
    kid = jwk.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise ValueError("has a kid that is not a text")
    try:
        key = get_default_algorithms()[algorithm].from_jwk(dict(jwk))
    except (PyJWTError, ValueError, TypeError) as e:
        raise ValueError(f"has a key that is none for {algorithm}") from e
    if algorithm == "RS256" and key.key_size < MIN_RSA_BITS:
        raise ValueError(f"has an RSA key of {key.key_size} bits; at least {MIN_RSA_BITS} are needed")
    return TokenKey(key, kid)


def _time(claims: dict[str, Json], name: str) -> int | float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SignatureRefused(f"the token's {name} is not a number")
    return value


def _ascii(body: bytes) -> str:
    return body.decode("ascii", "replace")


def _decoded(part: str) -> bytes:
    """Raises ValueError for all spellings but the one right one: base64 decoders take several for the same bytes."""
    decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(decoded).decode().rstrip("=") != part:
        raise ValueError("has bits that say nothing")
    return decoded
