"""What spoils a notification, what spoils a message, and what real messages carry that spoils neither."""

import pytest

from cancellations.errors import UnsupportedBody
from cancellations.source import bodies
from outbound_messages import IDS, a_notification, an_envelope, fields_of, read

# ── What spoils one notification ──────────────────────────────────────────────────────────────────

SPOILED = {
    "no-id": (a_notification(id_=""), "Id is empty"),
    "two-ids": (a_notification(id_='</Id><Id xsi:nil="true">'), "more than one"),
    "no-record": ("<Notification><Id>1</Id></Notification>", "no sObject"),
    "twice": (a_notification("<sf:F>1</sf:F><sf:F>1</sf:F>"), "same field twice"),
    "twice-by-its-local-name": (
        a_notification('<sf:F>1</sf:F><o:F xmlns:o="urn:o">2</o:F>'),
        "same field twice",
    ),
    "twice-inside": (a_notification("<sf:A><sf:F>1</sf:F><sf:F>1</sf:F></sf:A>"), "same field twice"),
    "null-and-text": (a_notification('<sf:F xsi:nil="true">1</sf:F>'), "both null and text"),
    "null-in-capitals": (a_notification('<sf:F xsi:nil="TRUE"/>'), "neither null nor text"),
    "null-and-compound": (a_notification('<sf:F xsi:nil="1"><sf:A>1</sf:A></sf:F>'), "other fields"),
    "text-and-compound": (a_notification("<sf:F>a<sf:A>1</sf:A></sf:F>"), "other fields"),
    "compound-and-text": (a_notification("<sf:F><sf:A>1</sf:A>a</sf:F>"), "other fields"),
    "id-of-fields": (a_notification(id_="<sf:A>1</sf:A>"), "not text"),
}


@pytest.mark.parametrize(("notification", "cause"), SPOILED.values(), ids=SPOILED)
def test_a_malformed_notification_spoils_only_itself(notification: str, cause: str) -> None:
    document = read(an_envelope(IDS + a_notification(id_="1") + notification + a_notification(id_="2")))
    assert isinstance(document, dict)
    assert isinstance(document["notifications"], list)
    first, spoiled, last = document["notifications"]
    assert cause in (bodies.fault_of(spoiled) or "")
    assert [bodies.fault_of(first), bodies.fault_of(last)] == [None, None]


# ── What XML forbids and Salesforce sends ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        "&#x1F;",
        "&#31;",
        "&#x1f;",
        "&#0;",
        "&#000;",
        "&#x0;",
        "&#8;",
        "&#xD800;",
        "&#xdfff;",
        "&#xFFFE;",
        "&#xFFFF;",
        "&#x110000;",
        "&#99999999999999999999;",
        "&#" + "9" * 50000 + ";",
        "\x1f",
        "\x01",
        "\ufffe",
    ],
    ids=lambda written: ascii(written)[:20],
)
def test_a_forbidden_character_becomes_the_replacement_character(written: str) -> None:
    assert fields_of(f"<sf:F>a{written}b</sf:F>") == {"F": "a\ufffdb"}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("&#9;", "\t"),
        ("&#xA;", "\n"),
        ("&#0013;", "\r"),
        ("&#x20;", " "),
        ("&#xD7FF;", "\ud7ff"),
        ("&#xE000;", "\ue000"),
        ("&#xFFFD;", "�"),
        ("&#x10FFFF;", "\U0010ffff"),
        ("&amp;#31;", "&#31;"),
    ],
)
def test_an_allowed_character_reference_stays(written: str, text: str) -> None:
    assert fields_of(f"<sf:F>{written}</sf:F>") == {"F": text}


def test_a_forbidden_reference_in_cdata_is_mere_text() -> None:
    assert fields_of("<sf:F><![CDATA[&#31;]]></sf:F>") == {"F": "&#31;"}


def test_a_compound_field_is_an_object_of_its_texts() -> None:
    address = '<sf:street>1 Main St</sf:street><sf:city/><sf:latitude xsi:nil="true"/>'
    nested = "<sf:geo><sf:code>7</sf:code></sf:geo><sf:SessionId>hushhush</sf:SessionId>"
    assert fields_of(f"<sf:Address__c>\n {address}\n{nested}</sf:Address__c><sf:F>1</sf:F>") == {
        "Address__c": {"street": "1 Main St", "city": "", "latitude": None, "geo": {"code": "7"}},
        "F": "1",
    }


@pytest.mark.parametrize("encoding", ["utf8", "UTF-8", "us-ascii", "ISO-8859-1", "windows-1252"])
def test_a_declaration_that_means_the_same_bytes_is_read(encoding: str) -> None:
    assert read(f'<?xml version="1.0" encoding="{encoding}"?>{an_envelope()}') == read(an_envelope())


@pytest.mark.parametrize("encoding", ["us-ascii", "ISO-8859-1", "windows-1252"])
def test_a_declaration_of_latin_is_refused_for_more_than_ascii(encoding: str) -> None:
    with pytest.raises(UnsupportedBody, match="UTF-8"):
        read(f'<?xml version="1.0" encoding="{encoding}"?>{an_envelope().replace("a05", "é")}')


@pytest.mark.parametrize("encoding", ["UTF-16", "utf-7", "iso-2022-jp", "no-such"])
def test_a_declaration_of_another_encoding_is_unsupported(encoding: str) -> None:
    with pytest.raises(UnsupportedBody, match="UTF-8"):
        read(f'<?xml version="1.0" encoding="{encoding}"?>{an_envelope()}')
