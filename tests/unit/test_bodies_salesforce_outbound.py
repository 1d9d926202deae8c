import http.server
import json
import threading
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source.bodies import salesforce_outbound
from outbound_messages import (
    CREDENTIALS,
    IDS,
    OUTBOUND,
    RECORD,
    SOAP,
    a_notification,
    an_envelope,
    fields_of,
    read,
)

texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)


# ── What a message says ───────────────────────────────────────────────────────────────────────────


def test_a_message_is_its_ids_and_its_notifications() -> None:
    assert read(an_envelope()) == {
        "organization_id": "00D5",
        "action_id": "04k5",
        "notifications": [
            {"id": "04l5", "type": "Case", "fields": {"Id": "a05", "Remote_Session_Id__c": "session-1"}}
        ],
    }


def test_a_message_of_many_notifications_keeps_their_order() -> None:
    message = IDS + a_notification(id_="2") + a_notification("", id_="1", attributes="")
    document = read(an_envelope(message))
    assert isinstance(document, dict)
    assert document["notifications"] == [
        {"id": "2", "type": "Case", "fields": {"Id": "a05", "Remote_Session_Id__c": "session-1"}},
        {"id": "1", "type": None, "fields": {}},
    ]


def test_no_credential_is_told() -> None:
    fields = "<sf:SessionId>hushhush</sf:SessionId><sf:PartnerUrl>https://hush</sf:PartnerUrl>" + RECORD
    assert "hush" not in json.dumps(read(an_envelope(IDS + CREDENTIALS + a_notification(fields))))


@given(texts)
@settings(max_examples=100, deadline=None)
def test_text_is_read_as_it_is(text: str) -> None:
    assert fields_of(f"<sf:Note>{escape(text)}</sf:Note>") == {"Note": text}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("<sf:F>true</sf:F>", "true"),
        ("<sf:F>007</sf:F>", "007"),
        ("<sf:F> \n </sf:F>", " \n "),
        ("<sf:F>null</sf:F>", "null"),
        ("<sf:F/>", ""),
        ("<sf:F></sf:F>", ""),
        ('<sf:F xsi:nil="false"/>', ""),
        ('<sf:F xsi:nil="0">0</sf:F>', "0"),
        ('<sf:F xsi:nil="true"/>', None),
        ('<sf:F xsi:nil="1"></sf:F>', None),
        ('<sf:F nil="true"/>', ""),
        ("<sf:F>&lt;&amp;&#233;&#x1F600;</sf:F>", "<&é😀"),
        ("<sf:F><![CDATA[<a>&amp;]]></sf:F>", "<a>&amp;"),
        ('<o:F xmlns:o="urn:other">1</o:F>', "1"),
    ],
)
def test_a_field_is_text_or_null(field: str, value: str | None) -> None:
    assert fields_of(field) == {"F": value}


@pytest.mark.parametrize(
    "content_type",
    ["text/xml", "application/xml; charset=UTF-8", 'Text/XML;charset="utf-8"', "text/xml; charset=utf8"],
)
@pytest.mark.parametrize(
    "declaration", ["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8'?>\n"]
)
def test_a_message_is_read_under_each_of_its_names(content_type: str, declaration: str) -> None:
    assert read(declaration + an_envelope(), content_type) == read(an_envelope())


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "application/soap+xml", "text/html", "text/xml2"]
)
def test_another_media_type_is_unsupported(content_type: str | None) -> None:
    with pytest.raises(UnsupportedBody):
        read(an_envelope(), content_type)


# ── What is no message ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param(an_envelope(soap="http://www.w3.org/2003/05/soap-envelope"), "SOAP 1.1", id="soap-1.2"),
        pytest.param("<Envelope/>", "SOAP 1.1", id="no-soap"),
        pytest.param(an_envelope(outbound="urn:other"), "no notifications", id="other-namespace"),
        pytest.param(an_envelope(outbound=""), "no notifications", id="no-namespace"),
        pytest.param(f'<e:Envelope xmlns:e="{SOAP}"/>', "no Body", id="no-body"),
        pytest.param(f'<e:Envelope xmlns:e="{SOAP}"><e:Body/></e:Envelope>', "no notifications", id="empty"),
        pytest.param(
            an_envelope().replace("</e:Body>", "</e:Body><e:Body/>"), "more than one", id="two-bodies"
        ),
        pytest.param(an_envelope(""), "no notification,", id="nothing"),
        pytest.param(an_envelope(IDS), "no notification,", id="no-notification"),
        pytest.param(an_envelope(a_notification()), "no OrganizationId", id="no-ids"),
        pytest.param(an_envelope(IDS + IDS + a_notification()), "more than one", id="ids-twice"),
        pytest.param(
            an_envelope(IDS.replace("04k5", "") + a_notification()), "ActionId is empty", id="empty-id"
        ),
        pytest.param("", "not XML", id="nothing-at-all"),
        pytest.param("{}", "not XML", id="json"),
        pytest.param(an_envelope()[:-1], "not XML", id="cut-off"),
        pytest.param(an_envelope() + "<a/>", "not XML", id="two-documents"),
        pytest.param(an_envelope() + "\x00", "NUL", id="nul-at-the-end"),
        pytest.param(an_envelope(IDS + a_notification("<sf:F>\x00</sf:F>")), "NUL", id="nul"),
        pytest.param(
            an_envelope(IDS + a_notification("<sf:F><![CDATA[]]>&#1;</sf:F>")), "not XML", id="beside-cdata"
        ),
        pytest.param(an_envelope(IDS + a_notification("<sf:F>&#xZ;</sf:F>")), "not XML", id="no-number"),
        pytest.param(an_envelope(IDS + a_notification("<sf:F>&#1</sf:F>")), "not XML", id="no-end"),
        pytest.param(an_envelope(IDS + a_notification("<sf:F>&xxe;</sf:F>")), "not XML", id="unknown-entity"),
        pytest.param(an_envelope(IDS + a_notification("<x:F/>")), "not XML", id="unknown-prefix"),
        pytest.param('<?xml version="1.1"?>' + an_envelope(), "not XML 1.0", id="xml-1.1"),
        pytest.param("\ufeff" + an_envelope(), "byte order mark", id="byte-order-mark"),
        pytest.param(an_envelope().encode("utf-16"), "NUL", id="utf-16"),
        pytest.param(an_envelope().encode("utf-16-le"), "NUL", id="utf-16-without-mark"),
        pytest.param(an_envelope().encode("utf-32-be"), "NUL", id="utf-32"),
        pytest.param(an_envelope().encode().replace(b"a05", b"\xff"), "not UTF-8", id="byte"),
        pytest.param(an_envelope().encode().replace(b"a05", b"\xc0\xaf"), "not UTF-8", id="overlong"),
        pytest.param(an_envelope().encode().replace(b"a05", b"\xed\xa0\x80"), "not UTF-8", id="surrogate"),
        pytest.param(an_envelope().replace("session", "ses<!-- -->sion"), "comment", id="comment-in-text"),
        pytest.param("<!-- -->" + an_envelope(), "comment", id="comment"),
        pytest.param("<?php ?>" + an_envelope(), "processing instruction", id="processing-instruction"),
    ],
)
def test_what_is_no_message_is_malformed(body: str | bytes, cause: str) -> None:
    with pytest.raises(Malformed, match=cause):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        "<hushhush",
        an_envelope(IDS + a_notification("<sf:F>&hushhush;</sf:F>")),
        f'<!DOCTYPE hushhush [<!ENTITY hushhush "hushhush">]>{an_envelope()}',
    ],
)
def test_the_cause_names_nothing_of_the_document(body: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(body)
    assert "hush" not in str(refused.value)


# ── Hostile documents ─────────────────────────────────────────────────────────────────────────────

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param("<!DOCTYPE e>", id="empty"),
        pytest.param('<!DOCTYPE e SYSTEM "e.dtd">', id="external-subset"),
        pytest.param('<!DOCTYPE e PUBLIC "-//E//E" "e.dtd">', id="public"),
        pytest.param(f'<!DOCTYPE e [<!ENTITY l0 "lol">{LAUGHS}]>', id="billion-laughs"),
        pytest.param(f'<!DOCTYPE e [<!ENTITY l9 "{"x" * 100_000}">]>', id="one-long-laugh"),
        pytest.param('<!DOCTYPE e [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>', id="file"),
        pytest.param('<!DOCTYPE e [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>', id="parameter-entity"),
        pytest.param('<!DOCTYPE e [<!NOTATION n SYSTEM "n"><!ENTITY l9 SYSTEM "n" NDATA n>]>', id="unparsed"),
        pytest.param('<!DOCTYPE e [<!ATTLIST sObject kind CDATA "sf:Case">]>', id="attributes-by-default"),
    ],
)
def test_a_document_type_is_malformed(definition: str) -> None:
    with pytest.raises(Malformed, match="document type"):
        read(definition + an_envelope(IDS + a_notification("<sf:F>&l9;</sf:F>")))


def test_nothing_is_fetched() -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/e"
        with pytest.raises(Malformed):
            read(f'<!DOCTYPE e SYSTEM "{address}" [<!ENTITY x SYSTEM "{address}">]>' + an_envelope())
        server.shutdown()
    assert asked == []


def test_a_hundred_notifications_are_read() -> None:
    document = read(an_envelope(IDS + a_notification() * 100))
    assert isinstance(document, dict)
    assert isinstance(document["notifications"], list)
    assert len(document["notifications"]) == 100


def test_more_notifications_are_malformed() -> None:
    with pytest.raises(Malformed, match="more than 100"):
        read(an_envelope(IDS + a_notification() * 101))


@pytest.mark.parametrize("levels", [9, 1_000, 100_000])
def test_deep_nesting_is_malformed(levels: int) -> None:
    with pytest.raises(Malformed, match="nested deeper"):
        read("<a>" * levels + "</a>" * levels)


def test_nesting_up_to_the_limit_is_read() -> None:
    inner = "<Header><a><b/></a></Header>"
    assert read(an_envelope(IDS + inner + a_notification())) == read(an_envelope())


@pytest.mark.parametrize("elements", [20_000, 100_000])
def test_more_elements_than_a_message_has_are_malformed(elements: int) -> None:
    with pytest.raises(Malformed, match="more than 20000 elements"):
        read("<a>" + "<b/>" * elements + "</a>")


@pytest.mark.parametrize(
    "declaration",
    [
        'xmlns="{}"',
        "xmlns='{}'",
        'xmlns:p="{}"',
        "xmlns:p = '{}'",
        '\n\txmlns:p\n=\n"{}"',
        'a="xmlns" xmlns:' + "p" * 300 + '="{}"',
    ],
)
def test_a_long_namespace_is_malformed(declaration: str) -> None:
    with pytest.raises(Malformed, match="namespace of more than 256 bytes"):
        read(f"<a {declaration.format('u' * 257)}/>")


def test_a_namespace_up_to_the_limit_is_read() -> None:
    assert fields_of(f'<o:F xmlns:o="{"u" * 256}">1</o:F>') == {"F": "1"}


# ── The answer ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("ok", "word"), [(True, "true"), (False, "false")])
def test_the_acknowledgement_says_whether_to_send_the_message_again(ok: bool, word: str) -> None:
    inner = f'<notificationsResponse xmlns="{OUTBOUND}"><Ack>{word}</Ack></notificationsResponse>'
    assert (
        salesforce_outbound.acknowledgement(ok=ok)
        == (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>'
        ).encode()
    )
