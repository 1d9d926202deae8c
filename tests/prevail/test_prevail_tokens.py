"""Who may call: HS256 by the organization's API key, `exp` and `slug` both required."""

import base64
import hmac
import json
import time
from collections.abc import Iterator

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from prevail.client import ApiCaller, Emulator
from prevail.server import running

NOW = 1_800_000_000
KEY = "acme" * 10
OTHER_KEY = "globex" * 10


def claims(**changes: object) -> dict[str, object]:
    """Good ones of acme; a change to None leaves the claim out."""
    merged = {"exp": int(time.time()) + 3600, "slug": "acme", **changes}
    return {name: value for name, value in merged.items() if value is not None}


def a_token(key: str = KEY, **changes: object) -> str:
    return jwt.encode(claims(**changes), key, algorithm="HS256")


GOOD = json.dumps(claims()).encode()


def signed(payload: bytes, key: str = KEY, alg: str = "HS256") -> str:
    """By HMAC-SHA-256 whatever `alg` says, over any payload: what a library would not make."""
    header = json.dumps({"alg": alg, "typ": "JWT"}).encode()
    signing_input = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    signature = hmac.digest(key.encode(), signing_input, "sha256")
    return b".".join([signing_input, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def unsigned(alg: str) -> str:
    return signed(GOOD, alg=alg).rpartition(".")[0] + "."


def by_rsa() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims(), key, algorithm="RS256")


def test_a_token_made_by_hand_is_a_good_one(emulator: Emulator) -> None:
    """So that each of the bad ones below is bad for its own reason."""
    assert ApiCaller(emulator.url, signed(GOOD)).sessions().status_code == 200


OTHER_SIGNATURE = "signature does not match the organization's API key"
OTHER_ALGORITHM = "not signed by HS256"

BAD_TOKENS = {
    "unknown slug": (a_token(slug="nobody"), "unknown slug"),
    "the key of another": (a_token(OTHER_KEY), OTHER_SIGNATURE),
    "the slug of another": (a_token(slug="globex"), OTHER_SIGNATURE),
    "no signature": (unsigned("HS256"), OTHER_SIGNATURE),
    "no exp": (a_token(exp=None), "no exp"),
    "an exp that is text": (signed(json.dumps(claims(exp="9999999999")).encode()), "no exp"),
    "an exp that is true": (signed(json.dumps(claims(exp=True)).encode()), "no exp"),
    "an exp that is NaN": (signed(b'{"slug": "acme", "exp": NaN}'), "no exp"),
    "an exp that is Infinity": (signed(b'{"slug": "acme", "exp": Infinity}'), "no exp"),
    "an expired one": (a_token(exp=1), "exp has passed"),
    "no slug": (a_token(slug=None), "no slug"),
    "a slug that is a list": (signed(json.dumps(claims(slug=["acme"])).encode()), "no slug"),
    "alg none": (unsigned("none"), OTHER_ALGORITHM),
    "alg None": (unsigned("None"), OTHER_ALGORITHM),
    "RS256": (by_rsa(), OTHER_ALGORITHM),
    "an RS256 header on an HS256 signature": (signed(GOOD, alg="RS256"), OTHER_ALGORITHM),
    "HS512": (jwt.encode(claims(), KEY * 2, algorithm="HS512"), OTHER_ALGORITHM),
    "a payload that is a list": (signed(b'["acme"]'), "the payload is no object"),
    "a payload that is no JSON": (signed(b"acme"), "not a JWT"),
    "a payload that is too deep": (signed(b"[" * 30_000), "not a JWT"),
    "no JWT": ("acme", "not a JWT"),
    "two parts": ("a.b", "not a JWT"),
}


@pytest.mark.parametrize(("token", "why"), BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_unauthorized(emulator: Emulator, token: str, why: str) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    stranger = ApiCaller(emulator.url, token)
    answers = [stranger.cancel("s-1"), stranger.sessions()]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert [call.why for call in emulator.calls()] == [why, why]
    assert emulator.session("s-1").state == "ready"


def test_refusals_look_alike(emulator: Emulator) -> None:
    bodies = {ApiCaller(emulator.url, token).cancel("s-1").content for token, _ in BAD_TOKENS.values()}
    assert len(bodies) == 1


def test_no_token_is_unauthorized(emulator: Emulator) -> None:
    assert ApiCaller(emulator.url, None).cancel("s-1").status_code == 401


def test_a_token_may_travel_in_the_query(emulator: Emulator) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    assert ApiCaller(emulator.url, None).cancel("s-1", jwt_payload=a_token()).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", None])
def test_a_token_may_travel_in_the_json_of_a_post(emulator: Emulator, kind: str | None) -> None:
    body = json.dumps({"jwt_payload": a_token(), "session_request": {}})
    answer = requests.post(
        f"{emulator.url}/api/v1/session_requests", data=body, headers={"Content-Type": kind}, timeout=10
    )
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("session_request.remote_session")


def test_a_token_may_travel_in_the_form_of_a_post(emulator: Emulator) -> None:
    form = {"jwt_payload": a_token(session_request={})}
    answer = requests.post(f"{emulator.url}/api/v1/session_requests", data=form, timeout=10)
    assert answer.status_code == 422


def test_a_token_in_the_body_of_a_patch_is_none(emulator: Emulator) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    url = f"{emulator.url}/api/v1/sessions/s-1"
    body = {"jwt_payload": a_token(), "remote_session": {"title": "x"}}
    assert requests.patch(url, json=body, timeout=10).status_code == 401


def test_bearer_wins_over_the_others(emulator: Emulator) -> None:
    good, bad = {"jwt_payload": a_token()}, {"Authorization": "Bearer x.y.z"}
    answer = requests.get(f"{emulator.url}/api/v1/sessions", params=good, headers=bad, timeout=10)
    assert answer.status_code == 401


def test_a_changed_key_ends_the_old_one(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_organization("acme", api_key=OTHER_KEY)
    assert acme.sessions().status_code == 401


@pytest.fixture(scope="module")
def at_now() -> Iterator[str]:
    """An emulator whose clock stands at NOW."""
    with running(clock=lambda: NOW) as url:
        Emulator(url).put_organization("acme", api_key=KEY)
        yield url


@pytest.mark.parametrize(("exp", "status"), [(NOW - 1, 401), (NOW, 401), (NOW + 1, 200), (NOW + 0.5, 200)])
def test_a_token_is_good_until_its_exp(at_now: str, exp: float, status: int) -> None:
    assert ApiCaller(at_now, a_token(exp=exp)).sessions().status_code == status
