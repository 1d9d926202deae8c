"""Tokens that lie about themselves (RFC 8725, sections 2 and 3): all are refused, whatever their header says."""

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.source.verification import Verified
from cancellations.source.verification.bearer import Algorithm, Bearer
from signing import SECRET, claims, judged, token, url64
from token_keys import ED25519, JWKS, P256, RSA, Jwk, content, made, signature, stored


def verified(algorithm: Algorithm, presented: str, *secrets: str) -> Verified:
    delivery = Delivery("crm", {"authorization": f"Bearer {presented}"}, b"")
    return judged(Bearer(algorithm), delivery, *(secrets or (stored(algorithm),)))


def refused(algorithm: Algorithm, presented: str, *secrets: str) -> None:
    with pytest.raises(SignatureRefused):
        verified(algorithm, presented, *secrets)


EVERY: tuple[Algorithm, ...] = ("HS256", "RS256", "ES256", "EdDSA")


@pytest.mark.parametrize("algorithm", EVERY)
def test_a_token_of_the_configured_algorithm_is_believed(algorithm: Algorithm) -> None:
    assert verified(algorithm, made(algorithm)).claims == claims()


# ── The algorithm ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("algorithm", EVERY)
@pytest.mark.parametrize("other", EVERY)
def test_a_token_of_another_algorithm_is_refused(algorithm: Algorithm, other: Algorithm) -> None:
    if algorithm != other:
        refused(algorithm, made(other))


@pytest.mark.parametrize("algorithm", EVERY)
@pytest.mark.parametrize(
    "said", ["none", "None", "NONE", "", None, "hs256", "HS384", "PS256", ["HS256"], {"alg": 1}, 0, True]
)
def test_what_a_token_says_of_its_algorithm_is_not_believed(algorithm: Algorithm, said: object) -> None:
    refused(algorithm, made(algorithm, alg=said))


@pytest.mark.parametrize("algorithm", EVERY)
@pytest.mark.parametrize("said", ["none", "None", "nOnE", ""])
def test_a_token_that_nobody_signed_is_refused(algorithm: Algorithm, said: str) -> None:
    for signed in (content(alg=said), content(alg=algorithm), content()):
        refused(algorithm, f"{signed}.")


def public_spellings(algorithm: Algorithm) -> list[bytes]:
    publics: dict[str, PublicKeyTypes] = {
        "RS256": RSA.public_key(),
        "ES256": P256.public_key(),
        "EdDSA": ED25519.public_key(),
    }
    public = publics[algorithm]
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return [
        pem,
        pem.strip(),
        der,
        base64.b64encode(der),
        stored(algorithm).encode(),
        json.dumps(JWKS[algorithm]).encode(),
    ]


@pytest.mark.parametrize("algorithm", [name for name in EVERY if name != "HS256"])
def test_a_mac_made_with_the_public_key_is_refused(algorithm: Algorithm) -> None:
    for key in public_spellings(algorithm):
        signed = content(alg="HS256", kid="one")
        refused(algorithm, f"{signed}.{url64(hmac.digest(key, signed.encode(), 'sha256'))}")


@pytest.mark.parametrize("algorithm", [name for name in EVERY if name != "HS256"])
def test_a_public_key_is_a_fault_where_a_shared_one_is_expected(algorithm: Algorithm) -> None:
    for key in public_spellings(algorithm):
        try:
            secret = key.decode()
        except UnicodeDecodeError:
            continue
        with pytest.raises(ValueError, match=r"^is one key of a pair"):
            Bearer("HS256").keys_of(secret)


# ── The header ────────────────────────────────────────────────────────────────────────────────────

ATTACKER = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
ATTACKERS: Jwk = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": url64(ATTACKER.public_key().public_bytes_raw()),
    "kid": "one",
}


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": ATTACKERS},
        {"jku": "https://attacker.example.com/keys.json"},
        {"x5u": "https://attacker.example.com/cert.pem"},
        {"x5c": ["MIIB"]},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1"},
        {"kid": "https://attacker.example.com/keys.json"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_key_that_the_token_brings_or_names_is_never_used(header: dict[str, object]) -> None:
    signed = content(**{"alg": "EdDSA", **header})
    refused("EdDSA", f"{signed}.{url64(ATTACKER.sign(signed.encode()))}")


@pytest.mark.parametrize(
    "header", [{"jku": "https://a.example.com"}, {"x5u": "https://a.example.com"}, {"jwk": ATTACKERS}]
)
def test_a_right_token_that_names_other_keys_is_believed_for_its_signature_alone(
    header: dict[str, object],
) -> None:
    assert verified("EdDSA", made("EdDSA", **header)).claims == claims()


@pytest.mark.parametrize("algorithm", EVERY)
@pytest.mark.parametrize("crit", [["exp"], ["b64"], ["unknown"], [], None, "exp", {}])
def test_a_token_with_critical_headers_is_refused(algorithm: Algorithm, crit: object) -> None:
    """RFC 7515, section 4.1.11: what is not understood and critical; nothing critical is understood here."""
    refused(algorithm, made(algorithm, crit=crit, exp=1, unknown=1))


def test_a_payload_that_is_not_encoded_is_refused() -> None:
    """RFC 7797: `b64` false."""
    for header in ({"b64": False, "crit": ["b64"]}, {"b64": True, "crit": ["b64"]}, {"b64": False}):
        refused("HS256", made("HS256", **header))


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(b'{"alg":"none","alg":"HS256"}', id="alg-twice"),
        pytest.param(b'{"alg":"HS256","kid":"a","kid":"b"}', id="kid-twice"),
        pytest.param(b'\xef\xbb\xbf{"alg":"HS256"}', id="bom"),
        pytest.param('{"alg":"HS256"}'.encode("utf-16"), id="utf-16"),
        pytest.param(b'{"alg":"HS256","a":NaN}', id="nan"),
        pytest.param(b'{"alg":"HS256","a":' + b"[" * 40 + b"]" * 40 + b"}", id="deep"),
        pytest.param(b'{"alg":"HS256","a":' + b"[" * 2000, id="deeper"),
        pytest.param(b'{"alg":"HS256","a":' + b"9" * 5000 + b"}", id="endless-number"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'"HS256"', id="text"),
        pytest.param(b"\xff", id="not-utf-8"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_header_that_is_no_object_of_strict_json_is_refused_though_it_is_signed(written: bytes) -> None:
    refused("HS256", token(claims(), written=written))


# ── Spellings ─────────────────────────────────────────────────────────────────────────────────────

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("algorithm", EVERY)
def test_another_spelling_of_the_right_signature_is_refused(algorithm: Algorithm) -> None:
    right = made(algorithm)
    head, _, bare = right.rpartition(".")
    # 32, 64 and 256 bytes leave two or four bits of nothing in the last sign.
    others = [f"{head}.{bare[:-1]}{sign}" for sign in ALPHABET if sign != bare[-1]]
    same = [one for one in others if _decoded(one) == _decoded(right)]
    assert same
    for presented in same:
        refused(algorithm, presented)


def _decoded(presented: str) -> bytes:
    bare = presented.rpartition(".")[2]
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


@pytest.mark.parametrize("algorithm", EVERY)
def test_a_token_in_another_form_is_refused(algorithm: Algorithm) -> None:
    right = made(algorithm)
    head, body, bare = right.split(".")
    for presented in (
        right + "=",
        right + ".",
        "." + right,
        right + " x",
        right + "\n",
        right.replace(".", "..", 1),
        f"{head}.{body}",
        f"{head}..{bare}",
        f".{body}.{bare}",
        f"{head}=.{body}.{bare}",
        f"{head}.{body}=.{bare}",
        f"{right}.{head}.{body}",
        f"{right}, {right}",
        right.replace("-", "+").replace("_", "/") + "+",
        json.dumps({"payload": body, "protected": head, "signature": bare}),
    ):
        refused(algorithm, presented)


@pytest.mark.parametrize("algorithm", EVERY)
def test_a_token_of_which_one_sign_was_changed_is_refused(algorithm: Algorithm) -> None:
    right = made(algorithm)
    for place in range(0, len(right), 7):
        refused(algorithm, f"{right[:place]}{'A' if right[place] != 'A' else 'B'}{right[place + 1 :]}")


@pytest.mark.parametrize(("r", "s"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_a_signature_of_zeros_is_refused(r: int, s: int) -> None:
    signed = content(alg="ES256")
    refused("ES256", f"{signed}.{url64(r.to_bytes(32) + s.to_bytes(32))}")


def test_a_signature_in_der_is_refused() -> None:
    """RFC 7518, section 3.4: R and S, 32 bytes each, and no other form."""
    signed = content(alg="ES256")
    raw = signature("ES256", signed.encode())
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    refused("ES256", f"{signed}.{url64(der)}")


def test_a_hash_of_the_secret_is_not_the_secret() -> None:
    signed = content(alg="HS256")
    mac = hmac.digest(hashlib.sha256(SECRET.encode()).digest(), signed.encode(), "sha256")
    refused("HS256", f"{signed}.{url64(mac)}")
