"""Salesforce's outbound messages: SOAP 1.1, up to 100 notifications in one.

Shape: "Understanding the Outbound Messaging WSDL" in Salesforce's Metadata API guide. A message may carry a session
id, which is a live credential, and addresses to use it at: none of the three leaves this module.
"""

import re
import sys
from codecs import BOM_UTF8
from typing import Never
from xml.etree.ElementTree import Element, TreeBuilder

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source.bodies import batch, media_types

MAX_NOTIFICATIONS = 100
MAX_DEPTH = 8
"""A field lies six deep."""
MAX_ELEMENTS = 20_000

_MEDIA_TYPES = ("text/xml", "application/xml")
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_LONG_NAMESPACE = re.compile(rb"""(?<=\s)xmlns[^\s=]*+\s*+=\s*+(?:"[^"]{257}|'[^']{257})""")
"""The parser spells the namespace out in every name: a long one makes gigabytes of a small body."""

_FORBIDDEN = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""Characters that XML 1.0 has not (https://www.w3.org/TR/xml/#charsets)."""
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]++)|([0-9]++));")
_CHARACTER = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DIGITS_OF_A_CHARACTER = 7
_REPLACEMENT = "\ufffd".encode()

_NEVER_TOLD = ("SessionId", "EnterpriseUrl", "PartnerUrl")
_IS_NULL = {None: False, "false": False, "0": False, "true": True, "1": True}


def read(delivery: Delivery) -> Json:
    """Return {organization_id, action_id, notifications: [{id, type, fields: {local name: text or null}}]}.

    `type` is the local name of the object's type, null if the message does not say it. Texts are as they were sent:
    nothing is trimmed, and no number or boolean is made of them. A compound field, such as an address, is an object
    of its own texts. A character that XML forbids becomes U+FFFD. A bad notification spoils itself (`batch`).
    """
    media_type = media_types.announced(delivery)
    if media_type is None or media_type.name not in _MEDIA_TYPES:
        raise UnsupportedBody("the body must be text/xml or application/xml")
    envelope = _parsed(delivery.body)
    if envelope.tag != f"{_SOAP}Envelope":
        raise Malformed("the body is not a SOAP 1.1 envelope")
    message = _only(_only(envelope, _SOAP, "Body"), _OUTBOUND, "notifications")
    notifications = [part for part in message if part.tag == f"{_OUTBOUND}Notification"]
    if not 1 <= len(notifications) <= MAX_NOTIFICATIONS:
        raise Malformed(f"the message has no notification, or more than {MAX_NOTIFICATIONS}")
    return {
        "organization_id": _id(message, "OrganizationId"),
        "action_id": _id(message, "ActionId"),
        "notifications": batch.each(_notification, notifications),
    }


def acknowledgement(ok: bool) -> bytes:
    """The answer Salesforce waits for, as text/xml; unless it is ok, the whole message comes again."""
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
        b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>%b</Ack>'
        b"</notificationsResponse></soapenv:Body></soapenv:Envelope>"
    ) % (b"true" if ok else b"false")


def _notification(notification: Element) -> Json:
    record = _only(notification, _OUTBOUND, "sObject")
    kind = record.get(f"{_INSTANCE}type")
    return {
        "id": _id(notification, "Id"),
        "type": kind.rpartition(":")[2] if kind else None,
        "fields": _fields(record),
    }


def _fields(record: Element) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    for field in record:
        name = field.tag.rpartition("}")[2]
        if name in fields:
            raise Malformed("a notification has the same field twice")
        if name not in _NEVER_TOLD:
            fields[name] = _value(field)
    return fields


def _value(field: Element) -> Json:
    if len(field) == 0:
        return _text(field)
    between = [field.text, *(part.tail for part in field)]
    if _is_null(field) or any(text and not text.isspace() for text in between):
        raise Malformed("a field has other fields, and is null or text as well")
    return _fields(field)


def _only(parent: Element, namespace: str, name: str) -> Element:
    found = [part for part in parent if part.tag == namespace + name]
    if len(found) != 1:
        raise Malformed(f"the message has no {name}, or more than one, where one belongs")
    return found[0]


def _id(parent: Element, name: str) -> str:
    text = _text(_only(parent, _OUTBOUND, name))
    if not text:
        raise Malformed(f"the message's {name} is empty")
    return text


def _text(element: Element) -> str | None:
    is_null = _is_null(element)
    if len(element) or (is_null and element.text):
        raise Malformed("a field is not text, or both null and text")
    return None if is_null else element.text or ""


def _is_null(element: Element) -> bool:
    is_null = _IS_NULL.get(element.get(f"{_INSTANCE}nil"))
    if is_null is None:
        raise Malformed("a field is neither null nor text: its xsi:nil is neither true nor false")
    return is_null


class _BoundedTree(TreeBuilder):
    """Stops the parser at what a message never has, before a tree of it is built."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise Malformed(f"the body is nested deeper than {MAX_DEPTH} levels")
        if self.elements > MAX_ELEMENTS:
            raise Malformed(f"the body has more than {MAX_ELEMENTS} elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)

    def comment(self, _: str | None, /) -> Never:
        raise Malformed("the body has a comment")  # parsers differ in the text around it

    def pi(self, _: str, __: str | None = None, /) -> Never:
        raise Malformed("the body has a processing instruction")  # SOAP 1.1, section 3, forbids it


def _parsed(raw: bytes) -> Element:
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - only deliveries in XML pay for it
    from defusedxml.ElementTree import ParseError, XMLParser  # noqa: PLC0415

    if raw.startswith(BOM_UTF8):
        raise Malformed("the body begins with a byte order mark")
    if b"\0" in raw:  # where expat sees UTF-16, it overrules the encoding it is told
        raise Malformed("the body has a NUL character")
    if _LONG_NAMESPACE.search(raw):
        raise Malformed("the body has a namespace of more than 256 bytes")
    parser = XMLParser(target=_BoundedTree(), encoding="utf-8", forbid_dtd=True)

    def check_declaration(version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":  # 1.1 has other ends of lines
            raise Malformed("the body is not XML 1.0")
        if encoding is not None and not media_types.same_as_utf8(encoding, raw):
            raise UnsupportedBody(
                "the XML declaration names another encoding than UTF-8; send the body in UTF-8"
            )

    parser.parser.XmlDeclHandler = check_declaration
    try:
        raw.decode("utf-8")
        parser.feed(_readable(raw))
        root: Element = parser.close()
    except UnicodeDecodeError as e:
        raise Malformed("the body is not UTF-8") from e
    except ParseError as e:
        line, column = e.position
        raise Malformed(f"the body is not XML: see line {line}, column {column}") from e
    except DefusedXmlException as e:
        raise Malformed("the body has a document type or an entity") from e
    return root


def _readable(raw: bytes) -> bytes:
    """Replace what XML 1.0 forbids in texts: one control character in one field would cost the whole message."""
    if b"<![CDATA[" in raw:  # there a reference is mere text
        return raw
    return _REFERENCE.sub(_allowed, _FORBIDDEN.sub(_REPLACEMENT, raw))


def _allowed(found: re.Match[bytes]) -> bytes:
    in_hex, digits = found.groups()
    written = (in_hex or digits or b"").lstrip(b"0")
    if not written or len(written) > _DIGITS_OF_A_CHARACTER:
        return _REPLACEMENT
    code = int(written, 16 if in_hex else 10)
    return found[0] if code <= sys.maxunicode and _CHARACTER.match(chr(code)) else _REPLACEMENT
