import base64
import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import KEY, NOW, a_body, a_delivery
from cancellations.domain import Delivery
from cancellations.errors import Malformed, SignatureRefused
from cancellations.source.standard_webhooks import (
    MAX_HEADER_CHARS,
    sign,
    verify,
)

WRONG = "v1," + base64.b64encode(bytes(32)).decode()


def mac(message_id: str, timestamp: str, body: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.digest(KEY, f"{message_id}.{timestamp}.".encode() + body, algorithm)


def stamped(timestamp: str) -> Delivery:
    """A delivery whose timestamp, in whatever spelling, is covered by its signature."""
    signature = "v1," + base64.b64encode(mac("msg_1", timestamp, a_body())).decode()
    return a_delivery(headers={"webhook-timestamp": timestamp, "webhook-signature": signature})


def signed_with(*signatures: str) -> Delivery:
    return a_delivery(headers={"webhook-signature": " ".join(signatures)})


def right() -> str:
    return a_delivery().headers["webhook-signature"]


# ── What is signed ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [b"", a_body() + b" ", a_body(reason="x"), a_body().replace(b" ", b""), a_body().replace(b"{", b"{\r\n")],
    ids=["dropped", "longer", "other", "written-anew", "other-line-ends"],
)
def test_another_body_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        verify(Delivery("acme", a_delivery().headers, body), KEY, NOW)


def test_another_id_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(headers={"webhook-id": "msg_2"}), KEY, NOW)


def test_another_time_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(headers={"webhook-timestamp": str(int(NOW) + 1)}), KEY, NOW)


def test_another_key_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(key=bytes(32)), KEY, NOW)


# ── Signatures ────────────────────────────────────────────────────────────────────────────────────


def test_a_list_with_the_right_signature_in_the_last_place_that_is_looked_at_verifies() -> None:
    verify(signed_with(*[WRONG] * 9, right()), KEY, NOW)


def test_the_right_signature_after_the_tenth_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        verify(signed_with(*[WRONG] * 10, right()), KEY, NOW)


def test_a_thousand_signatures_are_refused_even_if_the_first_is_right() -> None:
    with pytest.raises(SignatureRefused):
        verify(signed_with(right(), *[WRONG] * 999), KEY, NOW)


def with_trailing_bits(signature: str) -> str:
    """Another spelling of the same 32 bytes: the last sign before the padding carries two bits of nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = signature[:-2] + alphabet[alphabet.index(signature[-2]) + 1] + "="
    assert base64.b64decode(other[3:]) == base64.b64decode(signature[3:])
    return other


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param("v1,", id="nothing"),
        pytest.param("v1", id="no-comma"),
        pytest.param(",", id="comma"),
        pytest.param(right()[3:], id="no-version"),
        pytest.param("v2," + right()[3:], id="v2"),
        pytest.param("v1a," + right()[3:], id="v1a"),
        pytest.param("V1," + right()[3:], id="upper-case-version"),
        pytest.param(with_trailing_bits(right()), id="trailing-bits"),
        pytest.param(right().rstrip("="), id="no-padding"),
        pytest.param(right() + "=", id="more-padding"),
        pytest.param(right()[:20], id="beginning"),
        pytest.param(right()[:10] + "$$" + right()[10:], id="junk-inside"),
        pytest.param(right() + "\n", id="line-end"),
        pytest.param("v1," + right(), id="version-twice"),
        pytest.param(WRONG + "," + right(), id="joined-by-a-comma"),
        pytest.param(WRONG + "\t" + right(), id="joined-by-a-tab"),
        pytest.param("v1," + mac("msg_1", str(int(NOW)), a_body()).hex(), id="hexadecimal"),
        pytest.param(
            "v1," + base64.b64encode(mac("msg_1", str(int(NOW)), a_body(), "sha1")).decode(), id="sha1"
        ),
        pytest.param(
            "v1," + base64.b64encode(hmac.digest(KEY, a_body(), hashlib.sha256)).decode(), id="body-alone"
        ),
        pytest.param("v1,ééé", id="not-ascii"),
        pytest.param(right() + " v1,é", id="not-ascii-beside-the-right-one"),
        pytest.param("v1,\ud800", id="surrogate"),
    ],
)
def test_a_wrong_signature_is_refused(signature: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(signed_with(signature), KEY, NOW)


# ── Times ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_a_time_within_five_minutes_verifies(off: int) -> None:
    verify(a_delivery(timestamp=NOW + off), KEY, NOW)


@pytest.mark.parametrize("off", [-301, 301, -365 * 24 * 3600, 365 * 24 * 3600])
def test_a_time_more_than_five_minutes_away_is_refused(off: int) -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(timestamp=NOW + off), KEY, NOW)


@pytest.mark.parametrize(
    "timestamp",
    [
        pytest.param("\u0661\u0668" + "\u0660" * 8, id="arabic-digits"),
        pytest.param("\uff11\uff18" + "\uff10" * 8, id="fullwidth-digits"),
        pytest.param("\u00b2" * 10, id="superscripts"),
        pytest.param("1_800_000_000", id="underscores"),
        pytest.param("1800000000.0", id="fraction"),
        pytest.param("1.8e9", id="exponent"),
        pytest.param("NaN", id="nan"),
        pytest.param("Infinity", id="infinity"),
        pytest.param("+1800000000", id="plus"),
        pytest.param("-1800000000", id="minus"),
        pytest.param(" 1800000000", id="space-before"),
        pytest.param("1800000000 ", id="space-after"),
        pytest.param("1800000000\n", id="line-end"),
        pytest.param("0x6b49d200", id="hexadecimal"),
        pytest.param("1800000000000", id="milliseconds"),
        pytest.param("9" * 4000, id="4000-digits"),
        pytest.param("9" * 5000, id="5000-digits"),
        pytest.param("2027-01-15T08:00:00Z", id="iso"),
    ],
)
def test_a_time_in_another_spelling_is_refused_though_it_is_signed(timestamp: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(stamped(timestamp), KEY, NOW)


# ── Headers ───────────────────────────────────────────────────────────────────────────────────────

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_a_delivery_without_a_header_is_refused(name: str, value: str | None) -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(headers={name: value}), KEY, NOW)


def test_an_empty_id_is_refused_though_it_is_signed() -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(message_id=""), KEY, NOW)


def test_an_id_of_the_greatest_length_verifies() -> None:
    verify(a_delivery(message_id="m" * MAX_HEADER_CHARS), KEY, NOW)


def test_a_longer_id_is_refused_though_it_is_signed() -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(message_id="m" * (MAX_HEADER_CHARS + 1)), KEY, NOW)


@pytest.mark.parametrize("message_id", ["msg_é", "msg_\u0661", "msg_\ud800"])
def test_an_id_that_is_not_ascii_is_refused(message_id: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(headers={"webhook-id": message_id}), KEY, NOW)


@pytest.mark.parametrize("message_id", ["msg.1", f"msg_1.{int(NOW)}", ".", "msg_1."])
def test_a_dotted_id_is_malformed_though_it_is_signed(message_id: str) -> None:
    with pytest.raises(Malformed):
        verify(a_delivery(message_id=message_id), KEY, NOW)


def test_a_dotted_id_without_its_signature_is_refused_like_any_other() -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(message_id="msg.1", key=bytes(32)), KEY, NOW)


def test_an_id_cannot_lend_its_tail_to_the_body() -> None:
    """`msg_1` with the body `1800000000.{}` and `msg_1.1800000000` with `{}` sign the same bytes."""
    signature = sign(KEY, "msg_1", int(NOW), f"{int(NOW)}.".encode() + a_body())
    spliced = a_delivery(message_id=f"msg_1.{int(NOW)}", headers={"webhook-signature": signature})
    with pytest.raises(Malformed):
        verify(spliced, KEY, NOW)


@given(headers=st.fixed_dictionaries({}, optional={name: st.text() for name in HEADERS}), body=st.binary())
@settings(max_examples=200, deadline=None)
def test_whatever_comes_is_refused_and_never_an_accident(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        verify(a_delivery(body=body, key=bytes(32), headers=headers), KEY, NOW)
