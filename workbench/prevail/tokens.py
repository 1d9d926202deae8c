"""Prevail's tokens: a JWT signed with the organization's API key, claims `exp` and `slug` both required."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import jwt
from jwt.algorithms import HMACAlgorithm

from prevail.assumed import ALGORITHM, CLOCK_SKEW_S
from prevail.model import Organization

_JWS = jwt.PyJWS()
_HMAC = HMACAlgorithm(HMACAlgorithm.SHA256)


class TokenRefused(Exception):
    """The token does not admit its caller; the message says why and holds nothing of the token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the token's whole payload: parameters may travel in it."""

    organization: Organization
    claims: Mapping[str, object]


def sign(slug: str, api_key: str, *, expires_at: float, **parameters: object) -> str:
    return jwt.encode({**parameters, "exp": expires_at, "slug": slug}, api_key, algorithm=ALGORITHM)


def verify(token: str, organizations: Mapping[str, Organization], *, now: float) -> Caller:
    """Raises TokenRefused. The claimed slug only picks the key: nothing is believed before the signature."""
    if not token:
        raise TokenRefused("no token")
    try:
        unverified = _JWS.decode_complete(token, options={"verify_signature": False})
        claims = json.loads(unverified["payload"])
    except (jwt.PyJWTError, ValueError, RecursionError) as fault:
        raise TokenRefused("not a JWT") from fault
    if not isinstance(claims, dict):
        raise TokenRefused("the payload is no object")
    slug = claims.get("slug")
    if not isinstance(slug, str):
        raise TokenRefused("no slug")
    organization = organizations.get(slug)
    if organization is None:
        raise TokenRefused("unknown slug")
    if unverified["header"].get("alg") != ALGORITHM:
        raise TokenRefused(f"not signed by {ALGORITHM}")
    signed = token.rpartition(".")[0].encode()
    if not _HMAC.verify(signed, organization.api_key.encode(), unverified["signature"]):
        raise TokenRefused("signature does not match the organization's API key")
    if _expiry(claims) + CLOCK_SKEW_S <= now:
        raise TokenRefused("exp has passed")
    return Caller(organization, claims)


def _expiry(claims: Mapping[str, object]) -> int | float:
    exp = claims.get("exp")
    if isinstance(exp, bool) or not isinstance(exp, int | float):
        raise TokenRefused("no exp")
    # Python reads NaN and Infinity from JSON, and neither ever passes.
    if isinstance(exp, float) and not isfinite(exp):
        raise TokenRefused("no exp")
    return exp
