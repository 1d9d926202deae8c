"""What a rightly signed token must say, and where it is looked for."""

import json

import pytest

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.source.verification import Verified
from cancellations.source.verification.bearer import LEEWAY_S, MAX_TOKEN_CHARS, Bearer
from cancellations.source.verification.headers import Field
from signing import NOW, SECRET, SENDERS, claims, judged, token

OTHER_SECRET = SECRET[::-1]


def verified(said: object, scheme: Bearer | None = None, *secrets: str, now: float = NOW) -> Verified:
    delivery = Delivery("crm", {"authorization": f"Bearer {token(said)}"}, b"")
    return judged(scheme or Bearer("HS256"), delivery, *(secrets or (SECRET,)), now=now)


def refused(said: object, scheme: Bearer | None = None, now: float = NOW) -> None:
    with pytest.raises(SignatureRefused):
        verified(said, scheme, now=now)


def test_the_claims_are_handed_on_as_they_are() -> None:
    said = claims(sub="crm", amount=1.5, nested={"a": [None, True]})
    assert verified(said).claims == said


# ── Times ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("off", [1 - LEEWAY_S, 0, 0.5, 10**9])
def test_a_token_is_believed_until_it_expires_and_a_minute_more(off: float) -> None:
    assert verified(claims(exp=NOW + off))


@pytest.mark.parametrize("off", [-LEEWAY_S, -LEEWAY_S - 0.5, -(10**9)])
def test_an_expired_token_is_refused(off: float) -> None:
    refused(claims(exp=NOW + off))


@pytest.mark.parametrize("without", [{"jti": "1"}, {"exp": None, "jti": "1"}], ids=["missing", "null"])
def test_a_token_that_never_expires_is_refused(without: object) -> None:
    refused(without)


@pytest.mark.parametrize("name", ["nbf", "iat"])
@pytest.mark.parametrize("off", [-(10**9), 0, LEEWAY_S])
def test_a_token_from_now_on_is_believed_and_a_minute_before(name: str, off: float) -> None:
    assert verified(claims(**{name: NOW + off}))


@pytest.mark.parametrize("name", ["nbf", "iat"])
@pytest.mark.parametrize("off", [LEEWAY_S + 1, LEEWAY_S + 0.5, 10**9])
def test_a_token_from_the_future_is_refused(name: str, off: float) -> None:
    refused(claims(NOW + 2 * 10**9, **{name: NOW + off}))


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["1800000060", True, [1800000060], {}, "", "now"])
def test_a_time_that_is_no_number_is_refused(name: str, value: object) -> None:
    refused(claims(**{name: value}))


@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_a_time_that_is_null_or_zero_says_nothing(name: str) -> None:
    assert verified(claims(**{name: None}))
    assert verified(claims(**{name: 0}))


@pytest.mark.parametrize("digits", ["1" + "0" * 400, "9" * 4000])
def test_a_time_of_endless_digits_is_compared_like_any_other(digits: str) -> None:
    assert verified(b'{"exp":%s}' % digits.encode())
    refused(b'{"exp":-%s}' % digits.encode())
    refused(b'{"exp":1800000060,"nbf":%s}' % digits.encode())


@pytest.mark.parametrize("exp", ["NaN", "Infinity", "1e400"])
def test_a_time_that_json_does_not_know_is_refused(exp: str) -> None:
    refused(b'{"exp":%s}' % exp.encode())


# ── Issuer and audience ───────────────────────────────────────────────────────────────────────────

ISSUED = Bearer("HS256", issuer="https://crm.example.com")
MEANT = Bearer("HS256", audience="cancellations")


def test_a_token_of_the_issuer_is_believed() -> None:
    assert verified(claims(iss="https://crm.example.com"), ISSUED)


@pytest.mark.parametrize(
    "iss", [None, "", "https://crm.example.com/", "https://CRM.example.com", ["https://crm.example.com"]]
)
def test_a_token_of_another_issuer_is_refused(iss: object) -> None:
    refused(claims(iss=iss), ISSUED)


def test_a_token_without_issuer_is_refused_where_one_is_expected() -> None:
    refused(claims(), ISSUED)


@pytest.mark.parametrize("aud", ["cancellations", ["cancellations"], ["others", "cancellations"]])
def test_a_token_that_is_meant_for_us_is_believed(aud: object) -> None:
    assert verified(claims(aud=aud), MEANT)


@pytest.mark.parametrize(
    "aud", [None, "", "cancel", "cancellations-2", [], ["others"], [["cancellations"]], {"cancellations": 1}]
)
def test_a_token_that_is_meant_for_others_is_refused(aud: object) -> None:
    refused(claims(aud=aud), MEANT)


def test_a_token_without_audience_is_refused_where_one_is_expected() -> None:
    refused(claims(), MEANT)


# ── Claims that can be read in one way only ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b'{"exp":1,"exp":1800000060}', id="exp-twice"),
        pytest.param(b'{"exp":1800000060,"jti":"1","jti":"2"}', id="jti-twice"),
        pytest.param(b'\xef\xbb\xbf{"exp":1800000060}', id="bom"),
        pytest.param('{"exp":1800000060}'.encode("utf-16"), id="utf-16"),
        pytest.param(b'{"exp":1800000060,"a":"\\ud800"}', id="surrogate"),
        pytest.param(b'{"exp":1800000060,"a":' + b"[" * 40 + b"]" * 40 + b"}", id="deep"),
        pytest.param(b'{"exp":1800000060}x', id="more-behind"),
        pytest.param(b"[1800000060]", id="list"),
        pytest.param(b'"exp"', id="text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff", id="not-utf-8"),
    ],
)
def test_claims_that_are_no_object_of_strict_json_are_refused_though_they_are_signed(said: bytes) -> None:
    refused(said)


# ── Where the token stands ────────────────────────────────────────────────────────────────────────


def with_authorization(header: str | None) -> Delivery:
    return SENDERS["jwt"].delivery(headers={"authorization": header})


@pytest.mark.parametrize(
    "kind", ["Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   ", " Bearer ", "", " "]
)
def test_the_scheme_is_written_in_any_case_or_missing(kind: str) -> None:
    assert SENDERS["jwt"].judged(with_authorization(kind + token(claims())))


@pytest.mark.parametrize(
    "kind",
    ["Bearer", "Bearer\t", "Bearer,", "Bearer Bearer ", "Basic ", "JWT ", "Token ", "bearer=", "Bearer: "],
)
def test_another_scheme_is_refused(kind: str) -> None:
    with pytest.raises(SignatureRefused):
        SENDERS["jwt"].judged(with_authorization(kind + token(claims())))


def test_two_tokens_are_refused() -> None:
    right = token(claims())
    for header in (f"Bearer {right}, Bearer {right}", f"Bearer {right},{right}", f"{right} {right}"):
        with pytest.raises(SignatureRefused):
            SENDERS["jwt"].judged(with_authorization(header))


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer é", "Bearer \ud800"])
def test_a_missing_or_unreadable_header_is_refused(header: str | None) -> None:
    with pytest.raises(SignatureRefused):
        SENDERS["jwt"].judged(with_authorization(header))


def test_a_token_is_looked_for_in_its_own_header_alone() -> None:
    scheme = Bearer("HS256", Field("x-token"))
    assert judged(scheme, Delivery("crm", {"x-token": token(claims())}, b""), SECRET)
    with pytest.raises(SignatureRefused):
        judged(scheme, Delivery("crm", {"authorization": f"Bearer {token(claims())}"}, b""), SECRET)


def test_a_token_as_body_verifies_and_is_all_that_is_believed() -> None:
    delivery = SENDERS["prevail-postback"].delivery()
    assert SENDERS["prevail-postback"].judged(delivery).claims == claims()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"a.b.c", token(claims()).encode() + b"\n", b" " + token(claims()).encode()]
)
def test_a_body_that_is_more_or_less_than_a_token_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        SENDERS["prevail-postback"].judged(Delivery("crm", {}, body))


def test_a_header_never_stands_in_for_the_body() -> None:
    delivery = Delivery("crm", {"authorization": f"Bearer {token(claims())}"}, b"{}")
    with pytest.raises(SignatureRefused):
        SENDERS["prevail-postback"].judged(delivery)


# ── Size and keys ─────────────────────────────────────────────────────────────────────────────────


def test_a_token_of_the_greatest_size_is_read_and_a_greater_one_refused() -> None:
    def padded(size: int) -> bytes:
        rest = size - len(token(claims(a="")))
        return token(claims(a="x" * (rest * 3 // 4))).encode()

    fits, endless = padded(MAX_TOKEN_CHARS - 8), padded(MAX_TOKEN_CHARS + 8)
    assert len(fits) <= MAX_TOKEN_CHARS < len(endless)
    assert SENDERS["prevail-postback"].judged(Delivery("crm", {}, fits))
    with pytest.raises(SignatureRefused):
        SENDERS["prevail-postback"].judged(Delivery("crm", {}, endless))


def test_of_several_keys_the_one_that_fits_is_named() -> None:
    found = [
        verified(claims(), None, *secrets).matched
        for secrets in ((SECRET, OTHER_SECRET), (OTHER_SECRET, SECRET))
    ]
    assert found == [0, 1]


def test_another_key_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        verified(claims(), None, OTHER_SECRET)


def test_without_any_key_all_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        Bearer("HS256").verify(SENDERS["jwt"].delivery(), (), NOW)


def test_a_key_is_not_shown_where_it_is_printed() -> None:
    assert SECRET not in repr(Bearer("HS256").keys_of(SECRET))


def test_claims_written_by_another_hand_are_the_same_claims() -> None:
    spaced = json.dumps(claims(), indent=2).encode()
    assert verified(spaced).claims == claims()
