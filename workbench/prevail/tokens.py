"""Prevail's tokens: a JWT signed with the organization's API key, claims `exp` and `slug` both required."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import jwt
from jwt.algorithms import HMACAlgorithm
from jwt.utils import base64url_encode

from prevail.board import Board
from prevail.model import Organization

_JWS = jwt.PyJWS()
_HMAC: Mapping[str, HMACAlgorithm] = {
    "HS256": HMACAlgorithm(HMACAlgorithm.SHA256),
    "HS384": HMACAlgorithm(HMACAlgorithm.SHA384),
    "HS512": HMACAlgorithm(HMACAlgorithm.SHA512),
}


class TokenRefused(Exception):
    """The token does not admit its caller; the message says why and holds nothing of the token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the token's whole payload: parameters may travel in it."""

    organization: Organization
    claims: Mapping[str, object]


def sign(slug: str, api_key: str, *, expires_at: float, **parameters: object) -> str:
    """As an organization signs its own."""
    return signed({**parameters, "exp": expires_at, "slug": slug}, api_key, "HS256")


def signed(claims: Mapping[str, object], api_key: str, algorithm: str) -> str:
    """By hand: a library warns of keys that it finds short, and how long they are is for Prevail to say."""
    header = {"alg": algorithm, "typ": "JWT"}
    content = b".".join(base64url_encode(json.dumps(part).encode()) for part in (header, claims))
    signature = _HMAC[algorithm].sign(content, api_key.encode())
    return b".".join([content, base64url_encode(signature)]).decode()


def verify(token: str, organizations: Mapping[str, Organization], board: Board, *, now: float) -> Caller:
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
    switches = board.of(slug)
    algorithm = switches.token_algorithm
    if unverified["header"].get("alg") != algorithm:
        raise TokenRefused(f"not signed by {algorithm}")
    signed = token.rpartition(".")[0].encode()
    if not _HMAC[algorithm].verify(signed, organization.api_key.encode(), unverified["signature"]):
        raise TokenRefused("signature does not match the organization's API key")
    expiry = _expiry(claims)
    if expiry + switches.token_leeway_s <= now:
        raise TokenRefused("exp has passed")
    if switches.token_longest_life_s and expiry > now + switches.token_longest_life_s:
        raise TokenRefused("exp is too far ahead")
    return Caller(organization, claims)


def _expiry(claims: Mapping[str, object]) -> int | float:
    exp = claims.get("exp")
    if isinstance(exp, bool) or not isinstance(exp, int | float):
        raise TokenRefused("no exp")
    # Python reads NaN and Infinity from JSON, and neither ever passes.
    if isinstance(exp, float) and not isfinite(exp):
        raise TokenRefused("no exp")
    return exp
