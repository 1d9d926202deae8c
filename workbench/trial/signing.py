"""Deliveries as their senders sign them: any scheme's headers, from its data."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from jwt import PyJWK
from jwt.algorithms import ECAlgorithm
from jwt.api_jws import PyJWS
from jwt.utils import der_to_raw_signature

from cancellations.configuration import Source
from cancellations.domain import Delivery, Json
from cancellations.source.proof import Proof
from cancellations.source.verification import clocks
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.headers import Field
from cancellations.source.verification.keys import HmacKey
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from trial.gallery.sample import Draft

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

TOKEN_LIVES_S = 300


class CannotSign(Exception):
    """Nobody but the sender could sign this."""


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """The half of a published key that its sender keeps, as a JSON Web Key."""

    jwk: Mapping[str, str]


type SigningKey = str | PrivateKey
"""A secret as it is stored, or a private key."""


def signed(source: Source, draft: Draft, key: SigningKey, at: float) -> Delivery:
    """The draft as this source's sender would send it. Raises CannotSign, ValueError for a secret of no use."""
    if source.proof is None:
        raise CannotSign(f"{source.name} comes by the bus, where nothing is signed")
    match source.proof.scheme, key:
        case Signed() as scheme, str(secret):
            made = _signature(scheme, draft, secret, at)
        case Shared(where, basic), str(secret):
            made = _placed([(where, base64.b64encode(secret.encode()).decode() if basic else secret)])
        case Bearer() as scheme, _:
            token = _token(scheme, claims_of(source, draft, at), key)
            if scheme.field is None:
                return Delivery(source.name, draft.headers, token.encode())
            made = _placed([(scheme.field, token)])
        case _:
            raise CannotSign(f"{source.name} is signed with a secret, and this is a private key")
    return Delivery(source.name, {**draft.headers, **made}, draft.body)


def _signature(scheme: Signed, draft: Draft, secret: str, at: float) -> dict[str, str]:
    (key,) = scheme.keys_of(secret)
    if not isinstance(key, HmacKey):
        raise CannotSign("the secret is a public key: only its sender has the private one")
    parts: list[tuple[Field, str]] = []
    if scheme.id:
        parts.append((scheme.id, draft.message_id))
    if scheme.timestamp:
        parts.append((scheme.timestamp, clocks.written(at, scheme.unit)))
    parts.append((scheme.signature, scheme.sign(key, draft.body, at, draft.message_id)))
    return _placed(parts)


def _placed(parts: Sequence[tuple[Field, str]]) -> dict[str, str]:
    """Values in their headers, behind their prefixes; those of one header side by side."""
    headers: dict[str, str] = {}
    for field, value in parts:
        before, written = headers.get(field.header), field.written(value)
        headers[field.header] = written if before is None else f"{before}{field.separator}{written}"
    return headers


def claims_of(source: Source, draft: Draft, at: float) -> dict[str, Json] | None:
    """What the token of this draft says; None where the source has none."""
    match source.proof:
        case Proof(Bearer(issuer=issuer, audience=audience)):
            moment = int(at)
            known = {"iss": issuer, "aud": audience, "iat": moment, "exp": moment + TOKEN_LIVES_S}
            claims = cast("dict[str, Json]", {**known, **draft.claims})
            return {name: value for name, value in claims.items() if value is not None}
    return None


def _token(scheme: Bearer, claims: object, key: SigningKey) -> str:
    payload = json.dumps(claims, separators=(",", ":")).encode()
    if isinstance(key, PrivateKey):
        return _signer().encode(payload, _private(key), scheme.algorithm, {"kid": key.jwk["kid"]})
    if scheme.algorithm != "HS256":
        raise CannotSign(f"it is signed with {scheme.algorithm}: only its sender has the private key")
    return _signer().encode(payload, key, "HS256")


def _private(key: PrivateKey) -> Any:  # noqa: ANN401 - whichever kind of key it is
    return PyJWK(dict(key.jwk)).key


class _Repeatable(ECAlgorithm):
    """ES256 that signs the same bytes in the same way (RFC 6979), so that samples can be made anew."""

    def sign(self, msg: bytes, key: "EllipticCurvePrivateKey") -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA  # noqa: PLC0415 - heavy, and rarely needed
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as above

        return der_to_raw_signature(key.sign(msg, ECDSA(SHA256(), deterministic_signing=True)), key.curve)


def _signer() -> PyJWS:
    signer = PyJWS()
    signer.unregister_algorithm("ES256")
    signer.register_algorithm("ES256", _Repeatable(_Repeatable.SHA256))
    return signer
