import base64
import hmac
import json
from typing import Any

import jwt
import pytest

from builders import API_KEY, NOW
from cancellations.token import LIFETIME_S, sign


def part(token: str, place: int) -> Any:  # noqa: ANN401 - JSON of any shape
    text = token.split(".")[place]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_the_claims_are_the_documented_ones_and_no_others() -> None:
    assert part(sign(API_KEY, "acme-legal", NOW), 1) == {"exp": int(NOW) + LIFETIME_S, "slug": "acme-legal"}


def test_the_header_says_hs256() -> None:
    assert part(sign(API_KEY, "acme-legal", NOW), 0) == {"alg": "HS256", "typ": "JWT"}


def test_the_signature_is_that_of_rfc_7515() -> None:
    signed, _, signature = sign(API_KEY, "acme-legal", NOW).rpartition(".")
    expected = hmac.digest(API_KEY.encode(), signed.encode(), "sha256")
    assert signature == base64.urlsafe_b64encode(expected).decode().rstrip("=")


def test_the_time_is_whole_seconds() -> None:
    assert part(sign(API_KEY, "acme-legal", NOW + 0.999), 1)["exp"] == int(NOW) + LIFETIME_S


def test_a_token_lives_long_enough_for_a_call_and_no_longer_than_allowed() -> None:
    assert 30 <= LIFETIME_S <= 300


def test_another_key_does_not_verify_it() -> None:
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(sign(API_KEY, "acme-legal", NOW), API_KEY[::-1], algorithms=["HS256"])


def test_the_key_is_not_in_the_token() -> None:
    token = sign(API_KEY, "acme-legal", NOW)
    assert API_KEY not in token + json.dumps([part(token, 0), part(token, 1)])
