from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source import bodies

FORM = "application/x-www-form-urlencoded"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=10)


def read(body: bytes, content_type: str = FORM) -> Json:
    return bodies.read("form", Delivery("acme", {"content-type": content_type}, body))


@given(st.dictionaries(names, texts, max_size=5), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_a_form_can_say_is_read_as_it_is(fields: dict[str, str], spaces_are_plus: bool) -> None:
    body = urlencode(fields) if spaces_are_plus else urlencode(fields, quote_via=quote)
    assert read(body.encode()) == fields


def test_text_stays_text() -> None:
    body = b"action=canceled&id=1&notify=true&note=&ratio=1%2B1"
    assert read(body) == {"action": "canceled", "id": "1", "notify": "true", "note": "", "ratio": "1+1"}


def test_an_empty_body_has_no_fields() -> None:
    assert read(b"") == {}


def test_utf_8_need_not_be_escaped() -> None:
    assert read("né=é%C3%A9 è".encode()) == {"né": "éé è"}


def test_only_ampersands_separate_fields() -> None:
    assert read(b"a=1;b=2&c=3=4") == {"a": "1;b=2", "c": "3=4"}


def test_a_value_may_have_lines_where_they_are_escaped() -> None:
    assert read(b"note=one%0D%0Atwo") == {"note": "one\r\ntwo"}


def test_an_escape_is_decoded_once() -> None:
    assert read(b"a=%2525") == {"a": "%25"}


@pytest.mark.parametrize("content_type", [f"{FORM}; charset=utf-8", "Application/X-WWW-Form-URLencoded"])
def test_a_form_is_read_under_each_of_its_names(content_type: str) -> None:
    assert read(b"a=1", content_type) == {"a": "1"}


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"]
)
def test_another_media_type_is_unsupported(content_type: str) -> None:
    with pytest.raises(UnsupportedBody):
        read(b"a=1", content_type)


def test_a_form_without_a_media_type_is_unsupported() -> None:
    with pytest.raises(UnsupportedBody):
        bodies.read("form", Delivery("acme", {}, b"a=1"))


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param(b"a=1&a=2", "same field twice", id="twice"),
        pytest.param(b"a=1&a=1", "same field twice", id="twice-and-equal"),
        pytest.param(b"a=1&%61=2", "same field twice", id="twice-escaped"),
        pytest.param(b"a=%", "escape is broken", id="escape-of-nothing"),
        pytest.param(b"a=%4", "escape is broken", id="half-an-escape"),
        pytest.param(b"a=%zz", "escape is broken", id="escape-of-letters"),
        pytest.param(b"%4g=1", "escape is broken", id="broken-in-a-name"),
        pytest.param("a=%٤١".encode(), "escape is broken", id="other-digits"),
        pytest.param(b"a=%u0041", "escape is broken", id="escape-of-scripts"),
        pytest.param(b"a=%ff", "not UTF-8", id="escaped-byte"),
        pytest.param(b"a=%C3&b=%A9", "not UTF-8", id="character-cut-in-two"),
        pytest.param(b"a=%ED%A0%80", "not UTF-8", id="escaped-surrogate"),
        pytest.param(b"a=%ED%A0%BD%ED%B8%80", "not UTF-8", id="escaped-surrogates-in-a-pair"),
        pytest.param(b"a=%C0%AF", "not UTF-8", id="escaped-overlong"),
        pytest.param(b"a=%F4%90%80%80", "not UTF-8", id="beyond-unicode"),
        pytest.param(b"a=\xff", "not UTF-8", id="byte"),
        pytest.param(b"a=\xc0\xaf", "not UTF-8", id="overlong"),
        pytest.param(b"a=\xed\xa0\x80", "not UTF-8", id="surrogate"),
        pytest.param("a=1".encode("utf-16"), "not UTF-8", id="utf-16"),
        pytest.param("a=1".encode("utf-16-le"), "control character", id="utf-16-without-mark"),
        pytest.param(b"\xef\xbb\xbfa=1", "cannot be printed", id="byte-order-mark"),
        pytest.param(b"a\x00=1", "control character", id="nul-in-a-name"),
        pytest.param(b"a=1\x00", "control character", id="nul"),
        pytest.param(b"a=1\r\n", "control character", id="line-at-the-end"),
        pytest.param(b"a%00=1", "cannot be printed", id="escaped-nul-in-a-name"),
        pytest.param(b"a%0A=1", "cannot be printed", id="escaped-line-in-a-name"),
        pytest.param(b"a%C2%85=1", "cannot be printed", id="c1-control-in-a-name"),
        pytest.param(b"a%E2%80%AE=1", "cannot be printed", id="text-turned-round-in-a-name"),
        pytest.param(b"=1", "no name", id="no-name"),
        pytest.param(b"a", "equals sign", id="no-equals-sign"),
        pytest.param(b"a=1&&b=2", "equals sign", id="nothing-between"),
        pytest.param(b"a=1&", "equals sign", id="nothing-at-the-end"),
        pytest.param(b'{"a": 1}', "equals sign", id="json"),
    ],
)
def test_what_could_be_read_in_two_ways_is_malformed(body: bytes, cause: str) -> None:
    with pytest.raises(Malformed, match=cause):
        read(body)


def form_of(fields: int) -> bytes:
    return b"&".join(b"f%d=1" % number for number in range(fields))


def test_a_thousand_fields_are_read() -> None:
    fields = read(form_of(1_000))
    assert isinstance(fields, dict)
    assert len(fields) == 1_000


@pytest.mark.parametrize("fields", [1_001, 100_000])
def test_more_fields_are_malformed(fields: int) -> None:
    with pytest.raises(Malformed, match="more than 1000 fields"):
        read(form_of(fields))


@pytest.mark.parametrize("body", [b"hushhush", b"hushhush=1&hushhush=1", b"a=hushhush%zz", b"a=hushhush%ff"])
def test_the_cause_names_nothing_of_the_document(body: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        read(body)
    assert "hushhush" not in str(refused.value)
