"""Known answers: of published standards and vendors' documentation, and of `openssl dgst` for what none publishes."""

import base64
import hashlib
from dataclasses import replace

import pytest

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.source.presets import PRESETS
from cancellations.source.verification.bearer import Algorithm, Bearer, SharedKey, TokenKeys
from cancellations.source.verification.keys import Ed25519Key, HmacKey
from cancellations.source.verification.signed import Signed
from signing import BODY, SECRET, SENDERS, STANDARD_SECRET, judged
from token_keys import Jwk, key_set

# ── Algorithms ────────────────────────────────────────────────────────────────────────────────────

MACS = [
    # RFC 4231, sections 4.2 and 4.3: test cases 1 and 2.
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
]


@pytest.mark.parametrize(("key", "signed", "mac"), MACS)
def test_a_mac_is_that_of_rfc_4231(key: bytes, signed: bytes, mac: str) -> None:
    assert HmacKey(key).mac(signed, "hex") == mac
    assert HmacKey(key).signs(signed, [base64.b64encode(bytes.fromhex(mac)).decode()], "base64")


def test_a_mac_of_512_bits_is_that_of_rfc_4231() -> None:
    """Section 4.3: test case 2."""
    mac = (
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    )
    assert HmacKey(b"Jefe", digest="sha512").mac(b"what do ya want for nothing?", "hex") == mac


# RFC 8032, section 7.1: tests 2 and 3.
ED25519 = [
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("public", "signed", "signature"), ED25519)
def test_a_signature_of_rfc_8032_fits(public: str, signed: str, signature: str) -> None:
    written = "v1a," + base64.b64encode(bytes.fromhex(signature)).decode()
    key = Ed25519Key(bytes.fromhex(public), "v1a,")
    assert key.signs(bytes.fromhex(signed), [written], "base64")
    assert not key.signs(bytes.fromhex(signed) + b"\0", [written], "base64")


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────────

EXPIRES_AT = 1_300_819_380
CLAIMS = {"iss": "joe", "exp": EXPIRES_AT, "http://example.com/is_root": True}
_PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

# RFC 7515, appendices A.1, A.2 and A.3: one payload, three algorithms.
A1_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
A1 = f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{_PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
A2_KEY: Jwk = {
    "kty": "RSA",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-"
    "SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Ca"
    "pHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "e": "AQAB",
}
A2 = (
    f"eyJhbGciOiJSUzI1NiJ9.{_PAYLOAD}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN"
    "9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
    "cN_IoypGlUPQGe77Rw"
)
A3_KEY: Jwk = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
A3 = (
    f"eyJhbGciOiJFUzI1NiJ9.{_PAYLOAD}."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
A5 = f"eyJhbGciOiJub25lIn0.{_PAYLOAD}."

# RFC 8037, appendix A.4: the payload is a sentence and no claims.
A4_KEY: Jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
A4 = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def keys_of(algorithm: Algorithm, jwk: Jwk | None) -> tuple[TokenKeys, ...]:
    if jwk is None:
        return (SharedKey(base64.urlsafe_b64decode(A1_KEY)),)
    return Bearer(algorithm).keys_of(key_set(jwk))


def with_token(token: str) -> Delivery:
    return Delivery("crm", {"authorization": f"Bearer {token}"}, b"")


TOKENS: list[tuple[Algorithm, Jwk | None, str]] = [
    ("HS256", None, A1),
    ("RS256", A2_KEY, A2),
    ("ES256", A3_KEY, A3),
]


@pytest.mark.parametrize(("algorithm", "jwk", "token"), TOKENS, ids=["A.1", "A.2", "A.3"])
def test_a_token_of_rfc_7515_verifies(algorithm: Algorithm, jwk: Jwk | None, token: str) -> None:
    verified = Bearer(algorithm).verify(with_token(token), keys_of(algorithm, jwk), EXPIRES_AT)
    assert verified.claims == CLAIMS


@pytest.mark.parametrize(("algorithm", "jwk", "token"), TOKENS, ids=["A.1", "A.2", "A.3"])
def test_it_has_expired_since(algorithm: Algorithm, jwk: Jwk | None, token: str) -> None:
    with pytest.raises(SignatureRefused, match="expired"):
        Bearer(algorithm).verify(with_token(token), keys_of(algorithm, jwk), EXPIRES_AT + 60)


def test_the_unsecured_token_of_rfc_7515_is_refused() -> None:
    """Appendix A.5."""
    with pytest.raises(SignatureRefused, match="not signed"):
        Bearer("HS256").verify(with_token(A5), keys_of("HS256", None), EXPIRES_AT)


def test_the_signature_of_rfc_8037_fits_and_its_payload_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="not strict JSON"):
        Bearer("EdDSA").verify(with_token(A4), keys_of("EdDSA", A4_KEY), EXPIRES_AT)


# ── Vendors' documentation ────────────────────────────────────────────────────────────────────────

SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
    b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https"
    b"%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
    b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
_SVIX = {"svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "svix-timestamp": "1614265330"}

DOCUMENTED = [
    pytest.param(  # docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
        "github",
        "It's a Secret to Everybody",
        {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
        b"Hello, World!",
        0,
        id="github",
    ),
    pytest.param(  # docs.slack.dev/authentication/verifying-requests-from-slack
        "slack",
        "8f742231b10e8888abcd99yyyzzz85a5",
        {
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
        SLACK_BODY,
        1_531_420_618,
        id="slack",
    ),
    pytest.param(  # docs.svix.com/receiving/verifying-payloads/how-manual
        "svix",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        {**_SVIX, "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        b'{"test": 2432232314}',
        1_614_265_330,
        id="svix",
    ),
    pytest.param(  # github.com/svix/svix-webhooks: the test of asymmetric keys in server/svix-server/src/worker.rs
        "svix",
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
        {
            **_SVIX,
            "svix-signature": "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+"
            "m7TBAg==",
        },
        b'{"test": 2432232314}',
        1_614_265_330,
        id="svix-public-key",
    ),
]


def documented(preset: str, secret: str, headers: dict[str, str], body: bytes, now: float) -> None:
    scheme = PRESETS[preset].scheme
    assert isinstance(scheme, Signed)
    judged(replace(scheme, least=1), Delivery("crm", headers, body), secret, now=now)


@pytest.mark.parametrize(("preset", "secret", "headers", "body", "now"), DOCUMENTED)
def test_a_documented_delivery_verifies(
    preset: str, secret: str, headers: dict[str, str], body: bytes, now: float
) -> None:
    documented(preset, secret, headers, body, now)


@pytest.mark.parametrize(("preset", "secret", "headers", "body", "now"), DOCUMENTED)
def test_a_documented_delivery_with_one_byte_more_is_refused(
    preset: str, secret: str, headers: dict[str, str], body: bytes, now: float
) -> None:
    with pytest.raises(SignatureRefused):
        documented(preset, secret, headers, body + b"\n", now)


def test_the_documented_credentials_verify() -> None:
    """RFC 7617, section 2. Too short to be stored; known here by their hash."""
    delivery = Delivery("crm", {"authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}, b"")
    assert SENDERS["basic"].judged(delivery, "sha256:" + hashlib.sha256(b"Aladdin:open sesame").hexdigest())


# ── What openssl signs ────────────────────────────────────────────────────────────────────────────

# printf '%s' SIGNED | openssl dgst -sha256 -hmac SECRET -r, or -binary | base64, over BODY at NOW (see signing.py).
_BODY_HEX = "40713ffe77403700cdd00b3295ea8c9fe5dc8c2f364a6868e4744d53f5608b2b"
_STAMPED = "t=1800000000,v1=5d9402ee5deeb3e467fce129c2d27d907467fda1ef07ee81efaa6e4f1c435253"
_STANDARD = "v1,jcB2iKztslWE1AeEMdVr4PGXOkbTRMfzcQeiwrbPXhk="

OPENSSL = {
    "standard-webhooks": {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1800000000",
        "webhook-signature": _STANDARD,
    },
    "svix": {"svix-id": "msg_1", "svix-timestamp": "1800000000", "svix-signature": _STANDARD},
    "stripe": {"stripe-signature": _STAMPED},
    "calendly": {"calendly-webhook-signature": _STAMPED},
    "github": {"x-hub-signature-256": f"sha256={_BODY_HEX}"},
    "slack": {
        "x-slack-request-timestamp": "1800000000",
        "x-slack-signature": "v0=96890f2188ace04886acd440ecf603aa565b2e3627fe97c441d293fb6b153c8a",
    },
    "shopify": {"x-shopify-hmac-sha256": "QHE//ndANwDN0AsyleqMn+XcjC82Smho5HRNU/Vgiys="},
    "hubspot": {
        "x-hubspot-request-timestamp": "1800000000000",
        "x-hubspot-signature-v3": "JkixT/kr/R+uCFk4G07lFcCfvZfAEryh/zfYdnRKqoo=",
    },
    "zendesk": {
        "x-zendesk-webhook-signature-timestamp": "2027-01-15T08:00:00Z",
        "x-zendesk-webhook-signature": "G2p4TLI0qfBbRchFfrLYWeVFMU2znTO08W2+lQPDMZ8=",
    },
    "cal.com": {"x-cal-signature-256": _BODY_HEX},
    "clio": {"x-hook-signature": _BODY_HEX},
    "square": {"x-square-hmacsha256-signature": "fRMVRIcdceBCuBh0YACuqI1UJuEQzm1Qd+Juq6PtGxM="},
    "hmac": {"x-signature": _BODY_HEX},
}


@pytest.mark.parametrize("preset", OPENSSL)
def test_what_openssl_signs_verifies(preset: str) -> None:
    secret = STANDARD_SECRET if preset in ("standard-webhooks", "svix") else SECRET
    assert SENDERS[preset].judged(Delivery("crm", OPENSSL[preset], BODY), secret)


@pytest.mark.parametrize("preset", OPENSSL)
def test_the_senders_of_these_tests_sign_as_openssl_does(preset: str) -> None:
    assert SENDERS[preset].delivery().headers == OPENSSL[preset]


def test_every_preset_that_signs_is_among_them() -> None:
    assert OPENSSL.keys() == {name for name, preset in PRESETS.items() if isinstance(preset.scheme, Signed)}
