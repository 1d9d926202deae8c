"""Why a JSON Web Token is not taken: where it is, who signed it, and with which key."""

import base64
import hmac
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from jwt.algorithms import get_default_algorithms

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.ports import Stored
from cancellations.source.verification.bearer import ALGORITHMS, MAX_TOKEN_CHARS, Algorithm, Bearer
from cancellations.source.verification.key_sets import KeySet
from trial.rehearsal.causes import Cause, Table
from trial.rehearsal.signatures import keys
from trial.rehearsal.signatures.keys import KeyMeant

HMACS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
ES256_BYTES = 64
MAX_NAMED = 10
"""How many keys of a set are named; it may have thousands."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]++=*+\.[A-Za-z0-9_-]*+=*+", re.ASCII)


def tokens_in(text: str) -> list[str]:
    """Texts that have the form of a token, whatever is around them."""
    if len(text) > MAX_TOKEN_CHARS:
        return []
    parts = re.split(r"[\s\"',;]", text)
    return [part for part in parts if _TOKEN.fullmatch(part) and header_of(part) is not None]


def header_of(token: str) -> dict[str, Any] | None:
    try:
        found = json.loads(_decoded(token.partition(".")[0]))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def payload_of(token: str) -> bytes:
    """Raises ValueError."""
    return _decoded(token.partition(".")[2].partition(".")[0])


def explained(
    scheme: Bearer, delivery: Delivery, stored: Sequence[Stored], now: float, table: Table
) -> tuple[Cause, ...]:
    """What is wrong beyond the claims; none if that cannot be told."""
    for token, place in _placed(scheme, delivery, table):
        signers = list(_signer(scheme, token, stored, table))
        if signers:
            fewest = min(signers, key=len)
            return (*place, *fewest)
        if place and _taken(scheme, delivery, token, stored, now):
            return place
    return ()


def _placed(scheme: Bearer, delivery: Delivery, table: Table) -> Iterator[tuple[str, tuple[Cause, ...]]]:
    """Tokens, with what is wrong about where they are."""
    field = scheme.field
    if field is None:
        text = delivery.body.decode("ascii", "replace")
        fix = "Save the token alone: no quotes, no line break."
        around = Cause("jwt-around", "There is something around the token in the body.", fix)
        yield from ((token, () if token == text else (around,)) for token in tokens_in(text))
    else:
        configured = delivery.headers.get(field.header, "")
        yield from ((token, _around(scheme, configured, token)) for token in tokens_in(configured))
    for name, value in delivery.headers.items():
        if field is None or name != field.header:
            said = f"The token is in the header {name}, not in {field.header if field else 'the body'}."
            fix = (
                f'Write jwt = {{ header = "{name}" }} in [{table.source}].'
                if field
                else 'Use verify = "jwt".'
            )
            yield from ((token, (Cause("jwt-header-name", said, fix),)) for token in tokens_in(value))


def _around(scheme: Bearer, header: str, token: str) -> tuple[Cause, ...]:
    field = scheme.field
    if field is None or token in _values(scheme, header):
        return ()
    before, _, after = header.partition(token)
    words = before.lower().split()
    said = f"Around the token in {field.header} is more than {field.written('')!r}."
    code, fix = "jwt-around", "Send the word Bearer, one space and the token."
    if words.count("bearer") > 1:
        code, said = "jwt-bearer-twice", "The word Bearer is before the token twice."
    elif any(quote in before + after for quote in keys.QUOTES):
        code, said = "jwt-quotes", "There are quotes around the token."
    return (Cause(code, said, fix),)


def _values(scheme: Bearer, header: str) -> list[str]:
    try:
        return scheme.field.values({scheme.field.header: header}) if scheme.field else []
    except SignatureRefused:
        return []


def _taken(scheme: Bearer, delivery: Delivery, token: str, stored: Sequence[Stored], now: float) -> bool:
    """Whether the token is taken once it is in its place."""
    if scheme.field is None:
        moved = replace(delivery, body=token.encode())
    else:
        headers = {**delivery.headers, scheme.field.header: scheme.field.written(token)}
        moved = replace(delivery, headers=headers)
    for one in stored:
        try:
            scheme.verify(moved, scheme.keys_of(one.value), now)
        except (SignatureRefused, ValueError):
            continue
        return True
    return False


def _signer(
    scheme: Bearer, token: str, stored: Sequence[Stored], table: Table
) -> Iterator[tuple[Cause, ...]]:
    """Why the signature is not that of the configured key and algorithm, as far as it can be proven."""
    said = header_of(token) or {}
    content, _, written = token.rpartition(".")
    try:
        signature = _decoded(written)
    except ValueError:
        return
    algorithm = said.get("alg")
    if str(algorithm).lower() == "none":
        yield (Cause("jwt-none", "The token is not signed (alg none).", "Let the sender sign it."),)
    if digest := HMACS.get(str(algorithm)):
        for one in stored:
            keys_meant = keys.keys(one.value, "text", table)
            yield from _by_secret(scheme, keys_meant, content.encode(), signature, digest)
    elif algorithm in ALGORITHMS:
        for one in stored:
            yield from _by_public_key(scheme, one.value, content.encode(), signature, said)


def _by_secret(
    scheme: Bearer, meant: Sequence[KeyMeant], content: bytes, signature: bytes, digest: str
) -> Iterator[tuple[Cause, ...]]:
    about: tuple[Cause, ...] = ()
    if (name := f"HS{digest[3:]}") != scheme.algorithm:
        said = f"The token is signed with {name} and this secret, where {scheme.algorithm} is configured."
        about = (Cause("jwt-algorithm-signed", said, "Let the sender sign with HS256."),)
    for key in meant:
        if hmac.compare_digest(hmac.digest(key.key, content, digest), signature) and (key.causes or about):
            yield (*key.causes, *about)


def _by_public_key(
    scheme: Bearer, document: str, content: bytes, signature: bytes, said: dict[str, Any]
) -> Iterator[tuple[Cause, ...]]:
    algorithm = cast("Algorithm", said["alg"])
    try:
        known = [key for key in KeySet(document, algorithm).keys if not key.fault]
    except ValueError:
        return
    ids = [key.id or "(none)" for key in known[:MAX_NAMED]]
    ids += ["and more"] if len(known) > MAX_NAMED else []
    kid = said.get("kid")
    fits = [key for key in known if _verifies(algorithm, content, key.key, signature)]
    named = f"The token names the key {str(kid)[:64]!a}; the key set has {', '.join(ids)}"
    if fits and kid is not None and all(key.id not in (None, kid) for key in fits):
        fix = "Publish the key under the kid that the tokens name."
        yield (Cause("jwt-kid", f"{named}. The key {fits[0].id} fits it.", fix),)
    elif fits and algorithm != scheme.algorithm:
        what = f"The token is signed with {algorithm} and a key of the set, not with {scheme.algorithm}."
        yield (Cause("jwt-algorithm-signed", what, f'Write jwt = {{ algorithm = "{algorithm}" }}.'),)
    elif not fits and kid is not None and not {kid, None} & {key.id for key in known}:
        fix = "Fetch the sender's key set again, or check that it is this sender's."
        yield (Cause("jwt-kid", f"{named}.", fix),)
    elif not fits and algorithm == "ES256" and len(signature) != ES256_BYTES:
        what = f"The signature has {len(signature)} bytes; ES256 has {ES256_BYTES} (R and S), not DER."
        yield (Cause("jwt-es256-der", what, "Let the sender write R and S, as RFC 7518 says."),)
    elif not fits:
        what = f"No key of the set verifies the token; it has {', '.join(ids)}."
        yield (Cause("jwt-key", what, "Is it this sender's key set, and the current one?"),)


def _verifies(algorithm: str, content: bytes, key: Any, signature: bytes) -> bool:  # noqa: ANN401 - of any kind
    try:
        return bool(get_default_algorithms()[algorithm].verify(content, key, signature))
    except (ValueError, TypeError):
        return False


def _decoded(part: str) -> bytes:
    bare = part.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
