import base64
import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding as Coding
from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat, PublicFormat

from cancellations.source.verification.keys import FORMS, Ed25519Key, HmacKey, KeyForm, key_of
from signing import KEY, SECRET, STANDARD_SECRET, url64

BASE64 = base64.b64encode(KEY).decode()
PRIVATE = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key()
RAW = PUBLIC.public_bytes_raw()


# ── What a secret holds ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("form", "secret", "key"),
    [
        ("text", SECRET, SECRET.encode()),
        ("text", "whsec_" + BASE64, f"whsec_{BASE64}".encode()),
        ("text", "ä" * 16, "ä".encode() * 16),
        ("base64", BASE64, KEY),
        ("hex", KEY.hex(), KEY),
        ("hex", KEY.hex().upper(), KEY),
        ("standard", STANDARD_SECRET, KEY),
        ("standard", BASE64, KEY),
    ],
)
def test_a_secret_holds_its_key_in_the_form_that_is_configured(
    form: KeyForm, secret: str, key: bytes
) -> None:
    found = key_of(secret, form, 32)
    assert isinstance(found, HmacKey)
    assert found.key == key


@pytest.mark.parametrize("form", FORMS)
def test_a_key_of_the_least_length_is_enough(form: KeyForm) -> None:
    assert key_of(a_secret(KEY, form), form, len(KEY))


@pytest.mark.parametrize("form", FORMS)
def test_a_key_one_byte_shorter_is_a_fault(form: KeyForm) -> None:
    with pytest.raises(ValueError, match=r"^holds 31 bytes; at least 32 are needed$"):
        key_of(a_secret(KEY[:-1], form), form, len(KEY))


def test_the_length_that_counts_is_that_of_the_key_and_not_of_its_digits() -> None:
    with pytest.raises(ValueError, match=r"^holds 16 bytes"):
        key_of(KEY[:16].hex(), "hex", 32)


def a_secret(key: bytes, form: KeyForm) -> str:
    match form:
        case "text":
            return key.decode()
        case "hex":
            return key.hex()
        case "base64":
            return base64.b64encode(key).decode()
        case "standard":
            return "whsec_" + base64.b64encode(key).decode()


@pytest.mark.parametrize(
    ("form", "secret"),
    [
        pytest.param("base64", BASE64.rstrip("="), id="no-padding"),
        pytest.param("base64", BASE64 + "\n", id="line-end"),
        pytest.param("base64", BASE64[:4] + " " + BASE64[4:], id="blank-inside"),
        pytest.param("base64", BASE64[:-2] + "N=", id="bits-that-say-nothing"),
        pytest.param("base64", base64.urlsafe_b64encode(b"\xfb\xff" * 17).decode(), id="other-alphabet"),
        pytest.param("base64", "é" * 44, id="not-ascii"),
        pytest.param("hex", KEY.hex()[:-1], id="half-a-byte"),
        pytest.param("hex", "0x" + KEY.hex(), id="0x"),
        pytest.param("hex", KEY.hex()[:32] + " " + KEY.hex()[32:], id="blank-in-hex"),
        pytest.param("hex", "\u0661" * 64, id="arabic-digits"),
        pytest.param("hex", "", id="no-hex"),
        pytest.param("standard", STANDARD_SECRET.replace("whsec_", "WHSEC_"), id="upper-case-prefix"),
        pytest.param("standard", "whsec_whsec_" + BASE64, id="prefix-twice"),
        pytest.param("standard", "whsec_", id="prefix-alone"),
        pytest.param("standard", "whsk_" + BASE64, id="private-key"),
        pytest.param("text", "", id="no-text"),
        pytest.param("text", "\ud800" * 32, id="surrogates"),
    ],
)
def test_an_unreadable_secret_is_a_fault(form: KeyForm, secret: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        key_of(secret, form, 24)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", ["sup3rS3cret", "whsec_sup3rS3cret", "whpk_sup3rS3cret", "sup3rS3cret!"])
def test_the_fault_of_a_secret_does_not_contain_it(form: KeyForm, secret: str) -> None:
    with pytest.raises(ValueError, match=r".") as fault:
        key_of(secret, form, 32)
    assert "sup3rS3cret" not in str(fault.value)


@pytest.mark.parametrize("secret", [SECRET, STANDARD_SECRET])
def test_a_key_is_not_shown_where_it_is_printed(secret: str) -> None:
    assert secret not in repr(key_of(secret, "text", 32))


# ── Public keys are no shared secrets ─────────────────────────────────────────────────────────────


def of_pairs() -> list[tuple[str, str]]:
    point = ec.generate_private_key(ec.SECP256R1())
    modulus = rsa.generate_private_key(65537, 2048)
    publics: dict[str, PublicKeyTypes] = {
        "p256": point.public_key(),
        "rsa": modulus.public_key(),
        "ed25519": PUBLIC,
    }
    found = []
    for name, public in publics.items():
        pem = public.public_bytes(Coding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        der = public.public_bytes(Coding.DER, PublicFormat.SubjectPublicKeyInfo)
        ssh = public.public_bytes(Coding.OpenSSH, PublicFormat.OpenSSH).decode()
        found += [
            (f"{name}-pem", pem),
            (f"{name}-pem-after-blanks", f" \n{pem}"),
            (f"{name}-der", base64.b64encode(der).decode()),
            (f"{name}-ssh", ssh),
        ]
    private = point.private_bytes(Coding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": url64(RAW)}
    return [
        *found,
        ("pem-of-a-private-key", private),
        ("standard-webhooks", "whpk_" + base64.b64encode(RAW).decode()),
        ("standard-webhooks-private", "whsk_" + base64.b64encode(RAW).decode()),
        ("jwk", json.dumps(jwk)),
        ("jwks", json.dumps({"keys": [jwk]}, indent=2)),
    ]


@pytest.mark.parametrize("secret", [pytest.param(secret, id=name) for name, secret in of_pairs()])
@pytest.mark.parametrize("form", FORMS)
def test_one_key_of_a_pair_never_becomes_a_shared_secret(form: KeyForm, secret: str) -> None:
    try:
        key = key_of(secret, form, 24)
    except ValueError:
        return
    assert isinstance(key, Ed25519Key)


def test_random_bytes_that_begin_like_a_public_key_are_a_key() -> None:
    key = b"\x30\x2a\x30\x05\x06" + bytes(range(27))
    assert key_of(base64.b64encode(key).decode(), "base64", 32)


# ── Keys with which senders sign, and ours verify ─────────────────────────────────────────────────


def test_a_public_key_may_be_raw_or_as_openssl_writes_it() -> None:
    der = PUBLIC.public_bytes(Coding.DER, PublicFormat.SubjectPublicKeyInfo)
    keys = {key_of("whpk_" + base64.b64encode(raw).decode(), "standard", 24) for raw in (RAW, der)}
    assert keys == {Ed25519Key(RAW, "v1a,")}


@pytest.mark.parametrize("raw", [RAW[:-1], RAW + b"\0", b"", bytes(12) + RAW, RAW * 2])
def test_a_public_key_of_another_length_is_a_fault(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"^must"):
        key_of("whpk_" + base64.b64encode(raw).decode(), "standard", 24)


def v1a(signed: bytes) -> str:
    return "v1a," + base64.b64encode(PRIVATE.sign(signed)).decode()


ED25519 = Ed25519Key(RAW, "v1a,")


def test_a_signature_of_the_private_key_fits() -> None:
    assert ED25519.signs(b"signed", ["v1a,", "v1,AAAA", v1a(b"signed")], "base64")


@pytest.mark.parametrize(
    "presented",
    [
        pytest.param(v1a(b"other"), id="of-other-bytes"),
        pytest.param(v1a(b"signed").removeprefix("v1a,"), id="no-version"),
        pytest.param(v1a(b"signed").replace("v1a,", "v1,"), id="v1"),
        pytest.param(v1a(b"signed").rstrip("="), id="no-padding"),
        pytest.param(v1a(b"signed") + "\n", id="line-end"),
        pytest.param(v1a(b"signed")[:-3] + "B==", id="bits-that-say-nothing"),
        pytest.param("v1a," + base64.b64encode(bytes(64)).decode(), id="zeros"),
        pytest.param("v1a," + base64.b64encode(PRIVATE.sign(b"signed")[:63]).decode(), id="63-bytes"),
        pytest.param(
            "v1," + base64.b64encode(hmac.digest(RAW, b"signed", "sha256")).decode(), id="mac-by-it"
        ),
        pytest.param(
            "v1a," + base64.b64encode(hmac.digest(RAW, b"signed", "sha512")).decode(), id="mac-as-v1a"
        ),
    ],
)
def test_no_other_signature_fits_a_public_key(presented: str) -> None:
    assert not ED25519.signs(b"signed", [presented], "base64")


def test_a_signature_with_the_group_order_added_does_not_fit() -> None:
    """RFC 8032, section 5.1.7: S is below L, or one signature would have several spellings."""
    order = 2**252 + 27742317777372353535851937790883648493
    right = PRIVATE.sign(b"signed")
    other = right[:32] + (int.from_bytes(right[32:], "little") + order).to_bytes(32, "little")
    assert not ED25519.signs(b"signed", ["v1a," + base64.b64encode(other).decode()], "base64")


@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_a_mac_of_the_configured_digest_fits_and_of_another_does_not(digest: str) -> None:
    for configured in ("sha256", "sha512"):
        key = HmacKey(KEY, digest=configured)
        presented = hmac.digest(KEY, b"signed", digest).hex()
        assert key.signs(b"signed", [presented], "hex") == (digest == configured)
