"""How real senders prove themselves: key sets, tokens and signatures as issuers and tools make them."""

import base64
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from cases.desk import AT, Desk, Tried, recorded, reported, secret_of
from cases.tables import AS_JSON, service
from trial.gallery.files import CONFIG

GITHUB = "https://github.com"
SECRET = "0123456789abcdefABCDEF0123456789abcdefAB"

# ── Key sets ──────────────────────────────────────────────────────────────────────────────────────

SERVICE = service("https://crm.example.com/oauth/keys")
PRIVATE = [ec.derive_private_key(20_261_124 + number, ec.SECP256R1()) for number in range(26)]

type Jwk = dict[str, object]


def public(number: int, kid: str | None = None) -> Jwk:
    return {
        **json.loads(ECAlgorithm.to_jwk(PRIVATE[number].public_key())),
        "kid": f"k{number}" if kid is None else kid,
    }


def with_token(desk: Desk, keys: list[object], number: int, kid: str) -> Tried:
    """A delivery whose token is signed with the key of this number, and the set that its issuer publishes."""
    claims = {
        "iss": "https://crm.example.com",
        "aud": "prevail-cancellations",
        "jti": "token-1",
        "iat": AT,
        "exp": AT + 300,
    }
    token = jwt.encode(claims, PRIVATE[number], "ES256", {"kid": kid})
    headers = {**AS_JSON, "authorization": f"Bearer {token}"}
    body = {"remote_session_id": "session-of-tuesday"}
    return desk.deliver("svc", SERVICE, body, headers, secret=json.dumps({"keys": keys}))


def test_the_26th_key_of_a_set_verifies_its_tokens(desk: Desk) -> None:
    """The token names its key: one key is tried, however many there are."""
    tried = with_token(desk, [public(number) for number in range(26)], 25, "k25")
    assert tried.taken, tried.said


SETS: list[object] = [
    reported(f"{GITHUB}/panva/jose/issues/392", [public(0), public(0)], by="one key twice"),
    reported(f"{GITHUB}/authlib/authlib/issues/785", [public(1, "k0"), public(0)], by="one kid, two keys"),
    reported(
        f"{GITHUB}/latchset/jwcrypto/pull/268",
        [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "k0"}, public(0)],
        by="one kid, two kinds",
    ),
    reported(
        f"{GITHUB}/keycloak/keycloak/pull/15114",
        [{**public(0), "alg": "ES384"}, {**public(0), "alg": "ES256"}],
        by="one kid, two algorithms",
    ),
    reported(
        f"{GITHUB}/PrefectHQ/fastmcp/pull/4517",
        [{"kty": "OKP", "crv": "X448", "x": "AA", "kid": "k9"}, "not a key", public(0)],
        by="keys nobody knows",
    ),
    reported(f"{GITHUB}/dadrus/heimdall/issues/5", [public(0), {**public(0), "x5c": ["AAAA"]}]),
]


@pytest.mark.parametrize("keys", SETS)
def test_a_set_verifies_tokens_whatever_else_is_in_it(desk: Desk, keys: list[object]) -> None:
    tried = with_token(desk, keys, 0, "k0")
    assert tried.taken, tried.said


def test_a_key_that_only_shares_a_kid_verifies_nothing(desk: Desk) -> None:
    """https://github.com/kjdev/nginx-auth-jwt/issues/20: the token's kid chooses the key, and no other is tried."""
    tried = with_token(desk, [public(1, "k0"), public(0, "k7")], 0, "k0")
    assert tried.refused()
    assert tried.answer == 401


# ── Tokens in the header ──────────────────────────────────────────────────────────────────────────


def by_authorization(desk: Desk, form: str) -> Tried:
    """The recorded delivery of the source `jwt`, its token written into this form."""
    event = recorded("jwt")
    (token,) = event["headers"]["authorization"].split()[1:]
    event["headers"]["authorization"] = form.format(token)
    return desk.event("jwt", CONFIG, event, secret=secret_of("jwt"))


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("Bearer {}", id="as it should be"),
        reported(f"{GITHUB}/norrietaylor/distillery/issues/469", "bearer {}"),
        reported(f"{GITHUB}/norrietaylor/distillery/pull/476", "BEARER {}"),
        reported(f"{GITHUB}/jetkvm/cloud-api/pull/85", "BEARER  {}", by="two spaces"),
    ],
)
def test_the_scheme_of_a_token_has_no_case(desk: Desk, form: str) -> None:
    tried = by_authorization(desk, form)
    assert tried.taken, tried.said


@pytest.mark.parametrize("form", [reported(f"{GITHUB}/corsairdev/corsair/pull/610", "{}")])
def test_a_token_alone_is_taken_or_bearer_is_named(desk: Desk, form: str) -> None:
    tried = by_authorization(desk, form)
    assert tried.taken or "Bearer" in tried.said


# ── Signatures ────────────────────────────────────────────────────────────────────────────────────


def signing(encoding: str) -> str:
    return f"""\
[x]
organization = "example-legal"
verify = "hmac"
secret = "x"
filter = {{ canceled = "body.event == 'x.canceled'" }}

[x.hmac]
signed = "{{timestamp}}.{{body}}"
header = "x-sender-signature"
prefix = "v1="
separator = ","
timestamp_prefix = "t="
timestamp_unit = "ms"
encoding = "{encoding}"

[x.request]
event_id = "body.id"
remote_session_id = "body.session"
"""


def signed_delivery() -> tuple[str, bytes]:
    """A body, and its signature with both signs in it that the alphabets of base64 differ in."""
    for number in range(1_000):
        body = json.dumps({"id": f"e{number}", "event": "x.canceled", "session": "session-of-tuesday"})
        mac = hmac.digest(SECRET.encode(), f"{AT * 1000}.{body}".encode(), "sha256")
        if {"-", "_"} <= set(base64.urlsafe_b64encode(mac).decode()):
            return body, mac
    raise AssertionError("no such body")


BODY, MAC = signed_delivery()
URL_SAFE = base64.urlsafe_b64encode(MAC).decode().rstrip("=")


def with_signature(desk: Desk, encoding: str, signature: str) -> Tried:
    headers = {**AS_JSON, "x-sender-signature": f"t={AT * 1000},v1={signature}"}
    stored = json.dumps({"signing_secret": SECRET})
    return desk.deliver("x", signing(encoding), BODY, headers, secret=stored)


def test_a_signature_in_base64url_verifies(desk: Desk) -> None:
    tried = with_signature(desk, "base64url", URL_SAFE)
    assert tried.taken, tried.said


def test_a_signature_in_base64url_is_recognised_under_base64(desk: Desk) -> None:
    tried = with_signature(desk, "base64", URL_SAFE)
    assert tried.answer == 401
    assert "base64url" in tried.said


def test_a_signature_in_capitals_is_named(desk: Desk) -> None:
    """https://github.com/mastodon/ostatus2/pull/6: some languages write hexadecimal digits in upper case."""
    tried = with_signature(desk, "hex", MAC.hex().upper())
    explained = any(word in tried.said for word in ("upper case", "hex-upper"))
    assert tried.taken or (tried.answer == 401 and explained)


@pytest.mark.parametrize(
    "address",
    ["http://hooks.example.com/v1/webhooks/square", "https://hooks.example.com/prod/v1/webhooks/square"],
    ids=["scheme", "stage"],
)
def test_square_signed_for_another_address_is_explained(desk: Desk, address: str) -> None:
    event = recorded("square")
    key = json.loads(secret_of("square"))["signing_secret"]
    mac = hmac.digest(key.encode(), (address + event["body"]).encode(), "sha256")
    event["headers"]["x-square-hmacsha256-signature"] = base64.b64encode(mac).decode()
    tried = desk.event("square", CONFIG, event, secret=secret_of("square"))
    assert tried.answer == 401
    assert address in tried.said


def test_stripe_is_verified_with_its_body_in_base64(desk: Desk) -> None:
    event = recorded("stripe")
    event |= {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
    assert desk.event("stripe", CONFIG, event, secret=secret_of("stripe")).taken


def test_one_right_signature_of_stripe_suffices(desk: Desk) -> None:
    event = recorded("stripe")
    stamp, right = event["headers"]["stripe-signature"].split(",")
    event["headers"]["stripe-signature"] = f"{stamp},v1={'0' * 64},{right},v0={'1' * 64}"
    assert desk.event("stripe", CONFIG, event, secret=secret_of("stripe")).taken


@pytest.mark.parametrize(
    ("source", "sent_as", "preset"),
    [("svix", "webhook", "standard-webhooks"), ("example-crm", "svix", "svix")],
)
def test_the_other_names_of_the_same_scheme_are_recognised(
    desk: Desk, source: str, sent_as: str, preset: str
) -> None:
    event = recorded("svix" if source == "svix" else "webhook")
    event["headers"] = {
        f"{sent_as}-{name.partition('-')[2]}" if name.startswith(("svix-", "webhook-")) else name: value
        for name, value in event["headers"].items()
    }
    tried = desk.event(source, CONFIG, event, secret=secret_of(source))
    assert tried.answer == 401
    assert any(words in tried.said for words in (f"headers of: {preset}", f"as {preset} signs"))


def test_basic_authentication_is_verified(desk: Desk) -> None:
    """As Pipedrive and others send it: a user, and 32 random bytes for a password."""
    tried = desk.event("basic", CONFIG, recorded("basic"), secret=secret_of("basic"))
    assert tried.taken, tried.said
    assert tried.answer == 202


def test_a_tool_without_its_id_header_is_refused_by_name(desk: Desk) -> None:
    event = recorded("api-key")
    del event["headers"]["idempotency-key"]
    tried = desk.event("api-key", CONFIG, event, secret=secret_of("api-key"))
    assert tried.refused("event_id")
    assert tried.answer == 400
