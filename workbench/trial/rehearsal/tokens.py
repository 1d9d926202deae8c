"""JSON Web Tokens: what one says, and what is wanted of it."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import jwt

from cancellations.domain import Delivery
from cancellations.errors import Malformed
from cancellations.source import strict_json
from cancellations.source.verification.bearer import LEEWAY_S, Bearer
from trial.rehearsal.causes import Cause
from trial.rehearsal.headers import header, only
from trial.rehearsal.report import Finding, wrong
from trial.rehearsal.token_causes import payload_of, tokens_in

RECORDED = "For a recorded delivery, say when it was: --at TIME"
SIGNED_PARTS, ENCRYPTED_PARTS = 3, 5
IN_MS = 100_000_000_000
"""Epoch seconds beyond this are milliseconds: it is the year 5138."""


def read(scheme: Bearer, delivery: Delivery, now: float) -> Iterator[Finding]:
    if scheme.field:
        yield header("token", scheme.field, delivery.headers)
    else:
        yield Finding("token", f"is the body ({len(delivery.body)} bytes)")
    token = token_of(scheme, delivery)
    try:
        said = jwt.get_unverified_header(token)
        claims = _claims_in(token)
    except jwt.PyJWTError:
        yield wrong("token", "is no JSON Web Token: three parts, joined by dots", *_no_token(token))
        return
    algorithm = said.get("alg")
    fix = 'The configured one counts: jwt = { algorithm = "…" }.'
    yield _compared("algorithm", algorithm, scheme.algorithm, "jwt-algorithm", fix)
    if "kid" in said:
        yield Finding("key", f"the token names {str(said['kid'])[:64]!a}")
    if claimed := {"crit", "b64"} & said.keys():
        what = f"The token's header has {', '.join(sorted(claimed))}, which is not understood."
        yield wrong("token", what, Cause("jwt-header", what, "Let the sender leave it out."))
    yield from _strict(token)
    yield from _claims(scheme, claims, now)


def _no_token(token: str) -> Iterator[Cause]:
    parts = token.count(".") + 1
    if parts == ENCRYPTED_PARTS:
        yield Cause(
            "jwt-encrypted", "The token is encrypted (five parts).", "Let the sender sign it instead."
        )
    elif "=" in token and parts == SIGNED_PARTS:
        fix = "Let the sender write base64url without padding, as RFC 7515 says."
        yield Cause("jwt-padding", "The parts of the token are padded with =.", fix)
    else:
        said = "There is no JSON Web Token where one is expected."
        yield Cause("jwt-missing", said, "Check which header the sender puts it into, and after which word.")


def _strict(token: str) -> Iterator[Finding]:
    try:
        strict_json.loads(payload_of(token))
    except Malformed as fault:
        said = f"are not strict JSON: {fault}".replace("the body", "the token's payload")
        fix = "Let the sender write each claim once, in plain JSON."
        yield wrong("claims", said, Cause("jwt-claims-json", f"The claims {said}.", fix))
    except ValueError:
        return


def _claims(scheme: Bearer, claims: Mapping[str, Any], now: float) -> Iterator[Finding]:
    if "exp" not in claims:
        said = "is missing: a token that never expires is none"
        yield wrong(
            "exp", said, Cause("jwt-exp-missing", f"exp {said}.", "Let the sender add exp to its tokens.")
        )
    for name in ("exp", "nbf", "iat"):
        match claims.get(name):
            case None:
                pass
            case int() | float() as moment if not isinstance(moment, bool) and math.isfinite(moment):
                yield _when(name, moment, now)
            case _:
                said = f"{name} is not a number."
                yield wrong(
                    name, "is not a number", Cause("jwt-time", said, "Write it in seconds since 1970.")
                )
    if scheme.issuer is not None:
        fix = 'jwt = { issuer = "…" } says whose tokens count.'
        yield _compared("iss", claims.get("iss"), scheme.issuer, "jwt-issuer", fix)
    if scheme.audience is not None:
        listed = claims.get("aud")
        found = listed if isinstance(listed, list) else [listed]
        fix = 'jwt = { audience = "…" } says for whom it must be meant.'
        yield _compared(
            "aud",
            scheme.audience if scheme.audience in found else listed,
            scheme.audience,
            "jwt-audience",
            fix,
        )


def _when(name: str, moment: float, now: float) -> Finding:
    left = moment - now
    told = f"{abs(left):.0f} s {'from now' if left >= 0 else 'ago'}; clocks may differ by {LEEWAY_S} s"
    if moment > IN_MS:
        said = f"{name} is in milliseconds."
        return wrong(
            name, f"is in milliseconds: {told}", Cause("jwt-milliseconds", said, "Write it in seconds.")
        )
    if name == "exp" and left <= -LEEWAY_S:
        said = f"The token expired {abs(left):.0f} s ago."
        return wrong(name, told, Cause("jwt-expired", said, RECORDED))
    if name != "exp" and left > LEEWAY_S:
        said = f"The token is not valid yet: its {name} is {left:.0f} s from now."
        return wrong(name, told, Cause("jwt-not-yet", said, RECORDED))
    return Finding(name, told, good=True)


def claims_in(scheme: object, delivery: Delivery) -> dict[str, Any] | None:
    """What the token says, believed or not; None where there is none."""
    if not isinstance(scheme, Bearer):
        return None
    try:
        return _claims_in(token_of(scheme, delivery))
    except jwt.PyJWTError:
        return None


def _claims_in(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def token_of(scheme: Bearer, delivery: Delivery) -> str:
    """The token as it is found; if it is not in its place, the only one that is anywhere in the headers."""
    if scheme.field is None:
        return delivery.body.decode("ascii", "replace")
    if found := only(scheme.field, delivery.headers):
        return found if len(listed := tokens_in(found)) != 1 else listed[0]
    anywhere = [token for value in delivery.headers.values() for token in tokens_in(value)]
    return anywhere[0] if len(anywhere) == 1 else ""


def _compared(name: str, found: object, wanted: str, code: str, fix: str) -> Finding:
    if found == wanted:
        return Finding(name, wanted, good=True)
    said = f"is {str(found)[:100]!a}, where {wanted!r} is wanted"
    return wrong(name, said, Cause(code, f"The token's {name} {said}.", fix))
