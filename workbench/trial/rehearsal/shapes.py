"""What a body looks like, if it is not read in the way that its source's table says."""

import base64
import json
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from typing import Literal

from cancellations.configuration import Source
from cancellations.domain import Delivery, Json
from cancellations.errors import CancellationsError, Malformed, UnsupportedBody
from cancellations.source import bodies, mapping
from trial.rehearsal.causes import Cause
from trial.rehearsal.paths import meant
from trial.rehearsal.report import Finding, wrong

AROUND_CHARS = 24

type Looks = Literal["JSON", "a form", "XML", "HTML", "multipart/form-data"]

_AT = re.compile(r"at character ([0-9]{1,9})$", re.ASCII)
_FORM = re.compile(rb"[A-Za-z0-9_.%+*\[\]-]{1,200}+=")
_TYPES = {
    "json": "application/json",
    "cloudevents": "application/cloudevents+json",
    "form": "application/x-www-form-urlencoded",
    "salesforce-outbound": "text/xml",
}
_READ_AS: dict[str, Looks] = {
    "json": "JSON",
    "cloudevents": "JSON",
    "form": "a form",
    "salesforce-outbound": "XML",
}


def explained(source: Source, delivery: Delivery) -> tuple[Finding, ...]:
    """None if the body is read, or if nothing explains why it is not."""
    if source.body == "claims":
        return ()
    try:
        document = bodies.read(source.body, delivery)
    except CancellationsError as error:
        causes = tuple(_causes(source, delivery, error))
        return (
            wrong("body", str(error), *(causes or (Cause("body", f"The body is refused: {error}.", ""),))),
        )
    return tuple(_unread(source, delivery, document))


def _unread(source: Source, delivery: Delivery, document: Json) -> Iterator[Finding]:
    """What is wrong with the items of a body that is read."""
    if isinstance(document, list) and source.expressions.items is None:
        said = f"The body is a list of {len(document)}, and the table does not say that it has items."
        fix = f'Write items = "body" in [{source.name}], and item. for body. in its expressions.'
        yield wrong("body", "is a list", Cause("body-list", said, fix))
    elif (expression := source.expressions.items) is not None:
        item = mapping.document(delivery, document, None)
        try:
            mapping.items(source.expressions, item)
        except Malformed as fault:
            found = meant(expression, item)
            fix = f"In this delivery there is: {found}." if found else f"Check items in [{source.name}]."
            yield wrong("items", str(fault), Cause("items", f"{str(fault).capitalize()}.", fix))


def looks_like(body: bytes) -> Looks | None:
    begin = body.removeprefix(BOM_UTF8).lstrip()[:300]
    if begin[:1] in (b"{", b"["):
        return "JSON"
    if begin.lower().startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if begin.startswith(b"<"):
        return "XML"
    if begin.startswith(b"--"):
        return "multipart/form-data"
    return "a form" if _FORM.match(begin) else None


def _causes(source: Source, delivery: Delivery, error: CancellationsError) -> Iterator[Cause]:
    body, wanted = delivery.body, _READ_AS[source.body]
    if unreadable := list(_unreadable(delivery)):
        yield from unreadable
        return
    looks = looks_like(body)
    if looks and looks != wanted:
        yield _another(source, body, looks, wanted)
    elif looks and isinstance(error, UnsupportedBody):
        announced = delivery.headers.get("content-type", "none")
        said = f"The body looks like {looks}, but its content-type is {announced[:80]!a}."
        fix = f"Let the sender send content-type: {_TYPES[source.body]}"
        yield Cause("content-type", said, fix)
    elif looks == "JSON" and isinstance(error, Malformed):
        yield from _broken_json(body, str(error))


def _unreadable(delivery: Delivery) -> Iterator[Cause]:
    body = delivery.body
    if not body.strip():
        yield Cause("body-empty", "The body is empty.", "Check that the file has the body.")
    if body.startswith(BOM_UTF8):
        said = "The body begins with a byte order mark."
        yield Cause("body-byte-order-mark", said, "Send and save it in UTF-8 without one.")
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        said = "The body is in UTF-16, as some shells save it."
        yield Cause("body-utf-16", said, "Save the raw bytes of the request.")
    if body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        yield Cause("body-compressed", "The body is compressed.", "Let the sender send it as it is.")
    elif delivery.headers.get("content-encoding", "identity").strip().lower() != "identity":
        said = "The header content-encoding says that the body is compressed or encoded."
        yield Cause("content-encoding", said, "Let the sender leave content-encoding out.")
    if _is_base64_of_json(body):
        said = "The body is JSON in base64."
        yield Cause(
            "body-base64",
            said,
            "Decode it: base64 -d. In an event of API Gateway isBase64Encoded must say so.",
        )
    if body[:1] == b'"' and _loads(body) is not None:
        said = "The body is a JSON text that has JSON inside: it was written as JSON twice."
        yield Cause("body-json-text", said, "Let the sender write it once.")


def _another(source: Source, body: bytes, looks: Looks, wanted: Looks) -> Cause:
    said = f"The body looks like {looks}, and the table expects {wanted}."
    if looks == "a form" and body.startswith(b"payload="):
        said = "The body is a form with JSON in its field payload, and the table expects JSON."
        return Cause("body-form", said, "Let the sender send application/json (GitHub: Content type).")
    if looks == "XML" and b"soap.sforce.com" in body:
        return Cause("body-soap", said, f'Write body = "salesforce-outbound" in [{source.name}].')
    fixes = {
        "a form": f'Write body = "form" in [{source.name}], or let the sender send JSON.',
        "JSON": f'Write body = "json" in [{source.name}], or let the sender send {wanted}.',
        "HTML": "It is a page, not a delivery: look for an error page in it.",
    }
    codes = {"a form": "body-form", "JSON": "body-json", "XML": "body-xml", "HTML": "body-html-page"}
    return Cause(codes.get(looks, "body-multipart"), said, fixes.get(looks, f"Let the sender send {wanted}."))


def _broken_json(body: bytes, error: str) -> Iterator[Cause]:
    found = _AT.search(error)
    if found is None:
        yield Cause("body-json-strict", f"{error[0].upper()}{error[1:]}.", "Let the sender write plain JSON.")
        return
    text = body.decode("utf-8", "replace")
    at = int(found[1])
    around = text[max(0, at - AROUND_CHARS) : at + AROUND_CHARS]
    said = f"The body is not JSON at character {at}: …{around!a}…"
    fix = "Let the sender write its JSON with a JSON writer, not with a template of text."
    before = text[:at].rstrip()
    if "Expecting ',' delimiter" in error and before.endswith('"'):
        said = f"A quote inside a text is not escaped, before character {at}: …{around!a}…"
        fix = 'In the sender\'s template, write the value so that " becomes \\" (in Liquid: {{ value | json }}).'
        yield Cause("body-json-quote", said, fix)
        return
    if "control character" in error:
        said = f"A line break inside a text is not escaped, at character {at}."
    yield Cause("body-json-broken", said, fix)


def _is_base64_of_json(body: bytes) -> bool:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)[:1] in (b"{", b"[")
    except ValueError:
        return False


def _loads(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
