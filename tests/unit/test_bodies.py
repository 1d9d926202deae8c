import json
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cancellations.domain import Delivery
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source import bodies
from cancellations.source.bodies import media_types

MEDIA_TYPES = (
    "application/json",
    "application/vnd.crm+json",
    "application/x-www-form-urlencoded",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "text/plain",
    "text/xml",
)

ATTRIBUTES = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/crm", "ce-type": "off"}

pieces = st.lists(
    st.sampled_from(
        (
            *'{}[]":,&=%+;<>/?!\\ \x00\r\n0aeé\ufeff',
            *("%C3%A9", "%ff", "null", '{"id": "1"}', '"data"', '"data_base64"', "\\ud800"),
            *(
                "<a>",
                "</a>",
                "<a/>",
                "<!--",
                "-->",
                "<![CDATA[",
                "]]>",
                "<!DOCTYPE a>",
                "&lt;",
                "&x;",
                "xmlns=",
            ),
        )
    ),
    max_size=30,
).map("".join)
any_body = st.binary(max_size=60) | pieces.map(str.encode)
any_value = st.text(max_size=20) | pieces
any_headers = st.fixed_dictionaries(
    {"content-type": st.sampled_from(MEDIA_TYPES) | any_value},
    optional={
        "content-encoding": st.just("identity") | any_value,
        "ce-subject": any_value,
        "ce-data": any_value,
        "ce-Odd": any_value,
        **{name: st.just(good) | any_value for name, good in ATTRIBUTES.items()},
    },
)


@pytest.mark.parametrize("kind", bodies.KINDS)
@given(body=any_body, headers=any_headers)
@example(body=b"", headers={})
@example(body=b"\xff", headers={"content-type": "\ud800"})
@example(body=b"<a/>", headers={"content-type": "text/xml"})
@settings(max_examples=300, deadline=None)
def test_whatever_arrives_is_json_malformed_or_unsupported(
    kind: str, body: bytes, headers: dict[str, str]
) -> None:
    try:
        document = bodies.read(kind, Delivery("acme", headers, body))
    except (Malformed, UnsupportedBody):
        return
    assert json.loads(json.dumps(document, allow_nan=False, ensure_ascii=False).encode()) == document


def test_there_is_a_reader_for_each_kind_of_body() -> None:
    assert bodies.KINDS == ("json", "form", "cloudevents", "salesforce-outbound")


def test_only_xml_pays_for_the_reader_of_xml() -> None:
    asked = "import sys, cancellations.source.bodies; print('defusedxml' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True)
    assert answer.stdout == "False\n"


# ── What every reader asks of a delivery ──────────────────────────────────────────────────────────

ASCII_OF_KIND = {
    "json": b'{"when": "tuesday"}',
    "form": b"when=tuesday",
    "cloudevents": b'[{"specversion": "1.0", "id": "1", "source": "/", "type": "off", "when": "tuesday"}]',
    "salesforce-outbound": (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        b'<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>1</OrganizationId>'
        b"<ActionId>2</ActionId><Notification><Id>3</Id><sObject><When>tuesday</When></sObject></Notification>"
        b"</notifications></e:Body></e:Envelope>"
    ),
}
OF_KIND = {
    "json": ("application/json", b"{}"),
    "form": ("application/x-www-form-urlencoded", b"a=1"),
    "cloudevents": ("application/cloudevents-batch+json", b"[]"),
    "salesforce-outbound": ("text/xml", b"<a/>"),
}


@pytest.mark.parametrize("kind", bodies.KINDS)
@pytest.mark.parametrize(
    "encoding",
    [
        "gzip",
        "GZIP",
        "br",
        "deflate",
        "zstd",
        "compress",
        "x-gzip",
        "identity, gzip",
        "gzip, identity",
        "UTF-8, gzip",
        "gzip,gzip",
    ],
)
def test_a_compressed_body_is_refused(kind: str, encoding: str) -> None:
    content_type, body = OF_KIND[kind]
    headers = {"content-type": content_type, "content-encoding": encoding}
    with pytest.raises(UnsupportedBody, match="is compressed"):
        bodies.read(kind, Delivery("acme", headers, body))


@pytest.mark.parametrize(
    "encoding", ["x", "base64", "aws-chunked", "hushhush", "utf-16", "utf-7", "identity;q=1", "*", "\ud800"]
)
def test_an_unknown_coding_is_refused_and_not_called_compressed(encoding: str) -> None:
    headers = {"content-type": "application/json", "content-encoding": encoding}
    with pytest.raises(UnsupportedBody, match=r"^the content-encoding is unknown; ") as refused:
        bodies.read("json", Delivery("acme", headers, b"{}"))
    assert encoding not in str(refused.value)


@pytest.mark.parametrize(
    "encoding",
    [
        "identity",
        "Identity",
        " identity ",
        "identity, identity",
        "",
        ",",
        "none",
        "utf-8",
        "UTF-8",
        "utf8",
        '"utf-8"',
        "us-ascii",
        "binary",
        "8bit",
        "7bit",
        "utf-8, identity",
        "iso-8859-1",
        "application/json",
    ],
)
def test_a_label_that_names_no_coding_is_taken(encoding: str) -> None:
    headers = {"content-type": "application/json", "content-encoding": encoding}
    assert bodies.read("json", Delivery("acme", headers, b"{}")) == {}


@pytest.mark.parametrize("encoding", ["iso-8859-1", "us-ascii"])
def test_a_charset_as_coding_is_refused_for_other_than_ascii(encoding: str) -> None:
    headers = {"content-type": "application/json", "content-encoding": encoding}
    with pytest.raises(UnsupportedBody):
        bodies.read("json", Delivery("acme", headers, '{"a": "é"}'.encode()))


@pytest.mark.parametrize("kind", bodies.KINDS)
@pytest.mark.parametrize(
    "parameters",
    [
        "; charset=utf-16",
        "; charset=iso-2022-jp",
        "; charset=shift_jis",
        "; charset=ibm037",
        "; charset=hushhush",
        ";charset=UTF-7",
        '; charset="utf-16"',
        "; CHARSET=utf-16",
        "; charset=utf-8; charset=utf-16",
        "; charset=utf-16; charset=utf-8",
        '; note="; charset=utf-8"; charset=utf-16',
        "; charset = utf-16",
        '; charset="utf-8',
        ", text/html",
        ",",
        "; charset=utf-8, text/plain",
    ],
)
def test_a_body_that_may_not_be_utf_8_is_refused(kind: str, parameters: str) -> None:
    content_type, body = OF_KIND[kind]
    with pytest.raises(UnsupportedBody):
        bodies.read(kind, Delivery("acme", {"content-type": content_type + parameters}, body))


@pytest.mark.parametrize(
    "parameters",
    [
        "",
        ";",
        " ; ",
        "; charset=utf-8",
        ';Charset="UTF-8"',
        '; note="\\";charset=utf-16"; charset=utf-8',
        "; charset=utf8",
        "; charset=Utf_8;",
        "; charset='utf-8'",
        "; charset = utf-8",
        "; charset= utf-8",
        "; utf-8",
        "; charset",
        "; charset=",
        "; charset=;",
        "; v=1 ; charset=UTF8",
    ],
)
def test_a_media_type_is_read_with_whatever_else_it_says(parameters: str) -> None:
    media_type = media_types.parsed(f" Application/JSON{parameters}")
    assert media_type is not None
    assert (media_type.name, media_type.in_utf8) == ("application/json", True)


ASCII_AND_MORE = [
    "us-ascii",
    "ascii",
    "ISO-8859-1",
    "iso8859_1",
    "latin1",
    "Windows-1252",
    "cp1252",
    "8859_15",
]


@pytest.mark.parametrize("kind", bodies.KINDS)
@pytest.mark.parametrize("charset", ASCII_AND_MORE)
def test_a_charset_that_extends_ascii_is_taken_for_ascii(kind: str, charset: str) -> None:
    content_type, _ = OF_KIND[kind]
    delivery = Delivery("acme", {"content-type": f"{content_type}; charset={charset}"}, ASCII_OF_KIND[kind])
    assert bodies.read(kind, delivery) == bodies.read(
        kind, Delivery("acme", {"content-type": content_type}, ASCII_OF_KIND[kind])
    )


@pytest.mark.parametrize("kind", bodies.KINDS)
@pytest.mark.parametrize("charset", ASCII_AND_MORE)
def test_a_charset_that_extends_ascii_is_refused_for_more(kind: str, charset: str) -> None:
    content_type, _ = OF_KIND[kind]
    body = ASCII_OF_KIND[kind].replace(b"tuesday", "é".encode())
    with pytest.raises(UnsupportedBody, match=r"^the charset is not UTF-8, and the body is not ASCII alone"):
        bodies.read(kind, Delivery("acme", {"content-type": f"{content_type}; charset={charset}"}, body))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "json",
        "application/",
        "/json",
        "a/b/c",
        "a/b c",
        "a /b",
        "é/b",
        "a/b; x y",
        "a/b; =x",
        'a/b; c="é"',
        'a/b; c="\ud800"',
        'a/b; c="\n"',
    ],
)
def test_what_is_no_media_type_is_none(text: str) -> None:
    assert media_types.parsed(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "a/b" + "; " * 50000 + '"',
        "a" * 100000,
        "a/b;" + "a=" * 50000,
        'a/b;c="' * 20000,
        "a/b" + "; a =" * 20000 + '"',
        "a/b; a" + " " * 100000 + '"',
        "a/b" + ";a" * 50000 + " = =",
    ],
)
def test_a_long_header_is_refused_at_once(text: str) -> None:
    assert media_types.parsed(text) is None
