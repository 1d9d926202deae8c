"""Secrets that travel with the delivery: why what was sent is not what is stored."""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from cancellations.domain import Delivery
from cancellations.ports import Stored
from cancellations.source.verification.shared import HASH_PREFIX, Shared
from trial.rehearsal.causes import Cause, Table
from trial.rehearsal.signatures import keys
from trial.rehearsal.signatures.keys import Meant

MOST_HEADERS = 60
MAX_CHARS = 1_000
LEAST_CHARS = 6
"""What is shorter would be found in any body."""

ALONE = "Let the sender send the secret alone."

_WORDS = ("bearer ", "basic ", "token ", "apikey ", "api-key ", "key ")


@dataclass(frozen=True, slots=True)
class _Sent:
    value: str = field(repr=False)
    causes: tuple[Cause, ...] = ()


def explained(
    scheme: Shared, delivery: Delivery, stored: Sequence[Stored], others: Sequence[Stored], table: Table
) -> tuple[Cause, ...]:
    """The causes that make what was sent and what is stored the same; none if nothing does."""
    sent = sorted(_sent(scheme, delivery.headers, table), key=lambda one: len(one.causes))
    found = [
        (*one.causes, *causes)
        for secret in stored
        for one in sent
        if (causes := _same(one.value, secret.value, basic=scheme.basic)) is not None
    ]
    if fitting := [causes for causes in found if causes]:
        return min(fitting, key=len)
    for other in others:
        if any(_same(one.value, other.value, basic=scheme.basic) == () for one in sent if not one.causes):
            said = f"What was sent is the secret in {other.label}, which is not the one of this source."
            return (Cause("another-secret", said, "Store that secret for this source."),)
    return tuple(_visible(scheme, delivery, stored))


def _sent(scheme: Shared, headers: Mapping[str, str], table: Table) -> Iterator[_Sent]:
    """Every header as what it may mean, the configured one first."""
    ordered = sorted(headers, key=lambda name: name != scheme.field.header)
    for name in ordered[:MOST_HEADERS]:
        if len(headers[name]) <= MAX_CHARS:
            elsewhere: tuple[Cause, ...] = ()
            if name != scheme.field.header:
                said = f"The secret is in the header {name}, not in {scheme.field.header}."
                fix = f'Write header = "{name}" in [{table.source}].' if table.verify == "api-key" else ALONE
                elsewhere = (Cause("secret-header", said, fix),)
            for one in _read(headers[name], basic=scheme.basic):
                yield _Sent(one.value, (*elsewhere, *one.causes))


def _read(header: str, *, basic: bool) -> Iterator[_Sent]:
    found = {header: _Sent(header)}
    for _ in range(keys.MOST_REPAIRS):
        for one in list(found.values()):
            for value, cause in _steps(one.value):
                if value and value not in found:
                    found[value] = _Sent(value, (*one.causes, *([cause] if cause else [])))
    for one in found.values():
        word, _, rest = one.value.partition(" ")
        decoded = _decoded(rest if word.lower() == "basic" else one.value)
        if not basic:
            yield one
            if decoded:
                yield from _parts_of_basic(one, decoded)
        elif word.lower() == "basic" and decoded is not None:
            yield _Sent(decoded, one.causes)
        else:
            yield from _not_basic(one, word, rest, decoded)


def _not_basic(one: _Sent, word: str, rest: str, decoded: str | None) -> Iterator[_Sent]:
    if word.lower() == "basic":
        said = "The credentials are not base64."
        fix = "Send Basic, a space, and the base64 of user:password."
        yield _Sent(rest, (*one.causes, Cause("basic-not-base64", said, fix)))
    elif decoded:
        fix = "Send Basic and a space before them."
        yield _Sent(decoded, (*one.causes, Cause("basic-word", "The word Basic is missing.", fix)))
    elif ":" in one.value:
        said = "The credentials are sent as they are, without Basic and without base64."
        yield _Sent(one.value, (*one.causes, Cause("basic-not-base64", said, "Use basic authentication.")))


def _parts_of_basic(one: _Sent, decoded: str) -> Iterator[_Sent]:
    """A key that was sent by basic authentication, or in base64."""
    user, colon, password = decoded.partition(":")
    for value, what in ((user, "user"), (password, "password")) if colon else ((decoded, ""),):
        said = (
            f"The secret is sent as the {what} of basic authentication." if what else "It is sent in base64."
        )
        yield _Sent(value, (*one.causes, Cause("secret-in-basic", said, ALONE)))


def _steps(value: str) -> Iterator[tuple[str, Cause | None]]:
    if (bare := value.strip(keys.SPACE + keys.MARKS)) != value:
        yield bare, Cause("sent-white-space", "What was sent has white space around it.", ALONE)
    if (bare := value.strip(keys.QUOTES)) != value:
        yield bare, Cause("sent-quotes", "What was sent has quotes around it.", ALONE)
    for word in _WORDS:
        if value.lower().startswith(word) and word != "basic ":
            said = f"What was sent begins with the word {word.strip().title()}."
            yield value[len(word) :], Cause("sent-word", said, ALONE)
    if "%" in value and (decoded := unquote(value)) != value:
        yield decoded, Cause("sent-percent", "What was sent is percent-encoded.", ALONE)


def _same(sent: str, stored: str, *, basic: bool) -> tuple[Cause, ...] | None:
    """None if they are not the same in any way; the causes why they are the same only in a way."""
    for meant in keys.repaired(stored) if not stored.startswith(HASH_PREFIX) else [Meant(stored)]:
        for causes in _alike(sent, meant.value, basic=basic):
            return (*meant.causes, *causes)
    return None


def _alike(sent: str, stored: str, *, basic: bool) -> Iterator[tuple[Cause, ...]]:
    digest = hashlib.sha256(sent.encode()).hexdigest()
    if stored.startswith(HASH_PREFIX):
        yield from _alike_by_hash(sent, stored.removeprefix(HASH_PREFIX))
        return
    if sent == stored:
        yield ()
    elif sent.removeprefix(HASH_PREFIX).lower() == hashlib.sha256(stored.encode()).hexdigest():
        yield (Cause("hash-sent", "The sender sends the hash of the secret, not the secret.", ALONE),)
    elif stored.lower() == digest:
        said = "What is stored is the hash of what is sent, without sha256: before it."
        yield (Cause("hash-without-prefix", said, "Store it with sha256: before it, in lower case."),)
    elif len(sent) >= LEAST_CHARS and len(sent) < len(stored) and stored.startswith(sent):
        yield (Cause("secret-cut", "What was sent is only the beginning of the secret.", "Send all of it."),)
    if basic and (part := _parts_sent(sent, *stored.partition(":")[::2])):
        yield (Cause("basic-parts", part, "Send the base64 of user:password."),)


def _parts_sent(sent: str, user: str, password: str) -> str | None:
    known = {
        f"{password}:{user}": "User and password are swapped.",
        f":{password}": "The user is missing.",
        f"{user}:": "The password is missing.",
        f"{password}:": "The password was sent as the user.",
        password: "Only the password was sent.",
        user: "Only the user was sent.",
    }
    return known.get(sent)


def _alike_by_hash(sent: str, digits: str) -> Iterator[tuple[Cause, ...]]:
    how = "Make it so: printf %s SECRET | sha256sum."
    if hashlib.sha256(sent.encode()).hexdigest() == digits.lower():
        case = Cause("hash-case", "The stored hash is in upper case.", "Store it in lower case.")
        yield () if digits == digits.lower() else (case,)
    elif hashlib.sha256(f"{sent}\n".encode()).hexdigest() == digits.lower():
        said = "The stored hash is that of the secret with a line break at its end."
        yield (Cause("hash-with-line-break", said, how),)
    elif sent.removeprefix(HASH_PREFIX) == digits:
        said = "The sender sends the hash that is stored, not the secret."
        yield (Cause("hash-sent", said, ALONE),)


def _visible(scheme: Shared, delivery: Delivery, stored: Sequence[Stored]) -> Iterator[Cause]:
    """What can be said although nothing fits."""
    header = delivery.headers.get(scheme.field.header)
    text = delivery.body.decode("utf-8", "replace")
    if any(len(one.value) >= LEAST_CHARS and one.value in text for one in stored):
        said = f"The secret is in the body, not in the header {scheme.field.header}."
        yield Cause("secret-in-body", said, "Let the sender send it as a header.")
    elif header is not None and all(one.value.startswith(HASH_PREFIX) for one in stored):
        said = "The stored hash is that of another secret than the one that was sent."
        yield Cause("hash-of-another", said, "Hash the sender's secret anew: printf %s SECRET | sha256sum.")
    elif header is not None:
        lengths = ", ".join(str(len(one.value)) for one in stored)
        said = f"What was sent is another secret: it has {len(header)} characters, the stored one {lengths}."
        fix = "Compare the two at the sender and where it is stored. Another file of secrets: --secret again."
        yield Cause("secret-another", said, fix)


def _decoded(text: str) -> str | None:
    try:
        found = base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return found if found.isprintable() and found else None
