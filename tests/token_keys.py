"""Keys of every algorithm that tokens are verified with, their public parts as senders publish them, and tokens."""

import hmac
import json

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from cancellations.source.verification.bearer import Algorithm
from signing import SECRET, claims, url64

RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.derive_private_key(20_261_122, ec.SECP256R1())
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

type Jwk = dict[str, object]


def number(value: int, length: int | None = None) -> str:
    return url64(value.to_bytes(length or (value.bit_length() + 7) // 8))


POINT, MODULUS = P256.public_key().public_numbers(), RSA.public_key().public_numbers()
JWKS: dict[Algorithm, Jwk] = {
    "RS256": {"kty": "RSA", "n": number(MODULUS.n), "e": number(MODULUS.e)},
    "ES256": {"kty": "EC", "crv": "P-256", "x": number(POINT.x, 32), "y": number(POINT.y, 32)},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519", "x": url64(ED25519.public_key().public_bytes_raw())},
}


def key_set(*jwks: Jwk) -> str:
    return json.dumps({"keys": jwks})


def signature(algorithm: Algorithm, signed: bytes) -> bytes:
    match algorithm:
        case "HS256":
            return hmac.digest(SECRET.encode(), signed, "sha256")
        case "RS256":
            return RSA.sign(signed, padding.PKCS1v15(), SHA256())
        case "ES256":
            r, s = decode_dss_signature(P256.sign(signed, ec.ECDSA(SHA256())))
            return r.to_bytes(32) + s.to_bytes(32)
        case "EdDSA":
            return ED25519.sign(signed)


def content(**header: object) -> str:
    """What is signed of a token: its header and the claims of signing.py."""
    return f"{url64(json.dumps(header).encode())}.{url64(json.dumps(claims()).encode())}"


def made(algorithm: Algorithm, **header: object) -> str:
    signed = content(**{"alg": algorithm, **header})
    return f"{signed}.{url64(signature(algorithm, signed.encode()))}"


def stored(algorithm: Algorithm) -> str:
    return SECRET if algorithm == "HS256" else key_set({**JWKS[algorithm], "kid": "one"})
