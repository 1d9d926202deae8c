import base64
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from builders import KEY, NOW, SIGNING_SECRET, a_delivery
from cancellations.domain import Delivery
from cancellations.source.standard_webhooks import (
    key_of,
    sign,
    verify,
)

# Public test values. The first two: github.com/standard-webhooks/standard-webhooks, libraries/python/tests and
# libraries/rust/src/lib.rs. The third: github.com/openai/openai-python, tests/lib/test_webhooks.py.
GOLDEN = [
    pytest.param(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        id="standard-webhooks-python",
    ),
    pytest.param(
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        b'{"email":"test@example.com","username":"test_user"}',
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        id="standard-webhooks-rust",
    ),
    pytest.param(
        "whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c=",
        "wh_685c059ae39c8190af8c71ed1022a24d",
        1750861210,
        b'{"id": "evt_685c059ae3a481909bdc86819b066fb6", "object": "event", "created_at": 1750861210, '
        b'"type": "response.completed", "data": {"id": "resp_123"}}',
        "v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY=",
        id="32-byte-key",
    ),
]

any_id = st.text(st.characters(codec="ascii", categories=("L", "N"), include_characters="_-"), min_size=1)


@pytest.mark.parametrize(("secret", "message_id", "timestamp", "body", "signature"), GOLDEN)
def test_the_published_vectors_are_signed_alike(
    secret: str, message_id: str, timestamp: int, body: bytes, signature: str
) -> None:
    assert sign(key_of(secret), message_id, timestamp, body) == signature


@pytest.mark.parametrize(("secret", "message_id", "timestamp", "body", "signature"), GOLDEN)
def test_the_published_vectors_verify(
    secret: str, message_id: str, timestamp: int, body: bytes, signature: str
) -> None:
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    verify(Delivery("acme", headers, body), key_of(secret), timestamp)


@given(message_id=any_id, body=st.text())
@settings(max_examples=50, deadline=None)
def test_what_the_reference_library_signs_verifies(message_id: str, body: str) -> None:
    signature = Webhook(SIGNING_SECRET).sign(message_id, datetime.fromtimestamp(NOW, UTC), body)
    delivery = a_delivery(message_id=message_id, body=body.encode(), headers={"webhook-signature": signature})
    verify(delivery, KEY, NOW)


@given(message_id=any_id, payload=st.dictionaries(st.text(), st.text() | st.integers() | st.booleans()))
@settings(max_examples=50, deadline=None)
def test_the_reference_library_verifies_what_is_signed_here(message_id: str, payload: object) -> None:
    body = json.dumps(payload).encode()
    delivery = a_delivery(message_id=message_id, body=body, timestamp=time.time())
    assert Webhook(SIGNING_SECRET).verify(body, dict(delivery.headers)) == payload


@given(key=st.binary(min_size=24, max_size=64), body=st.binary())
@settings(max_examples=50, deadline=None)
def test_every_key_and_every_body_make_the_way_there_and_back(key: bytes, body: bytes) -> None:
    verify(a_delivery(key=key, body=body), key_of("whsec_" + base64.b64encode(key).decode()), NOW)


# ── Secrets ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("", id="empty"),
        pytest.param(SIGNING_SECRET.replace("whsec_", "WHSEC_"), id="other-prefix"),
        pytest.param(SIGNING_SECRET.removeprefix("whsec_"), id="no-prefix"),
        pytest.param(SIGNING_SECRET.replace("whsec_", "whpk_"), id="public-key"),
        pytest.param(SIGNING_SECRET.replace("whsec_", "whsec_ "), id="blank-inside"),
        pytest.param(SIGNING_SECRET + "\n", id="line-end"),
        pytest.param("whsec_é" + "A" * 43, id="not-ascii"),
        pytest.param("whsec_not base64 at all, but long enough", id="not-base64"),
        pytest.param("whsec_", id="prefix-alone"),
        pytest.param("whsec_" + base64.b64encode(bytes(23)).decode(), id="23-bytes"),
    ],
)
def test_an_unusable_secret_is_a_fault(secret: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|holds) "):
        key_of(secret)


@pytest.mark.parametrize("secret", ["supersecretvalue", "whsec_supersecretvalue!", "whsec_supersecretvalue"])
def test_the_fault_of_a_secret_does_not_contain_it(secret: str) -> None:
    with pytest.raises(ValueError, match=r".") as fault:
        key_of(secret)
    assert "supersecretvalue" not in str(fault.value)
