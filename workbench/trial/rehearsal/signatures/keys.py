"""What a stored secret may have been meant to be: repaired as a text, then read as a key in every form."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from cancellations.source.verification.keys import FORMS, SECRET_PREFIX, KeyForm
from trial.rehearsal.causes import Cause, Table
from trial.rehearsal.signatures import alphabets

MOST_REPAIRS = 2

SPACE = " \t\r\n\v\f\u00a0\u2007\u202f\u200b"
MARKS = "\ufeff\ufffe"
QUOTES = "\"'`\u201c\u201d\u2018\u2019"

STORE = 'Store it alone, in quotes of JSON: {"signing_secret": "…"}.'

_NAMED = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,40}=(?=.{16})", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Meant:
    """A text or key that a stored secret may have been meant to be, and what is wrong if it is."""

    value: str = field(repr=False)
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyMeant:
    key: bytes = field(repr=False)
    causes: tuple[Cause, ...] = ()


def repaired(secret: str) -> list[Meant]:
    """The secret as it is, then as it may have been meant; fewest repairs first."""
    found = {secret: Meant(secret)}
    last = [found[secret]]
    for _ in range(MOST_REPAIRS):
        next_ones: list[Meant] = []
        for meant in last:
            for text, cause in _repairs(meant.value):
                if text and text not in found:
                    found[text] = Meant(text, (*meant.causes, cause))
                    next_ones.append(found[text])
        last = next_ones
    return list(found.values())


def obvious(secret: str) -> Meant | None:
    """Repaired by what can be seen in the text itself, without any signature; None if nothing can."""
    meant = Meant(secret)
    while step := next(_visible(meant.value), None):
        meant = Meant(step[0], (*meant.causes, step[1]))
    return meant if meant.causes else None


def keys(secret: str, form: KeyForm, table: Table) -> list[KeyMeant]:
    """Every key that may be meant, that of the configured form first; fewest causes first."""
    found: dict[bytes, KeyMeant] = {}
    every = [one for meant in repaired(secret) for one in _in_forms(meant, form, table)]
    for one in sorted(every, key=lambda one: len(one.causes)):
        if one.key:
            found.setdefault(one.key, one)
    return list(found.values())


def _in_forms(meant: Meant, form: KeyForm, table: Table) -> Iterator[KeyMeant]:
    for other in sorted(FORMS, key=lambda one: one != form):
        for key, alphabet in _readings(meant.value, other):
            causes = meant.causes
            if other != form:
                causes = (*causes, _another_form(other, form, table))
            if alphabet not in ("text", "hex", "hex-upper", "base64"):
                causes = (*causes, _another_alphabet(alphabet))
            yield KeyMeant(key, causes)


def _readings(text: str, form: KeyForm) -> Iterator[tuple[bytes, str]]:
    if form == "text":
        yield text.encode("utf-8", "surrogatepass"), "text"
        return
    wanted = "hex" if form == "hex" else "base64"
    encoded = text.removeprefix(SECRET_PREFIX) if form == "standard" else text
    yield from ((raw, name) for raw, name in alphabets.plain(encoded) if name.startswith(wanted))


def _another_form(other: KeyForm, form: KeyForm, table: Table) -> Cause:
    said = f"The key is the secret read as {other}, not as {form}."
    return Cause("key-form", said, table.set("key", other))


def _another_alphabet(alphabet: str) -> Cause:
    return Cause(
        "secret-alphabet",
        f"The secret is written in {alphabet}.",
        "Store it in standard base64: + for -, / for _, padded with = to a multiple of four.",
    )


def _repairs(text: str) -> Iterator[tuple[str, Cause]]:
    yield from _visible(text)
    if text.startswith(SECRET_PREFIX):
        yield (
            text.removeprefix(SECRET_PREFIX),
            Cause(
                "secret-whsec-extra", "The sender's key has no whsec_ before it.", "Store it without whsec_."
            ),
        )
    else:
        yield (
            SECRET_PREFIX + text,
            Cause(
                "secret-whsec-missing", "The whsec_ before the secret is missing.", "Store it with whsec_."
            ),
        )
    for other in (text.lower(), text.upper()):
        yield (
            other,
            Cause("secret-case", "The secret is stored in another case.", "Store it as the sender shows it."),
        )


def _visible(text: str) -> Iterator[tuple[str, Cause]]:
    """Repairs of what no sender issues."""
    yield from _around(text)
    yield from _before(text)
    if (inner := _in_json(text)) is not None:
        yield inner, Cause("secret-json-twice", "The secret is JSON inside JSON.", STORE)
    if "%" in text and (decoded := unquote(text)) != text:
        yield decoded, Cause("secret-percent", "The secret is percent-encoded.", "Store it decoded.")


def _around(text: str) -> Iterator[tuple[str, Cause]]:
    if (bare := text.strip(SPACE)) != text:
        yield bare, Cause("secret-white-space", "The secret has white space around it.", STORE)
    if (bare := text.strip(MARKS)) != text:
        yield bare, Cause("secret-byte-order-mark", "The secret has a byte order mark around it.", STORE)
    for written in ("\\r\\n", "\\n", "\\r"):
        if text.endswith(written):
            said = "The secret ends in a backslash and a letter, meant as a line break."
            yield text.removesuffix(written), Cause("secret-white-space", said, STORE)
    if (bare := text.strip(QUOTES)) != text:
        yield bare, Cause("secret-quotes", "The secret has quotes around it.", STORE)


def _before(text: str) -> Iterator[tuple[str, Cause]]:
    if text.startswith(("v1,", "v1a,")):
        said = "The secret begins with v1, which belongs before signatures."
        yield text.partition(",")[2], Cause("secret-v1", said, "Store what comes after the comma.")
    if text.startswith(SECRET_PREFIX * 2):
        said = "The secret begins with whsec_ twice."
        yield (
            text.removeprefix(SECRET_PREFIX),
            Cause("secret-whsec-twice", said, "Store it with one whsec_."),
        )
    if text.lower().startswith("bearer "):
        said = "The secret begins with the word Bearer."
        yield text[len("bearer ") :], Cause("secret-bearer", said, STORE)
    if named := _NAMED.match(text):
        said = "The secret is stored with its name and an equals sign before it."
        yield text[named.end() :], Cause("secret-named", said, STORE)


def _in_json(text: str) -> str | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    values = [value for value in found.values() if isinstance(value, str)]
    return values[0] if len(values) == 1 else None
