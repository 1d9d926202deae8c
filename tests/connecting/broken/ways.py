"""How good deliveries are broken, in one way each."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cancellations.domain import Delivery
from cancellations.source.expressions import compiled
from cancellations.source.expressions.comparing import REFUSING
from cancellations.source.verification.bearer import Algorithm
from cancellations.source.verification.signed import Signed
from cancellations.source.verification.template import read as template
from connecting.arriving import Recorded, recorded
from signing import url64
from token_keys import JWKS, key_set
from trial.gallery import Draft
from trial.signing import signed

type Row = tuple[Recorded, str, str, str]
"""The delivery, the codes of its causes joined by +, words of the cause, words of the fix."""

type Change = Callable[[str], str]

ADDRESS = "https://hooks.example.com/v1/webhooks/square"


def scheme_of(one: Recorded) -> Signed:
    assert one.source.proof
    assert isinstance(one.source.proof.scheme, Signed)
    return one.source.proof.scheme


def configured(one: Recorded, **parts: Any) -> Recorded:  # noqa: ANN401 - whatever the scheme's field holds
    """The same delivery, for a source whose table describes its scheme otherwise."""
    proof = one.source.proof
    assert proof
    changed = replace(proof, scheme=replace(proof.scheme, **parts))
    return replace(one, source=replace(one.source, proof=changed))


def signed_as(
    one: Recorded,
    *,
    secret: str | None = None,
    body: bytes | None = None,
    message_id: str = "msg_1",
    **parts: Any,  # noqa: ANN401 - whatever the scheme's field holds
) -> Recorded:
    """Signed by a sender whose scheme, secret or body is another than the table, the store or the file has."""
    sender = configured(one, **parts, least=1).source
    names = {f.header for f in (scheme_of(one).signature, scheme_of(one).timestamp, scheme_of(one).id) if f}
    kept = {name: value for name, value in one.delivery.headers.items() if name not in names}
    draft = Draft(one.delivery.body if body is None else body, kept, message_id)
    sent = signed(sender, draft, secret or one.secret, one.now)
    return replace(one, delivery=Delivery(one.source.name, sent.headers, one.delivery.body))


def signing(name: str, written: str, **parts: Any) -> Recorded:  # noqa: ANN401 - as above
    return signed_as(recorded(name), template=template(written), **parts)


def header(one: Recorded, name: str, change: Change) -> Recorded:
    return _with_headers(one, {**one.delivery.headers, name: change(one.delivery.headers[name])})


def moved(one: Recorded, name: str, to: str) -> Recorded:
    return _with_headers(one, {to if n == name else n: value for n, value in one.delivery.headers.items()})


def _with_headers(one: Recorded, headers: dict[str, str]) -> Recorded:
    return replace(one, delivery=replace(one.delivery, headers=headers))


def stored_as(one: Recorded, change: Change) -> Recorded:
    return one.but(secret=change(one.secret))


def body_as(name: str, change: Callable[[bytes], bytes]) -> Recorded:
    one = recorded(name)
    return one.but(body=change(one.delivery.body))


def at_address(url: str) -> Recorded:
    return signed_as(recorded("square"), url=url)


def mac(
    one: Recorded, signed: bytes | None = None, digest: str = "sha256", key: bytes | None = None
) -> bytes:
    """By default that of the body, with the secret's own characters as the key."""
    return hmac.digest(key or one.secret.encode(), one.delivery.body if signed is None else signed, digest)


def rewritten(**style: Any) -> Callable[[bytes], bytes]:  # noqa: ANN401 - as json.dumps takes it
    return lambda body: json.dumps(json.loads(body), **style).encode()


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def from_base64(text: str) -> bytes:
    return base64.b64decode(text)


def renamed(one: Recorded, before: str, after: str) -> Recorded:
    """Headers whose names begin with `before` begin with `after` instead."""
    names = {n: after + n.removeprefix(before) if n.startswith(before) else n for n in one.delivery.headers}
    return _with_headers(one, {names[n]: value for n, value in one.delivery.headers.items()})


def with_body(one: Recorded, body: bytes, saved: bytes | None = None) -> Recorded:
    """Signed over `body`, and saved so or in another way."""
    return signed_as(one, body=body).but(body=body if saved is None else saved)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────────


def token_of(one: Recorded) -> str:
    return one.delivery.headers["authorization"].removeprefix("Bearer ")


def a_token(one: Recorded, *, secret: bytes | None = None, alg: str = "HS256", **claims: Any) -> Recorded:  # noqa: ANN401 - any
    """The same claims but for some; None takes one away."""
    payload = token_of(one).split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    kept = {name: value for name, value in {**told, **claims}.items() if value is not None}
    return a_token_of(one, json.dumps(kept).encode(), secret=secret, alg=alg)


def a_token_of(one: Recorded, payload: bytes, *, secret: bytes | None = None, alg: str = "HS256") -> Recorded:
    content = f"{url64(json.dumps({'alg': alg}).encode())}.{url64(payload)}"
    digest = {"HS256": "sha256", "HS512": "sha512"}.get(alg, "sha256")
    made = hmac.digest(secret or one.secret.encode(), content.encode(), digest)
    written = "" if alg == "none" else url64(made)
    return one.but(authorization=f"Bearer {content}.{written}")


def key_set_of(one: Recorded, **changes: Any) -> Recorded:  # noqa: ANN401 - whatever a key says
    """The key set says something else of each key."""
    keys = [{**key, **changes} for key in json.loads(one.secret)["keys"]]
    return one.but(secret=json.dumps({"keys": keys}))


# ── What is asked ─────────────────────────────────────────────────────────────────────────────────


def saying(name: str, **fields: Any) -> Recorded:  # noqa: ANN401 - whatever the sender says
    """An unsigned change of the body: for sources whose secret travels with the delivery."""
    one = recorded(name)
    told = {**json.loads(one.delivery.body), **fields}
    kept = {key: value for key, value in told.items() if value is not None}
    return one.but(body=json.dumps(kept).encode())


def asking(one: Recorded | str, **expressions: str) -> Recorded:
    """The table has other expressions; `canceled` is its filter."""
    one = recorded(one) if isinstance(one, str) else one
    written: dict[str, Any] = {key: compiled(text) for key, text in expressions.items()}
    if "canceled" in written:
        written["filters"] = {"canceled": compiled(expressions["canceled"], comparing=REFUSING)}
        del written["canceled"]
    if "event_id" in written:
        written["event_id"] = (written["event_id"],)
    changed = replace(one.source.expressions, **written)
    return replace(one, source=replace(one.source, expressions=changed))


def other_key_set(algorithm: Algorithm, kid: str) -> str:
    """A set with a key of that name that has signed nothing."""
    return key_set({**JWKS[algorithm], "kid": kid})
