"""Rightly signed deliveries of every preset, and sources that believe them, for what is measured here."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from cancellations.configuration import Source
from cancellations.domain import Delivery
from cancellations.ports import Stored
from cancellations.source.expressions import compiled
from cancellations.source.mapping import Expressions
from cancellations.source.presets import PRESETS
from cancellations.source.proof import KeySetFile, Proof, Secret
from cancellations.source.verification import clocks
from cancellations.source.verification.bearer import Algorithm, Bearer
from cancellations.source.verification.keys import HmacKey
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from cancellations.verify import STRANGER

NOW = 1_800_000_000.0
SECRET = "a-measured-user:and-a-measured-password-0123456789"  # noqa: S105 - signs nothing but these
STANDARD_SECRET = "whsec_" + base64.b64encode(SECRET.encode()[:32]).decode()

type PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

EXPRESSIONS = Expressions("acme", (compiled("body.id"),), compiled("body.session"))


@dataclass(frozen=True, slots=True)
class Subject:
    """A source, what is stored for it, and how its sender signs a body."""

    source: Source
    stored: str
    sign: Callable[[bytes, float], Delivery]


class Ring:
    """A keyring that costs nothing to ask, and has nothing for strangers."""

    def __init__(self, stored: str, fault: Exception) -> None:
        self._stored, self._fault = (Stored("current", stored),), fault

    def of(self, name: str) -> tuple[Stored, ...]:
        if STRANGER.keys == Secret(name):
            raise self._fault.with_traceback(None)
        return self._stored

    def refreshed(self, name: str) -> tuple[Stored, ...] | None:  # noqa: ARG002 - it was asked a moment ago
        return None


def subject(preset: str) -> Subject:
    scheme = PRESETS[preset].scheme
    match scheme:
        case Signed():
            return _signed(preset, replace(scheme, url="https://hooks.example.com/v1/webhooks/measured"))
        case Bearer():
            return _token(preset, scheme, SECRET, SECRET)
        case Shared():
            said = base64.b64encode(SECRET.encode()).decode() if scheme.basic else SECRET
            headers = {scheme.field.header: scheme.field.written(said)}
            return Subject(
                _source(preset, Proof(scheme, Secret(preset))),
                SECRET,
                lambda body, _: Delivery(preset, headers, body),
            )


def public_keys() -> dict[str, Subject]:
    """Signatures with public keys, which presets have as variants."""
    one, other = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
    modulus = rsa.generate_private_key(65537, 2048)
    sets: dict[Algorithm, tuple[PrivateKey, str]] = {
        "RS256": (modulus, RSAAlgorithm.to_jwk(modulus.public_key())),
        "ES256": (other, ECAlgorithm.to_jwk(other.public_key())),
        "EdDSA": (one, OKPAlgorithm.to_jwk(one.public_key())),
    }
    found = {
        f"jwt {name}": _token("jwt", Bearer(name), json.dumps({"keys": [json.loads(jwk)]}), key)
        for name, (key, jwk) in sets.items()
    }
    return {**found, "standard-webhooks v1a": _v1a(one)}


def _source(name: str, proof: Proof) -> Source:
    return Source(name, name, proof, None, EXPRESSIONS)


def _signed(preset: str, scheme: Signed) -> Subject:
    stored = STANDARD_SECRET if scheme.key == "standard" else SECRET
    [key] = scheme.keys_of(stored)

    def sign(body: bytes, now: float) -> Delivery:
        mac = scheme.sign(key, body, now, "msg_1") if isinstance(key, HmacKey) else ""
        return Delivery(preset, _headers(scheme, mac, now), body)

    return Subject(_source(preset, Proof(scheme, Secret(preset))), stored, sign)


def _headers(scheme: Signed, signature: str, now: float) -> dict[str, str]:
    headers = {scheme.signature.header: scheme.signature.written(signature)}
    if scheme.id:
        headers[scheme.id.header] = "msg_1"
    if scheme.timestamp:
        at = scheme.timestamp.written(clocks.written(now, scheme.unit))
        beside = headers.get(scheme.timestamp.header)
        headers[scheme.timestamp.header] = f"{at},{beside}" if beside else at
    return headers


def _token(name: str, scheme: Bearer, stored: str, key: PrivateKey | str) -> Subject:
    def sign(body: bytes, now: float) -> Delivery:
        claims: dict[str, object] = {"exp": int(now) + 60, "jti": "evt_1"}
        if scheme.field is None:  # the body is the token: it is as large as bodies are
            claims["padding"] = body.decode()[: len(body) * 3 // 4 - 200]
        token = jwt.encode(claims, key, scheme.algorithm)
        if scheme.field is None:
            return Delivery(name, {}, token.encode())
        return Delivery(name, {scheme.field.header: scheme.field.written(token)}, body)

    keys = Secret(name) if scheme.algorithm == "HS256" else KeySetFile(stored)
    return Subject(_source(name, Proof(scheme, keys)), stored, sign)


def _v1a(private: ed25519.Ed25519PrivateKey) -> Subject:
    scheme = PRESETS["standard-webhooks"].scheme
    assert isinstance(scheme, Signed)  # noqa: S101 - narrows the type

    def sign(body: bytes, now: float) -> Delivery:
        signed = b"msg_1.%d.%s" % (now, body)
        signature = "v1a," + base64.b64encode(private.sign(signed)).decode()
        return Delivery("v1a", _headers(scheme, signature, now), body)

    public = "whpk_" + base64.b64encode(private.public_key().public_bytes_raw()).decode()
    return Subject(_source("v1a", Proof(scheme, Secret("v1a"))), public, sign)
