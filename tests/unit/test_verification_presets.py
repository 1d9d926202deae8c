"""What is each sender's own. Sources stand in the rows of source/presets.py."""

import base64
import hmac
from dataclasses import replace

import pytest

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.source.presets import PRESETS
from cancellations.source.verification.signed import Signed
from signing import BODY, NOW, SECRET, SENDERS, URL, judged

LEAST = {
    "standard-webhooks": 24,
    "svix": 24,
    "stripe": 32,
    "calendly": 32,
    "github": 32,
    "slack": 32,
    "shopify": 32,
    "hubspot": 32,
    "zendesk": 32,
    "cal.com": 32,
    "clio": 24,
    "square": 22,
    "hmac": 32,
    "jwt": 32,
    "prevail-postback": 32,
    "api-key": 32,
    "basic": 32,
}
"""Bytes that a key must have, by preset: fewer than 32 only where the sender issues shorter ones."""


def a_secret(preset: str, least: int) -> str:
    if preset in ("standard-webhooks", "svix"):
        return "whsec_" + base64.b64encode(SECRET.encode()[:least]).decode()
    return ("crm:" if preset == "basic" else "0123") + SECRET[: least - 4]


def test_every_preset_has_a_sender_in_these_tests_and_a_least_length() -> None:
    assert SENDERS.keys() == LEAST.keys() == PRESETS.keys()


@pytest.mark.parametrize("preset", LEAST)
def test_a_key_of_the_least_length_is_usable(preset: str) -> None:
    assert PRESETS[preset].scheme.keys_of(a_secret(preset, LEAST[preset]))


@pytest.mark.parametrize("preset", LEAST)
def test_a_shorter_key_is_a_fault(preset: str) -> None:
    with pytest.raises(ValueError, match=r"^(holds|has) \d+ (bytes|characters); at least \d+ are needed$"):
        PRESETS[preset].scheme.keys_of(a_secret(preset, LEAST[preset] - 1))


@pytest.mark.parametrize("preset", LEAST)
def test_an_empty_secret_is_a_fault(preset: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PRESETS[preset].scheme.keys_of("")


def signed(preset: str, **headers: str | None) -> Delivery:
    return SENDERS[preset].delivery(
        headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def refused(preset: str, delivery: Delivery) -> None:
    with pytest.raises(SignatureRefused):
        SENDERS[preset].judged(delivery)


def mac(signed_bytes: bytes, digest: str = "sha256") -> bytes:
    return hmac.digest(SECRET.encode(), signed_bytes, digest)


# ── Stripe and Calendly: one header for time and signatures ───────────────────────────────────────


@pytest.mark.parametrize("preset", ["stripe", "calendly"])
def test_a_signature_of_the_test_mode_never_counts(preset: str) -> None:
    header = f"{preset}-signature" if preset == "stripe" else "calendly-webhook-signature"
    right = SENDERS[preset].delivery().headers[header]
    refused(preset, signed(preset, **{header: right.replace("v1=", "v0=")}))


def test_while_a_secret_is_rolled_stripe_sends_two_signatures_and_one_fits() -> None:
    at, _, right = SENDERS["stripe"].delivery().headers["stripe-signature"].partition(",")
    for header in (f"{at},v1={'0' * 64},{right}", f"{at},{right},v1={'0' * 64},v0=0"):
        assert SENDERS["stripe"].judged(signed("stripe", stripe_signature=header))


def test_the_whole_secret_of_stripe_is_the_key_its_prefix_too() -> None:
    secret = "whsec_0123456789abcdef0123456789abcdef"
    assert SENDERS["stripe"].judged(SENDERS["stripe"].delivery(secret=secret), secret)


def test_without_a_signature_a_time_alone_is_refused() -> None:
    refused("stripe", signed("stripe", stripe_signature="t=1800000000"))


def test_the_time_may_stand_behind_the_signature() -> None:
    at, _, right = SENDERS["stripe"].delivery().headers["stripe-signature"].partition(",")
    assert SENDERS["stripe"].judged(signed("stripe", stripe_signature=f"{right},{at}"))


# ── Cal.com, GitHub, Shopify, Clio: the body alone ────────────────────────────────────────────────


@pytest.mark.parametrize("before", ["", "sha256="])
def test_cal_com_signs_with_or_without_the_name_of_its_digest(before: str) -> None:
    assert SENDERS["cal.com"].judged(signed("cal.com", x_cal_signature_256=before + mac(BODY).hex()))


@pytest.mark.parametrize(
    "header", ["no-secret-provided", "sha1=" + mac(BODY).hex(), "sha256=sha256=" + mac(BODY).hex()]
)
def test_nothing_else_of_cal_com_verifies(header: str) -> None:
    refused("cal.com", signed("cal.com", x_cal_signature_256=header))


@pytest.mark.parametrize(
    "header", [mac(BODY).hex(), "sha1=" + mac(BODY).hex(), "sha1=" + mac(BODY, "sha1").hex()]
)
def test_github_signs_with_the_name_of_its_digest(header: str) -> None:
    refused("github", signed("github", x_hub_signature_256=header))


@pytest.mark.parametrize(
    ("preset", "header", "value"),
    [
        ("github", "x-hub-signature", "sha1=" + mac(BODY, "sha1").hex()),
        ("square", "x-square-signature", base64.b64encode(mac(URL.encode() + BODY, "sha1")).decode()),
        ("hubspot", "x-hubspot-signature", mac(BODY).hex()),
        ("clio", "x-hook-secret", SECRET),
        ("svix", "webhook-signature", SENDERS["standard-webhooks"].delivery().headers["webhook-signature"]),
    ],
)
def test_an_older_or_other_header_never_stands_in(preset: str, header: str, value: str) -> None:
    scheme = PRESETS[preset].scheme
    assert isinstance(scheme, Signed)
    refused(preset, signed(preset, **{scheme.signature.header: None, header: value}))


def test_only_one_of_the_headers_of_shopify_is_signed() -> None:
    others = {"x-shopify-topic": "orders/cancelled", "x-shopify-webhook-id": "any"}
    assert SENDERS["shopify"].judged(SENDERS["shopify"].delivery(headers=others))


# ── HubSpot, Zendesk, Slack, Square ───────────────────────────────────────────────────────────────


def test_hubspot_signs_the_method_the_address_and_milliseconds() -> None:
    at = str(int(NOW * 1000))
    right = mac(b"POST" + URL.encode() + BODY + at.encode())
    headers = {"x-hubspot-request-timestamp": at, "x-hubspot-signature-v3": base64.b64encode(right).decode()}
    assert SENDERS["hubspot"].judged(Delivery("crm", headers, BODY))


@pytest.mark.parametrize("method", [b"GET", b"PUT", b"post", b""])
def test_another_method_is_refused(method: bytes) -> None:
    at = str(int(NOW * 1000))
    other = mac(method + URL.encode() + BODY + at.encode())
    refused("hubspot", signed("hubspot", x_hubspot_signature_v3=base64.b64encode(other).decode()))


def test_zendesk_signs_the_time_before_the_body_and_never_behind_it() -> None:
    at = SENDERS["zendesk"].delivery().headers["x-zendesk-webhook-signature-timestamp"]
    swapped = base64.b64encode(mac(BODY + at.encode())).decode()
    refused("zendesk", signed("zendesk", x_zendesk_webhook_signature=swapped))


def test_zendesks_time_cannot_lend_a_digit_to_the_body() -> None:
    """Nothing stands between them: the last sign of the time, moved to the body, is signed alike."""
    delivery = SENDERS["zendesk"].delivery()
    at = delivery.headers["x-zendesk-webhook-signature-timestamp"]
    headers = {**delivery.headers, "x-zendesk-webhook-signature-timestamp": at[:-1]}
    refused("zendesk", Delivery("crm", headers, at[-1:].encode() + BODY))


@pytest.mark.parametrize("version", ["v1", "v0:", "V0", ""])
def test_slack_signs_under_version_0_only(version: str) -> None:
    right = SENDERS["slack"].delivery().headers["x-slack-signature"]
    refused("slack", signed("slack", x_slack_signature=right.replace("v0", version)))


def test_square_signs_the_address_before_the_body() -> None:
    swapped = base64.b64encode(mac(BODY + URL.encode())).decode()
    refused("square", signed("square", x_square_hmacsha256_signature=swapped))


def test_what_one_source_may_sign_for_its_address_is_refused_at_another() -> None:
    scheme = SENDERS["square"].scheme
    assert isinstance(scheme, Signed)
    with pytest.raises(SignatureRefused):
        judged(replace(scheme, url=f"{URL}-2"), SENDERS["square"].delivery(), SECRET)
