"""JSON Web Tokens: signed with a shared key (HS256), or with a private key whose public one is known (JWKS).

The algorithm is configured. Of a token's header only the id of its key is used, to choose among known keys: `alg` must
be the configured one, and `jku`, `x5u` and `jwk` are not looked at (RFC 8725, section 3).
"""

import base64
import re
from typing import Any, Literal, Protocol

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, SignatureRefused
from cancellations.source import strict_json
from cancellations.source.verification import Verified
from cancellations.source.verification.headers import Field
from cancellations.source.verification.key_sets import KeySet, algorithms
from cancellations.source.verification.keys import shared_key
from cancellations.source.verification.signed import MIN_KEY_BYTES
from cancellations.values import dataclass

type Algorithm = Literal["HS256", "RS256", "ES256", "EdDSA"]

ALGORITHMS: tuple[Algorithm, ...] = ("HS256", "RS256", "ES256", "EdDSA")
MAX_TOKEN_CHARS = 256 * 1024
"""Of a token that is a body; one in a header is bounded with it."""

LEEWAY_S = 60
"""How far the sender's clock may be off."""

BEARER = Field("authorization", scheme="bearer")

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", re.ASCII)


class TokenKeys(Protocol):
    """What is stored under one name, as keys for tokens."""

    def keys_for(self, kid: str | None) -> list[Any]:
        """Return the keys that a token with this kid is tried with; kid: None if it has none."""


@dataclass(frozen=True, slots=True, repr=False)
class SharedKey:
    """A key that every token is tried with: the two sides may give it different names."""

    key: bytes

    def keys_for(self, kid: str | None) -> list[Any]:  # noqa: ARG002 - as said
        return [self.key]


@dataclass(frozen=True, slots=True)
class Bearer:
    """`field` None: the body itself is the token. `issuer` and `audience` must be as said, where they are."""

    algorithm: Algorithm
    field: Field | None = BEARER
    issuer: str | None = None
    audience: str | None = None

    def keys_of(self, stored: str) -> tuple[TokenKeys, ...]:
        """A shared key; for the other algorithms the public keys of a JSON Web Key Set (RFC 7517)."""
        if self.algorithm == "HS256":
            return (SharedKey(shared_key(stored, stored.encode(), MIN_KEY_BYTES)),)
        return (KeySet(stored, self.algorithm),)

    def verify(self, delivery: Delivery, keys: tuple[TokenKeys, ...], now: float) -> Verified:
        token = self.field.value(delivery.headers) if self.field else _ascii(delivery.body)
        written = _written(token)
        kid = written.header.get("kid")
        tried = [key.keys_for(kid if isinstance(kid, str) else None) for key in keys]
        if not any(tried):
            raise SignatureRefused("no usable key of the set has the token's kid")
        fits = [any([self._fits(written, one) for one in each]) for each in tried]  # noqa: C419 - all, always
        if True not in fits or not self._may_say(written.header):
            raise SignatureRefused("the token is not signed with a known key")
        try:
            claims = strict_json.loads(written.payload)
        except Malformed as e:
            raise SignatureRefused("the token's claims are not strict JSON") from e
        self._check(claims, now)
        return Verified(fits.index(True), claims)

    def _fits(self, token: "_Written", key: Any) -> bool:  # noqa: ANN401 - whichever kind of key it is
        try:
            return algorithms()[self.algorithm].verify(token.signed, key, token.signature)
        except ValueError:
            return False

    def _may_say(self, header: dict[str, Json]) -> bool:
        """Whether a header claims no more than its signature shows: nothing critical is understood here."""
        if header.get("alg") != self.algorithm or {"crit", "b64"} & header.keys():
            return False
        return isinstance(header.get("kid", ""), str)

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


@dataclass(frozen=True, slots=True)
class _Written:
    """A token in its parts; nobody has verified anything of them."""

    header: dict[str, Json]
    payload: bytes
    signature: bytes
    signed: bytes


def _written(token: str) -> _Written:
    """Raises SignatureRefused."""
    if len(token) > MAX_TOKEN_CHARS or not _TOKEN.fullmatch(token):
        raise SignatureRefused("the token is not a JSON Web Token")
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    try:
        said = strict_json.loads(_decoded(header))
        if not isinstance(said, dict):
            raise SignatureRefused("the token's header is not an object")
        return _Written(said, _decoded(payload), _decoded(signature), signed.encode())
    except (Malformed, ValueError) as e:
        raise SignatureRefused(
            "the token's header is not strict JSON, or a part of it is not base64url"
        ) from e


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
