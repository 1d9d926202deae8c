"""PyJWT and joserfc sign and ours verifies, the other way round; and of what was changed all say the same."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt as jose
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.source.verification.bearer import LEEWAY_S, Algorithm, Bearer
from signing import SECRET, judged, token
from token_keys import ED25519, JWKS, P256, RSA, stored

pytestmark = pytest.mark.filterwarnings(
    "ignore:EdDSA is deprecated"
)  # RFC 9864 names it Ed25519; issuers do not yet

EVERY: tuple[Algorithm, ...] = ("HS256", "RS256", "ES256", "EdDSA")
PRIVATE: dict[Algorithm, Any] = {"HS256": SECRET, "RS256": RSA, "ES256": P256, "EdDSA": ED25519}
KINDS: dict[Algorithm, Any] = {"HS256": OctKey, "RS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey}

type Claims = dict[str, Any]


def ours(algorithm: Algorithm, presented: str) -> bool:
    delivery = Delivery("crm", {"authorization": f"Bearer {presented}"}, b"")
    try:
        return bool(judged(Bearer(algorithm), delivery, stored(algorithm), now=time.time()))
    except SignatureRefused:
        return False


def pyjwt(algorithm: Algorithm, presented: str) -> bool:
    key = SECRET if algorithm == "HS256" else PRIVATE[algorithm].public_key()
    try:
        jwt.decode(presented, key, [algorithm], options={"require": ["exp"]}, leeway=LEEWAY_S)
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return True


def joserfc(algorithm: Algorithm, presented: str) -> bool:
    key = KINDS[algorithm].import_key(SECRET if algorithm == "HS256" else JWKS[algorithm])
    try:
        found = jose.decode(presented, key, [algorithm])
        jose.JWTClaimsRegistry(leeway=LEEWAY_S, exp={"essential": True}).validate(found.claims)
    except (JoseError, ValueError, TypeError, AttributeError):
        return False
    return True


BELIEVERS: dict[str, Callable[[Algorithm, str], bool]] = {"pyjwt": pyjwt, "joserfc": joserfc}


def signed_by_pyjwt(algorithm: Algorithm, claims: Claims) -> str:
    return jwt.encode(claims, PRIVATE[algorithm], algorithm, headers={"kid": "one"})


def signed_by_joserfc(algorithm: Algorithm, claims: Claims) -> str:
    private = PRIVATE[algorithm]
    if algorithm != "HS256":
        private = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return jose.encode(
        {"alg": algorithm, "kid": "one"}, claims, KINDS[algorithm].import_key(private), [algorithm]
    )


SIGNERS = {"pyjwt": signed_by_pyjwt, "joserfc": signed_by_joserfc}

scalars = st.text() | st.integers() | st.booleans() | st.none()
payloads = st.dictionaries(
    st.text(st.sampled_from("abcxyz"), min_size=5), scalars | st.lists(scalars, max_size=2), max_size=4
)
ahead = st.integers(-LEEWAY_S + 30, 1_000)
seldom = settings(max_examples=30, deadline=None)


@pytest.mark.parametrize("signer", SIGNERS)
@pytest.mark.parametrize("algorithm", EVERY)
@given(payload=payloads, ahead=ahead)
@seldom
def test_what_they_sign_verifies_here(signer: str, algorithm: Algorithm, payload: Claims, ahead: int) -> None:
    assert ours(algorithm, SIGNERS[signer](algorithm, {"exp": int(time.time()) + ahead, **payload}))


@pytest.mark.parametrize("believer", BELIEVERS)
@given(payload=payloads, ahead=ahead)
@seldom
def test_they_believe_what_the_senders_of_these_tests_sign(
    believer: str, payload: Claims, ahead: int
) -> None:
    assert BELIEVERS[believer]("HS256", token({"exp": int(time.time()) + ahead, **payload}))


@pytest.mark.parametrize("believer", BELIEVERS)
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@given(off=st.integers(-1_000, 1_000).filter(lambda off: abs(abs(off) - LEEWAY_S) > 5))
@seldom
def test_all_say_the_same_of_its_times(believer: str, name: str, off: int) -> None:
    now = int(time.time())
    presented = token({"exp": now + 60, name: now + off})
    assert ours("HS256", presented) is BELIEVERS[believer]("HS256", presented)


SIGNED = {algorithm: signed_by_pyjwt(algorithm, {"exp": 4_000_000_000}) for algorithm in EVERY}


@pytest.mark.parametrize("believer", BELIEVERS)
@pytest.mark.parametrize("algorithm", EVERY)
@given(
    place=st.floats(0, 1, exclude_max=True),
    sign=st.characters(min_codepoint=1, max_codepoint=0x7F),
    more=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_all_refuse_a_token_of_which_one_sign_was_changed(
    believer: str, algorithm: Algorithm, place: float, sign: str, *, more: bool
) -> None:
    right = SIGNED[algorithm]
    at = int(place * len(right))
    changed = (right[:at] + sign + right[at + (not more) :]).strip(" ")  # spaces around it are the header's
    assert ours(algorithm, changed) is BELIEVERS[believer](algorithm, changed) is (changed == right)


# ── Where they believe what is refused here ───────────────────────────────────────────────────────

EXP = 4_000_000_000


def with_header(written: bytes) -> str:
    return token({"exp": EXP}, written=written)


THEY_BELIEVE: dict[str, tuple[str, tuple[str, ...]]] = {
    "a header with the algorithm twice": (with_header(b'{"alg":"none","alg":"HS256"}'), ("pyjwt", "joserfc")),
    "a header in UTF-16": (with_header('{"alg":"HS256"}'.encode("utf-16")), ("pyjwt", "joserfc")),
    "a header with a byte order mark": (with_header(b'\xef\xbb\xbf{"alg":"HS256"}'), ("pyjwt", "joserfc")),
    "critical b64": (with_header(b'{"alg":"HS256","b64":true,"crit":["b64"]}'), ("pyjwt", "joserfc")),
    "a claim twice": (token(b'{"exp":1,"exp":4000000000}'), ("pyjwt", "joserfc")),
    "claims in UTF-16": (token('{"exp":4000000000}'.encode("utf-16")), ("pyjwt", "joserfc")),
    "a time of issue as text": (token({"exp": EXP, "iat": "0"}), ("pyjwt",)),
    "an expiry as text": (token({"exp": str(EXP)}), ("pyjwt",)),
}


@pytest.mark.parametrize(("presented", "believers"), THEY_BELIEVE.values(), ids=THEY_BELIEVE)
def test_they_believe_what_is_refused_here(presented: str, believers: tuple[str, ...]) -> None:
    assert tuple(name for name, believes in BELIEVERS.items() if believes("HS256", presented)) == believers
    assert not ours("HS256", presented)


def test_a_token_without_expiry_is_believed_by_all_who_are_not_told_otherwise() -> None:
    presented = token({"jti": "1"})
    assert jwt.decode(presented, SECRET, ["HS256"]) == {"jti": "1"}
    found = jose.decode(presented, OctKey.import_key(SECRET), ["HS256"])
    jose.JWTClaimsRegistry().validate(found.claims)
    assert not ours("HS256", presented)


def test_a_token_that_is_meant_for_others_is_looked_at_only_where_an_audience_is_configured() -> None:
    """PyJWT refuses `aud` where none is expected; joserfc and ours do not."""
    presented = token({"exp": EXP, "aud": "others"})
    assert (ours("HS256", presented), joserfc("HS256", presented), pyjwt("HS256", presented)) == (
        True,
        True,
        False,
    )
