from collections.abc import Mapping
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source import bodies

attribute_values = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=10)

EVENT: dict[str, Json] = {"specversion": "1.0", "id": "off-1", "source": "/crm", "type": "example.canceled"}


def read(body: bytes = b"", headers: Mapping[str, str | None] = {}) -> Json:
    """Sends a valid event as `headers` change it; None takes a header away."""
    valid: dict[str, str | None] = {
        "content-type": "application/json; charset=utf-8",
        "ce-specversion": "1.0",
        "ce-id": "off-1",
        "ce-source": "/crm",
        "ce-type": "example.canceled",
        "host": "example.test",
    }
    sent = {name: value for name, value in {**valid, **headers}.items() if value is not None}
    return bodies.read("cloudevents", Delivery("acme", sent, body))


def an_event(**changes: Json) -> dict[str, Json]:
    return EVENT | {"datacontenttype": "application/json; charset=utf-8"} | changes


# ── Attributes ────────────────────────────────────────────────────────────────────────────────────


def test_attributes_are_headers_and_data_is_the_body() -> None:
    event = read(b'{"a": 1}', {"ce-subject": "session-1", "ce-sequence": "7"})
    assert event == an_event(subject="session-1", sequence="7", data={"a": 1})


@given(attribute_values, st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_an_attribute_can_say_is_read_as_it_is(value: str, with_all_escaped: bool) -> None:
    needless = "" if with_all_escaped else "/:;,?@&=+$!~*'()#[]<>{}|\\^`"
    assert read(headers={"ce-subject": quote(value, safe=needless)}) == an_event(subject=value)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        pytest.param("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀", id="the-example-of-the-binding"),
        pytest.param("a%2525", "a%25", id="decoded-once"),
        pytest.param("%e2%82%ac", "€", id="lower-case-digits"),
        pytest.param("%61", "a", id="needless-escape"),
        pytest.param("a+b", "a+b", id="plus-is-plus"),
        pytest.param("two words", "two words", id="space-of-older-senders"),
        pytest.param(" \ta\t ", "a", id="space-around"),
        pytest.param('"two words, quoted"', "two words, quoted", id="quoted"),
        pytest.param('"a \\"b\\" \\\\ c"', 'a "b" \\ c', id="quoted-pairs"),
        pytest.param('"%20"', " ", id="quoted-and-escaped"),
        pytest.param('"%\\61"', "a", id="unquoted-before-decoded"),
        pytest.param("a\\b", "a\\b", id="backslash-without-quotes"),
        pytest.param("vendor=1,other=2", "vendor=1,other=2", id="list-of-an-extension"),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_header_is_unquoted_then_decoded_once(header: str, value: str) -> None:
    assert read(headers={"ce-extension": header}) == an_event(extension=value)


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        pytest.param("%C0%A0", "not UTF-8", id="the-overlong-example-of-the-binding"),
        pytest.param("%ED%A0%80", "not UTF-8", id="surrogate"),
        pytest.param("%ED%A0%BD%ED%B8%80", "not UTF-8", id="surrogates-in-a-pair"),
        pytest.param("%FF", "not UTF-8", id="byte"),
        pytest.param("%C3x%A9", "not UTF-8", id="character-cut-in-two"),
        pytest.param("100%", "escape is broken", id="escape-of-nothing"),
        pytest.param("%2", "escape is broken", id="half-an-escape"),
        pytest.param("%zz", "escape is broken", id="escape-of-letters"),
        pytest.param('"%"', "escape is broken", id="broken-in-quotes"),
        pytest.param("%00", "control character", id="nul"),
        pytest.param("a%0D%0Ace-id:%202", "control character", id="header-in-a-header"),
        pytest.param("%C2%85", "control character", id="c1-control"),
        pytest.param("é", "percent-encoded", id="beyond-ascii"),
        pytest.param("\ud800", "percent-encoded", id="raw-surrogate"),
        pytest.param("a\x00", "percent-encoded", id="raw-nul"),
        pytest.param("a\tb", "percent-encoded", id="raw-tab"),
        pytest.param('"a', "quoted in part", id="quote-without-end"),
        pytest.param('a"b"', "quoted in part", id="quote-within"),
        pytest.param('"a","b"', "quoted in part", id="two-quoted"),
        pytest.param('"a\\"', "quoted in part", id="end-escaped"),
    ],
)
def test_a_header_of_two_readings_is_malformed(header: str, cause: str) -> None:
    with pytest.raises(Malformed, match=cause):
        read(headers={"ce-subject": header})


@pytest.mark.parametrize("name", ["ce-specversion", "ce-id", "ce-source", "ce-type"])
@pytest.mark.parametrize("value", [None, "", " ", '""'])
def test_an_event_without_a_required_attribute_is_malformed(name: str, value: str | None) -> None:
    with pytest.raises(Malformed, match=f"{name.removeprefix('ce-')} is missing"):
        read(headers={name: value})


@pytest.mark.parametrize("version", ["0.3", "1", "1.0.2", "2.0", "01.0"])
def test_another_version_is_malformed(version: str) -> None:
    with pytest.raises(Malformed, match="specversion is not"):
        read(headers={"ce-specversion": version})


@pytest.mark.parametrize("name", ["ce-specversion", "ce-id", "ce-source", "ce-type"])
@pytest.mark.parametrize("value", ["1.0,1.0", "a, b", ",", "a,"])
def test_a_required_attribute_that_came_twice_is_malformed(name: str, value: str) -> None:
    with pytest.raises(Malformed, match="may have come twice"):
        read(headers={name: value})


@pytest.mark.parametrize("value", ["a%2Cb", '"a,b"'])
def test_a_comma_in_an_id_is_read_where_it_is_plainly_meant(value: str) -> None:
    assert read(headers={"ce-id": value}) == an_event(id="a,b")


@pytest.mark.parametrize("name", ["ce-data", "ce-datacontenttype"])
def test_a_header_in_the_place_of_the_body_or_its_type_is_malformed(name: str) -> None:
    with pytest.raises(Malformed, match="there is a header ce-data"):
        read(b"{}", {name: "{}"})


@pytest.mark.parametrize("name", ["ce-data_base64", "ce-", "ce-trace-id", "ce-Id", "ce-ïd", "ce-id "])
def test_a_header_that_no_attribute_has_is_malformed(name: str) -> None:
    with pytest.raises(Malformed, match="attribute's name"):
        read(headers={name: "e30="})


# ── Data ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.crm+json", "text/json"])
@pytest.mark.parametrize(("body", "data"), [(b"{}", {}), (b"1.5", 1.5), (b"null", None), (b'"text"', "text")])
def test_a_body_of_json_is_data(content_type: str, body: bytes, data: Json) -> None:
    assert read(body, {"content-type": content_type}) == an_event(datacontenttype=content_type, data=data)


def test_a_body_of_text_is_data() -> None:
    event = read("Grüße: {}".encode(), {"content-type": "text/plain"})
    assert event == an_event(datacontenttype="text/plain", data="Grüße: {}")


@pytest.mark.parametrize("content_type", ["application/json", "application/pdf"])
def test_an_empty_body_is_no_data(content_type: str) -> None:
    assert read(headers={"content-type": content_type}) == an_event(datacontenttype=content_type)


def test_an_event_without_a_body_needs_no_content_type() -> None:
    assert read(headers={"content-type": None}) == EVENT


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/octet-stream",
        "application/xml",
        "multipart/form-data; boundary=x",
        "text/plain; charset=utf-16",
        "application/json; charset=utf-16",
        "application/json, text/plain",
    ],
)
def test_a_body_of_another_kind_is_unsupported(content_type: str | None) -> None:
    with pytest.raises(UnsupportedBody):
        read(b"{}", {"content-type": content_type})


@pytest.mark.parametrize(
    "body", [b"off", b'{"a": 1, "a": 1}', b"\xff", b"\xef\xbb\xbf{}", b"[" * 33 + b"]" * 33]
)
def test_the_json_of_a_body_is_read_strictly(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize("body", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", "off".encode("utf-16")])
def test_text_that_is_not_utf_8_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match="not UTF-8"):
        read(body, {"content-type": "text/plain"})


def test_the_cause_names_nothing_of_the_document() -> None:
    with pytest.raises(Malformed) as refused:
        read(headers={"ce-hush": "hushhush%zz"})
    assert "hush" not in str(refused.value)
