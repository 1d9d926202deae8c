"""Bodies that abuse what readers forgive: empty fields, doubled fields, control characters."""

import pytest

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed
from cancellations.receive import MAX_BODY_BYTES
from cancellations.source import bodies
from outbound_messages import IDS, a_notification, an_envelope

FORM = {"content-type": "application/x-www-form-urlencoded"}
XML = {"content-type": "text/xml"}


def noted(text: str) -> bytes:
    """A message with a field of this text."""
    return an_envelope(IDS + a_notification(f"<sf:F>{text}</sf:F>")).encode()


WHOLE = MAX_BODY_BYTES
FORGIVEN: dict[str, tuple[str, dict[str, str], bytes, str | None]] = {
    "nothing but ampersands": ("form", FORM, b"&" * WHOLE, None),
    "nothing but equals signs": ("form", FORM, b"=" * WHOLE, None),
    "nothing but line breaks": ("form", FORM, b"\r\n" * (WHOLE // 2), None),
    "nothing but escapes": ("form", FORM, b"%26" * (WHOLE // 3), None),
    "fields without a value": ("form", FORM, b"a&" * (WHOLE // 2), "more than 1000 fields"),
    "one field again and again": ("form", FORM, b"a=1&" * 1_001, "more than 1000 fields"),
    "forbidden references": ("salesforce-outbound", XML, noted("&#1;" * 60_000), None),
    "control characters": ("salesforce-outbound", XML, noted("\x01" * 250_000), None),
    "allowed references": ("salesforce-outbound", XML, noted("&#10;" * 50_000), None),
    "a reference of many digits": ("salesforce-outbound", XML, noted(f"&#{'9' * 250_000};"), None),
    "references without an end": ("salesforce-outbound", XML, noted("&#x1" * 60_000), "not XML"),
    "a reference without an end": ("salesforce-outbound", XML, noted("&#" + "9" * 250_000), "not XML"),
    "CDATA without an end": ("salesforce-outbound", XML, noted("<![CDATA[" * 25_000), "not XML"),
}


@pytest.mark.parametrize(("kind", "headers", "body", "cause"), FORGIVEN.values(), ids=FORGIVEN)
def test_a_body_full_of_what_is_forgiven_has_one_end(
    kind: str, headers: dict[str, str], body: bytes, cause: str | None
) -> None:
    """In time that grows with its length alone: the tests of regular expressions hold that."""
    delivery = Delivery("acme", headers, body)
    if cause is None:
        bodies.read(kind, delivery)
        return
    with pytest.raises(Malformed, match=cause):
        bodies.read(kind, delivery)


def fields_of(body: bytes) -> Json:
    return bodies.read("form", Delivery("acme", FORM, body))


@pytest.mark.parametrize("name", ["__proto__[admin]", "__class__", "constructor"])
def test_names_of_fields_are_nothing_special(name: str) -> None:
    assert fields_of(f"{name}=1&{name}=2".encode()) == {name: ["1", "2"]}


def test_a_reference_cannot_make_markup() -> None:
    body = noted("&#1;&#60;sf:G&#62;&#38;#60;")
    document = bodies.read("salesforce-outbound", Delivery("acme", XML, body))
    assert isinstance(document, dict)
    assert isinstance(document["notifications"], list)
    assert document["notifications"][0] == {
        "id": "04l5",
        "type": "Case",
        "fields": {"F": "\ufffd<sf:G>&#60;"},
    }
