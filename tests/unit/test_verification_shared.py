import base64
import hashlib

import pytest

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.source.verification.headers import Field
from cancellations.source.verification.shared import BASIC as CREDENTIALS
from cancellations.source.verification.shared import Shared
from signing import BASIC_SECRET, NOW, SECRET, SENDERS, judged

API_KEY, BASIC = SENDERS["api-key"], SENDERS["basic"]
HASHED = "sha256:" + hashlib.sha256(SECRET.encode()).hexdigest()
OTHER = SECRET[::-1]


def with_key(value: str) -> Delivery:
    return API_KEY.delivery(headers={"x-api-key": value})


def with_credentials(said: str | bytes, kind: str = "Basic") -> Delivery:
    raw = said.encode() if isinstance(said, str) else said
    return BASIC.delivery(headers={"authorization": f"{kind} {base64.b64encode(raw).decode()}"})


def with_authorization(header: str | None) -> Delivery:
    return BASIC.delivery(headers={"authorization": header})


# ── API keys ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stored", [SECRET, HASHED], ids=["as-it-is", "as-its-hash"])
def test_the_key_verifies(stored: str) -> None:
    assert API_KEY.judged(with_key(SECRET), stored).matched == 0


@pytest.mark.parametrize("stored", [SECRET, HASHED], ids=["as-it-is", "as-its-hash"])
@pytest.mark.parametrize(
    "value",
    [
        OTHER,
        SECRET.upper(),
        SECRET + " ",
        " " + SECRET,
        SECRET[:-1],
        f"{SECRET}, {SECRET}",
        f"Bearer {SECRET}",
        HASHED,
    ],
    ids=[
        "other",
        "upper-case",
        "blank-after",
        "blank-before",
        "shorter",
        "twice",
        "bearer",
        "the-hash-itself",
    ],
)
def test_another_value_is_refused(stored: str, value: str) -> None:
    with pytest.raises(SignatureRefused):
        API_KEY.judged(with_key(value), stored)


@pytest.mark.parametrize("value", [None, "", "é", "\ud800", "x" * 8193])
def test_a_missing_endless_or_unreadable_header_is_refused(value: str | None) -> None:
    with pytest.raises(SignatureRefused):
        API_KEY.judged(API_KEY.delivery(headers={"x-api-key": value}))


def test_the_header_may_be_another_one() -> None:
    scheme = Shared(Field("x-token"))
    assert judged(scheme, Delivery("crm", {"x-token": SECRET}, b""), SECRET)
    with pytest.raises(SignatureRefused):
        judged(scheme, Delivery("crm", {"x-api-key": SECRET}, b""), SECRET)


def test_of_several_keys_the_one_that_fits_is_named() -> None:
    found = [
        API_KEY.judged(with_key(SECRET), *stored).matched for stored in ((OTHER, HASHED), (SECRET, OTHER))
    ]
    assert found == [1, 0]


# ── Stored secrets ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param("sha256:" + HASHED[7:].upper(), id="upper-case-digits"),
        pytest.param(HASHED[:-1], id="63-digits"),
        pytest.param(HASHED + "0", id="65-digits"),
        pytest.param(HASHED + "\n", id="line-end"),
        pytest.param("sha256:", id="no-digits"),
        pytest.param("sha256:" + "\u0661" * 64, id="arabic-digits"),
        pytest.param("sha256:" + hashlib.sha256().hexdigest(), id="of-nothing"),
        pytest.param("key with\ttab 0123456789 0123456789", id="tab"),
        pytest.param("é" * 32, id="not-ascii"),
        pytest.param("\ud800" * 32, id="surrogates"),
        pytest.param(SECRET + "\n", id="key-with-a-line-end"),
    ],
)
def test_what_no_header_can_carry_is_a_fault(stored: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|is|has) "):
        API_KEY.scheme.keys_of(stored)


def test_basic_credentials_without_a_colon_are_a_fault() -> None:
    with pytest.raises(ValueError, match=r"^must be user:password$"):
        BASIC.scheme.keys_of(SECRET)


@pytest.mark.parametrize("stored", ["sup3rS3cret", "sha256:sup3rS3cret", "sup3rS3cret\t" * 4])
def test_the_fault_of_a_secret_does_not_contain_it(stored: str) -> None:
    with pytest.raises(ValueError, match=r".") as fault:
        API_KEY.scheme.keys_of(stored)
    assert "sup3rS3cret" not in str(fault.value)


# ── Basic authentication ──────────────────────────────────────────────────────────────────────────


def test_a_password_may_hold_colons() -> None:
    assert BASIC_SECRET.count(":") > 1
    assert BASIC.judged(with_credentials(BASIC_SECRET))


def test_credentials_may_be_stored_as_their_hash() -> None:
    stored = "sha256:" + hashlib.sha256(BASIC_SECRET.encode()).hexdigest()
    assert BASIC.judged(with_credentials(BASIC_SECRET), stored)


@pytest.mark.parametrize("kind", ["Basic", "basic", "BASIC", "Basic  ", " Basic", ""])
def test_the_scheme_is_written_in_any_case_or_missing(kind: str) -> None:
    assert BASIC.judged(with_credentials(BASIC_SECRET, kind))


@pytest.mark.parametrize("kind", ["Bearer", "Digest", "Basic Basic", "Basic\t", "Basic,"])
def test_another_scheme_is_refused(kind: str) -> None:
    with pytest.raises(SignatureRefused):
        BASIC.judged(with_credentials(BASIC_SECRET, kind))


@pytest.mark.parametrize(
    "said",
    [
        "crm:with",
        BASIC_SECRET.replace("crm", "CRM"),
        BASIC_SECRET.partition(":")[2],
        BASIC_SECRET + "\n",
        BASIC_SECRET + ":",
        "",
        b"\xff\xfe",
    ],
)
def test_other_credentials_are_refused(said: str | bytes) -> None:
    with pytest.raises(SignatureRefused):
        BASIC.judged(with_credentials(said))


RIGHT = base64.b64encode(BASIC_SECRET.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        f"Basic {BASIC_SECRET}",
        "Basic !!!!",
        f"Basic {RIGHT}=",
        f"Basic {RIGHT},",
    ],
)
def test_malformed_credentials_are_refused(header: str | None) -> None:
    with pytest.raises(SignatureRefused):
        BASIC.judged(with_authorization(header))


def test_malformed_credentials_are_refused_even_where_somebody_stored_the_hash_of_nothing() -> None:
    with pytest.raises(SignatureRefused):
        Shared(CREDENTIALS, basic=True).verify(
            with_authorization("Basic !!!!"), (hashlib.sha256().digest(),), NOW
        )
