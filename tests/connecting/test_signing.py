"""Deliveries as any sender signs them: what is made here is what the verifier takes."""

import re

import pytest

from cancellations.configuration import Source
from cancellations.domain import Delivery
from cancellations.source.proof import KeySetFile
from stack.issued import ISSUED, Form, form_of
from trial.gallery import Draft, files, published
from trial.signing import CannotSign, PrivateKey, SigningKey, signed

SOURCES = {name: source for name, source in files.configuration().sources.items() if source.proof}
AT = 1_800_000_000

each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def a_draft(body: bytes = b"{}") -> Draft:
    return Draft(body, {"content-type": "application/json"}, message_id="msg_1")


def key_of(source: Source) -> SigningKey:
    """Made up for this test, where it is no published private key."""
    form = form_of(source)
    key = form.made_up() if form else published.signing_key(source)
    assert key
    return key


def verify(source: Source, delivery: Delivery, key: SigningKey, now: float) -> None:
    """Raises SignatureRefused."""
    assert source.proof
    keys = source.proof.keys
    stored = keys.document if isinstance(keys, KeySetFile) else str(key)
    source.proof.scheme.verify(delivery, source.proof.scheme.keys_of(stored), now)  # type: ignore[arg-type] # its own


@each_source
def test_what_is_signed_is_verified(source: Source) -> None:
    key = key_of(source)
    verify(source, signed(source, a_draft(), key, AT), key, AT)


def headers_of(name: str, key: SigningKey | None = None) -> dict[str, str]:
    source = SOURCES[name]
    return dict(signed(source, a_draft(), key or key_of(source), AT).headers)


def test_time_and_signature_share_a_header_where_the_sender_puts_them_into_one() -> None:
    assert re.fullmatch(r"t=1800000000,v1=[0-9a-f]{64}", headers_of("stripe")["stripe-signature"])


@pytest.mark.parametrize(
    ("name", "header", "form"),
    [
        ("example-crm", "webhook-signature", r"v1,[A-Za-z0-9+/]{43}="),
        ("github", "x-hub-signature-256", r"sha256=[0-9a-f]{64}"),
        ("slack", "x-slack-signature", r"v0=[0-9a-f]{64}"),
        ("cal-com", "x-cal-signature-256", r"[0-9a-f]{64}"),
        ("hubspot", "x-hubspot-request-timestamp", "1800000000000"),
        ("zendesk", "x-zendesk-webhook-signature-timestamp", "2027-01-15T08:00:00Z"),
        ("basic", "authorization", r"Basic [A-Za-z0-9+/=]+"),
        ("jwt", "authorization", r"Bearer [\w-]+\.[\w-]+\.[\w-]+"),
    ],
)
def test_headers_are_written_as_the_sender_writes_them(name: str, header: str, form: str) -> None:
    assert re.fullmatch(form, headers_of(name)[header])


def test_a_token_may_be_the_body() -> None:
    source = SOURCES["prevail-postback"]
    delivery = signed(source, a_draft(), key_of(source), AT)
    assert delivery.body.count(b".") == 2
    assert "authorization" not in delivery.headers


@pytest.mark.parametrize("name", published.KEY_PAIRS)
def test_the_same_token_is_signed_in_the_same_way(name: str) -> None:
    assert headers_of(name) == headers_of(name)


def test_a_public_key_signs_nothing() -> None:
    with pytest.raises(CannotSign, match="public key"):
        headers_of("example-crm", "whpk_" + "MCowBQYDK2VwAyEA" + "A" * 43 + "=")


def test_a_private_key_is_no_secret() -> None:
    with pytest.raises(CannotSign, match="private key"):
        headers_of("slack", PrivateKey({"kid": "-"}))


def test_a_secret_is_no_private_key() -> None:
    with pytest.raises(CannotSign, match="ES256"):
        headers_of("jwt-es256", "0123456789abcdef0123456789abcdef")


def test_events_on_the_bus_are_not_signed() -> None:
    with pytest.raises(CannotSign, match="bus"):
        signed(files.configuration().sources["example-bus"], a_draft(), "-", AT)


# ── Secrets ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("preset", "form"),
    [
        ("standard-webhooks", r"whsec_[A-Za-z0-9+/]{43}="),
        ("svix", r"whsec_[A-Za-z0-9+/]{32}"),
        ("stripe", r"whsec_[\w-]{32}"),
        ("slack", r"[0-9a-f]{32}"),
        ("shopify", r"shpss_[0-9a-f]{32}"),
        ("hubspot", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("zendesk", r"[A-Za-z0-9+/]{43}="),
        ("square", r"[\w-]{22}"),
        ("basic", r"firm:[\w-]{32}"),
    ],
)
def test_secrets_look_as_their_sender_issues_them(preset: str, form: str) -> None:
    assert re.fullmatch(form, ISSUED[preset].made_up())


def test_no_secret_is_made_up_that_looks_like_a_placeholder() -> None:
    drawn = iter([bytes(16), bytes(range(16))])
    assert Form("hex", 16).made_up(lambda _: next(drawn)) == bytes(range(16)).hex()
