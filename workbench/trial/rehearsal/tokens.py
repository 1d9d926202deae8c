"""JSON Web Tokens: what one says, and what is wanted of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import jwt

from cancellations.domain import Delivery
from cancellations.source.verification.bearer import LEEWAY_S, Bearer
from trial.rehearsal.headers import header, only
from trial.rehearsal.report import Finding


def read(scheme: Bearer, delivery: Delivery, now: float) -> Iterator[Finding]:
    if scheme.field:
        yield header("token", scheme.field, delivery.headers)
    else:
        yield Finding("token", f"is the body ({len(delivery.body)} bytes)")
    try:
        said = jwt.get_unverified_header(token := _token(scheme, delivery))
        claims = _claims_in(token)
    except jwt.PyJWTError:
        yield Finding("token", "is no JSON Web Token: three parts, joined by dots", good=False)
        return
    algorithm = said.get("alg")
    yield _compared(
        "algorithm", algorithm, scheme.algorithm, "The configured one counts: jwt = { algorithm = … }."
    )
    if "kid" in said:
        yield Finding("key", f"the token names {str(said['kid'])[:64]!a}")
    yield from _claims(scheme, claims, now)


def _claims(scheme: Bearer, claims: Mapping[str, Any], now: float) -> Iterator[Finding]:
    if "exp" not in claims:
        yield Finding("exp", "is missing: a token that never expires is none", good=False)
    for name in ("exp", "nbf", "iat"):
        match claims.get(name):
            case None:
                pass
            case int() | float() as moment if not isinstance(moment, bool):
                yield _when(name, moment - now)
            case _:
                yield Finding(name, "is not a number", good=False)
    if scheme.issuer is not None:
        yield _compared(
            "iss", claims.get("iss"), scheme.issuer, "jwt = { issuer = … } says whose tokens count."
        )
    if scheme.audience is not None:
        found = claims.get("aud")
        listed = found if isinstance(found, list) else [found]
        said = scheme.audience if scheme.audience in listed else found
        yield _compared(
            "aud", said, scheme.audience, "jwt = { audience = … } says for whom it must be meant."
        )


def _when(name: str, left: float) -> Finding:
    """left: seconds from now."""
    told = f"{abs(left):.0f} s {'from now' if left >= 0 else 'ago'}; clocks may differ by {LEEWAY_S} s"
    if (left <= -LEEWAY_S) if name == "exp" else (left > LEEWAY_S):
        return Finding(name, told, good=False, mend="For a recorded delivery, say when it was: --at TIME")
    return Finding(name, told, good=True)


def claims_in(scheme: object, delivery: Delivery) -> dict[str, Any] | None:
    """What the token says, believed or not; None where there is none."""
    if not isinstance(scheme, Bearer):
        return None
    try:
        return _claims_in(_token(scheme, delivery))
    except jwt.PyJWTError:
        return None


def _claims_in(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _token(scheme: Bearer, delivery: Delivery) -> str:
    return only(scheme.field, delivery.headers) if scheme.field else delivery.body.decode("ascii", "replace")


def _compared(name: str, found: object, wanted: str, mend: str) -> Finding:
    if found == wanted:
        return Finding(name, wanted, good=True)
    return Finding(name, f"is {str(found)[:100]!a}, where {wanted!r} is wanted", good=False, mend=mend)
