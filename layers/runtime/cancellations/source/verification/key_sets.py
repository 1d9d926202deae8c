"""Sets of public keys (JSON Web Key Sets, RFC 7517): which keys are used, and for which tokens.

A set may hold thousands: a token names its key, and a key is made when a token first needs it.
"""

from functools import cache, cached_property
from itertools import islice
from typing import Any

from jwt.algorithms import Algorithm as Arithmetic
from jwt.algorithms import get_default_algorithms
from jwt.exceptions import PyJWTError

from cancellations.domain import Json
from cancellations.errors import Malformed
from cancellations.source import strict_json

PUBLIC_KEYS: dict[str, dict[str, str]] = {
    "RS256": {"kty": "RSA"},
    "ES256": {"kty": "EC", "crv": "P-256"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
}
"""What a JSON Web Key must say of itself to be used with an algorithm (RFC 7518, section 6; RFC 8037)."""

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 16_384
"""OpenSSL verifies with no longer key."""

MAX_TRIED = 10
"""How many keys of a set one token is tried with, at most."""

type Jwk = dict[str, Json]


class AlgorithmMissing(ValueError):
    """This process cannot verify with the algorithm: it lacks the layer for public keys."""


@cache
def algorithms() -> dict[str, Arithmetic]:
    return get_default_algorithms()


class KeySet:
    """The keys of a set that are meant for one algorithm; others are passed over, as one set may serve many.

    A key that is malformed, too short or too long makes only itself unusable. Raises ValueError if no usable key is
    left, with the reason of the first key. Raises it for a private key too: the key has leaked, and a person must
    replace it. Until then its senders hear 503 and send again; 401 would lose their deliveries.
    """

    def __init__(self, document: str, algorithm: str) -> None:
        self.keys = _keys_in(document, algorithm)
        self._by_id: dict[str | None, list[PublicKey]] = {}
        for key in self.keys:
            self._by_id.setdefault(key.id, []).append(key)
        if all(key.fault for key in self.keys):
            raise ValueError(self.keys[0].fault)

    def keys_for(self, kid: str | None) -> list[Any]:
        """Return what a token with this kid is tried with: keys of that kid, then keys without one.

        kid: None if the token names no key; then any key of the set is tried. MAX_TRIED in all, none unusable.
        """
        named = self.keys if kid is None else self._by_id.get(kid, []) + self._by_id.get(None, [])
        return list(islice((key.key for key in named if not key.fault), MAX_TRIED))


class PublicKey:
    """One key of a set, made when it is first needed. `id`: its kid."""

    def __init__(self, jwk: Jwk, algorithm: str) -> None:
        kid = jwk.get("kid")
        self.id = kid if isinstance(kid, str) else None
        self._jwk, self._algorithm = jwk, algorithm

    @property
    def fault(self) -> str:
        """What is wrong with the key, as the rest of a sentence; empty if nothing is."""
        return self._made[1]

    @property
    def key(self) -> Any:  # noqa: ANN401 - whichever type the algorithm has
        return self._made[0]

    @cached_property
    def _made(self) -> tuple[Any, str]:
        if self.id is None and self._jwk.get("kid") is not None:
            return None, "has a kid that is not a text"
        try:
            key = algorithms()[self._algorithm].from_jwk(dict(self._jwk))
        except (PyJWTError, ValueError, TypeError):
            return None, f"has a key that is none for {self._algorithm}"
        if self._algorithm == "RS256" and not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            return None, f"has an RSA key of {key.key_size} bits; {MIN_RSA_BITS} to {MAX_RSA_BITS} are needed"
        return key, ""


def _keys_in(document: str, algorithm: str) -> list[PublicKey]:
    """Raises ValueError."""
    if algorithm not in algorithms():
        raise AlgorithmMissing(
            f"is for {algorithm}; `cancelctl public-keys` publishes the layer that verifies with it"
        )
    try:
        found = strict_json.loads(document.encode())
    except Malformed as e:
        raise ValueError(f"is not a key set: {e}") from e
    listed = found.get("keys") if isinstance(found, dict) else None
    every = [jwk for jwk in listed if isinstance(jwk, dict)] if isinstance(listed, list) else []
    jwks = [jwk for jwk in every if _fits(jwk, algorithm)]
    if not jwks:
        raise ValueError(f"has no key for {algorithm}")
    if any("d" in jwk for jwk in jwks):
        raise ValueError("has a private key; replace that key, and publish its public part only")
    return [PublicKey(jwk, algorithm) for jwk in jwks]


def _fits(jwk: Jwk, algorithm: str) -> bool:
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", algorithm) != algorithm:
        return False
    return all(jwk.get(name) == value for name, value in PUBLIC_KEYS[algorithm].items())
