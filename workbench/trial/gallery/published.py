"""The test secrets and test keys of the samples. Everybody knows them: they are derived from names, here."""

import hashlib
import json
from collections.abc import Iterator, Mapping

from cancellations.configuration import Source
from cancellations.domain import Json
from cancellations.source.proof import KeySetFile, Proof
from stack.issued import form_of
from trial.signing import PrivateKey, SigningKey

AT = 1_795_197_600
"""When the samples were signed: 2026-11-20T18:00:00Z."""

CRM_SECRET = "whsec_dGhpcyBpcyBhIHRlc3Qga2V5IG9mIDMyIGJ5dGVzLi4="  # noqa: S105 - published, for tests alone

KEY_PAIRS: Mapping[str, str] = {"jwt-es256": "ES256", "jwt-eddsa": "EdDSA"}
"""Sources whose senders keep a private key, and its algorithm."""


def signing_key(source: Source) -> SigningKey | None:
    """None for a source whose arrivals nobody signs, or nobody but its sender could."""
    match source.proof:
        case Proof(keys=KeySetFile(document)) if source.name in KEY_PAIRS:
            key = private_key(source.name)
            return key if public_part(key) in json.loads(document)["keys"] else None
    return secret(source)


def secret(source: Source) -> str | None:
    form = form_of(source)
    if source.name == "example-crm":
        return CRM_SECRET
    drawn = _drawn(f"test secret of {source.name}")
    return form.made_up(lambda size: next(drawn)[:size]) if form else None


def private_key(name: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415 - heavy, and rarely needed
    from jwt.algorithms import ECAlgorithm, OKPAlgorithm  # noqa: PLC0415 - as above

    seed = next(_drawn(f"test key of {name}"))
    if KEY_PAIRS[name] == "ES256":
        curve = ec.SECP256R1()
        written = ECAlgorithm.to_jwk(ec.derive_private_key(int.from_bytes(seed) >> 1, curve))
    else:
        written = OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    return PrivateKey({**json.loads(written), "kid": name})


def public_part(key: PrivateKey) -> dict[str, Json]:
    return {name: part for name, part in key.jwk.items() if name != "d"}


def key_set() -> dict[str, Json]:
    """What verifiers may know of all key pairs."""
    return {"keys": [public_part(private_key(name)) for name in KEY_PAIRS]}


def _drawn(what: str) -> Iterator[bytes]:
    """The same bytes in every run."""
    number = 0
    while True:
        yield hashlib.sha256(f"{what} {number}".encode()).digest()
        number += 1
