"""The body as it may have been when it was signed: before an editor, a tool or a proxy rewrote it."""

import base64
import binascii
import html
import json
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from trial.rehearsal.causes import Cause

DECODE = "Decode it: base64 -d. In an event of API Gateway isBase64Encoded must say so."
INDENTS: Mapping[str, int | str] = {"two spaces": 2, "four spaces": 4, "tabs": "\t"}
MOST_SORTED_CHARS = 64 * 1024
"""What is longer is not indented and sorted at once: an indented writing takes long to make."""

SAVE = "Save the raw bytes of the request, before anything reads or formats them."


@dataclass(frozen=True, slots=True)
class BodyMeant:
    body: bytes
    causes: tuple[Cause, ...] = ()


class Bodies:
    """The other bodies, each once and the cheap ones first. Made as they are asked for, and kept."""

    def __init__(self, body: bytes) -> None:
        self._found: dict[bytes, BodyMeant] = {}
        self._rest = _others(body)
        self._body = body

    def __iter__(self) -> Iterator[BodyMeant]:
        yield from list(self._found.values())
        for other, code, said, fix in self._rest:
            if other != self._body and other not in self._found:
                self._found[other] = BodyMeant(other, (Cause(code, said, fix),))
                yield self._found[other]


def _others(body: bytes) -> Iterator[tuple[bytes, str, str, str]]:
    yield from _line_breaks(body)
    yield from _wrapped(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        for name in ("utf-16", "latin-1", "cp1252"):
            if (read := _decoded(body, name)) is not None:
                said = f"The body was sent in UTF-8; the file has it in {name}."
                yield (
                    read.encode("utf-8", "replace"),
                    "body-charset",
                    said,
                    "Save it in UTF-8, as it was sent.",
                )
        return
    yield from _characters(text)
    yield from _formatted(text)


def _line_breaks(body: bytes) -> Iterator[tuple[bytes, str, str, str]]:
    plain = body.replace(b"\r\n", b"\n")
    without = "The body was sent without the line break at its end."
    withal = "The body was sent with a line break at its end, which the file lacks."
    yield body.rstrip(b"\r\n"), "body-line-break-added", without, "Save it without one."
    yield body + b"\n", "body-line-break-lost", withal, SAVE
    yield body + b"\r\n", "body-line-break-lost", withal, SAVE
    yield plain, "body-crlf", "The body was sent with plain line breaks (LF); the file has CR LF.", SAVE
    yield (
        plain.rstrip(b"\n"),
        "body-crlf",
        "The body was sent with plain line breaks; the file has CR LF.",
        SAVE,
    )
    crlf = plain.replace(b"\n", b"\r\n")
    yield crlf, "body-crlf-lost", "The body was sent with CR LF; the file has LF alone.", SAVE
    mark = "The file begins with a byte order mark, which was not sent."
    yield (
        body.removeprefix(BOM_UTF8),
        "body-byte-order-mark",
        mark,
        "Save it in UTF-8 without a byte order mark.",
    )
    lost = "The body was sent with a byte order mark, which the file lacks."
    yield BOM_UTF8 + body, "body-byte-order-mark-lost", lost, SAVE
    yield body.strip(), "body-white-space", "The body was sent without white space around it.", SAVE


def _wrapped(body: bytes) -> Iterator[tuple[bytes, str, str, str]]:
    """Base64, a form around JSON, JSON in a text, and records of a gateway or a tool."""
    if (decoded := _from_base64(b"".join(body.split()))) is not None:
        said = "The file has the body in base64; the bytes inside are signed."
        yield decoded, "body-base64", said, DECODE
    encoded = "The base64 of the body is signed, not the body."
    yield (
        base64.b64encode(body),
        "body-base64-signed",
        encoded,
        "Ask the sender to sign the bytes that it sends.",
    )
    if b"=" in body[:64] and (payload := _payload(body)) is not None:
        said = "The JSON inside the form's field payload is signed, not the form."
        yield payload, "body-form-payload", said, "Let the sender send application/json."
    document = _json(body)
    inner = document if isinstance(document, str) else None
    if inner is not None:
        yield (
            inner.encode("utf-8", "replace"),
            "body-json-text",
            "The file has the body as a JSON text.",
            SAVE,
        )
    if isinstance(document, dict):
        for name in ("body", "content", "payload", "rawBody", "Body"):
            if isinstance(kept := document.get(name), str):
                said = f'The file is a record of a request; the body is its "{name}".'
                fix = "Save that text alone. For an event of API Gateway, use --event."
                yield kept.encode("utf-8", "replace"), "body-record", said, fix
                if (decoded := _from_base64(kept.encode("utf-8", "replace"))) is not None:
                    yield decoded, "body-record", said, fix


def _characters(text: str) -> Iterator[tuple[bytes, str, str, str]]:
    for name in ("latin-1", "cp1252"):
        for before, after in ((name, "utf-8"), ("utf-8", name)):
            try:
                other = text.encode(before).decode(after)
            except UnicodeError:
                continue
            said = f"The body was sent in UTF-8, and something read it as {name}."
            yield other.encode(), "body-charset", said, "Read and save the body as bytes."
        if not text.isascii():
            try:
                said = f"The sender signs the body in {name}, not in UTF-8."
                yield text.encode(name), "body-charset", said, "Ask the sender to send UTF-8."
            except UnicodeEncodeError:
                pass
    yield (
        html.unescape(text).encode("utf-8", "replace"),
        "body-html",
        "The body was HTML-escaped on its way.",
        SAVE,
    )
    unescaped = "Escapes of HTML in the body were undone on its way."
    yield html.escape(text).encode(), "body-html", unescaped, SAVE
    yield html.escape(text, quote=False).encode(), "body-html", unescaped, SAVE
    for form in ("NFC", "NFD"):
        if not text.isascii():
            other = unicodedata.normalize(form, text)
            yield (
                other.encode(),
                "body-unicode",
                f"The body was sent with its letters in the form {form}.",
                SAVE,
            )
    if "%" in text:
        said = "The body is percent-encoded in the file; it is signed decoded."
        yield unquote_plus(text).encode("utf-8", "replace"), "body-percent", said, SAVE


def _formatted(text: str) -> Iterator[tuple[bytes, str, str, str]]:
    """JSON as other writers write it. The order of keys is kept, or sorted: no other order can be guessed."""
    if text[:1] not in "{[":
        return
    slashes = "The body was changed on its way: the sender writes / as \\/."
    yield (
        text.replace("\\/", "/").encode(),
        "body-reformatted",
        "The body was changed: the sender writes / plainly.",
        SAVE,
    )
    yield text.replace("\\/", "/").replace("/", "\\/").encode(), "body-reformatted", slashes, SAVE
    document = _json(text.encode())
    if document is None:
        return
    yield from _styled(document, {"compact": {"separators": (",", ":")}, "with spaces": {}}, (False, True))
    orders = (False, True) if len(text) <= MOST_SORTED_CHARS else (False,)
    yield from _styled(
        document, {f"indented by {name}": {"indent": by} for name, by in INDENTS.items()}, orders
    )


def _styled(
    document: object, styles: Mapping[str, dict[str, Any]], orders: Sequence[bool]
) -> Iterator[tuple[bytes, str, str, str]]:
    for ordered in orders:
        for name, style in styles.items():
            for escaped in (False, True):
                written = json.dumps(document, ensure_ascii=escaped, sort_keys=ordered, **style)
                how = name + (", keys sorted" if ordered else "") + (", \\u escapes" if escaped else "")
                said = f"The body was changed on its way: it was signed as JSON written {how}."
                yield written.encode("utf-8", "replace"), "body-reformatted", said, SAVE
                if name == "compact" and "/" in written:
                    php = written.replace("/", "\\/").encode("utf-8", "replace")
                    yield php, "body-reformatted", f"{said[:-1]}, / as \\/.", SAVE
                if written.isascii():
                    break  # with escapes it would be the same


def _from_base64(raw: bytes) -> bytes | None:
    try:
        return base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        return None


def _payload(body: bytes) -> bytes | None:
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=100)
    except ValueError:
        return None
    found = fields.get("payload", [])
    return found[0].encode("utf-8", "replace") if len(found) == 1 else None


def _json(raw: bytes) -> Any:  # noqa: ANN401 - whatever the document is
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _decoded(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeDecodeError:
        return None
