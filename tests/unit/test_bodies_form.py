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


def latin(body: bytes) -> Json:
    return read(body, f"{FORM}; charset=ISO-8859-1")


def test_a_form_labelled_latin_is_read_if_it_is_ascii_alone() -> None:
    assert latin(b"a=1+%2B1&b=") == {"a": "1 +1", "b": ""}


@pytest.mark.parametrize("body", [b"a=%C3%A9", b"%C3%A9=1", b"a=1&a=%C3%A9", "a=é".encode()])
def test_a_form_labelled_latin_is_refused_if_it_hides_others(body: bytes) -> None:
    """`%C3%A9` is é in UTF-8 and two other characters in ISO-8859-1."""
    with pytest.raises(UnsupportedBody, match="not UTF-8"):
        latin(body)


def test_an_empty_body_has_no_fields() -> None:
    assert read(b"") == {}


def test_utf_8_need_not_be_escaped() -> None:
    assert read("né=é%C3%A9 è".encode()) == {"né": "éé è"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"a=1&", {"a": "1"}),
        (b"&a=1", {"a": "1"}),
        (b"a=1&&&b=2", {"a": "1", "b": "2"}),
        (b"&" * 100_000, {}),
        (b"a=1&flag", {"a": "1", "flag": ""}),
        (b"a", {"a": ""}),
        (b"=1", {"": "1"}),
        (b"a==", {"a": "="}),
        (b"[a]=1", {"[a]": "1"}),
    ],
    ids=lambda part: str(part)[:20],
)
def test_a_form_is_split_as_the_url_standard_says(body: bytes, fields: Json) -> None:
    assert read(body) == fields


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"&\n", b"\r\n\r\n"])
def test_line_breaks_at_the_end_belong_to_no_value(end: bytes) -> None:
    assert read(b"a=1" + end) == {"a": "1"}


@pytest.mark.parametrize(
    "body", [b"tags[]=b&x=1&tags[]=a", b"tags%5B%5D=b&x=1&tags[]=a", b"tags[]=b&tags%5b%5d=a&x=1"]
)
def test_a_field_that_comes_twice_is_the_list_of_its_texts(body: bytes) -> None:
    assert read(body) == {"tags[]": ["b", "a"], "x": "1"}


def test_equal_texts_of_one_field_stay_a_list() -> None:
    assert read(b"a=1&a=1&a=") == {"a": ["1", "1", ""]}


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
        pytest.param(b"a=1\r\nb=2", "control character", id="line-inside"),
        pytest.param(b"\na=1", "control character", id="line-at-the-beginning"),
        pytest.param(b"a%00=1", "cannot be printed", id="escaped-nul-in-a-name"),
        pytest.param(b"a%0A=1", "cannot be printed", id="escaped-line-in-a-name"),
        pytest.param(b"a%C2%85=1", "cannot be printed", id="c1-control-in-a-name"),
        pytest.param(b"a%E2%80%AE=1", "cannot be printed", id="text-turned-round-in-a-name"),
        pytest.param(b'{"a": 1}', "JSON or XML", id="json"),
        pytest.param(b' {"a": "b=c&d"}', "JSON or XML", id="json-with-signs-of-a-form"),
        pytest.param(b'[{"a": 1}]', "JSON or XML", id="json-list"),
        pytest.param(b'["a"]', "JSON or XML", id="json-texts"),
        pytest.param(b"<a b='1'/>", "JSON or XML", id="xml"),
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


@pytest.mark.parametrize("body", [b'{"hushhush": 1}', b"hushhush%00=1", b"a=hushhush%zz", b"a=hushhush%ff"])
def test_the_cause_names_nothing_of_the_document(body: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        read(body)
    assert "hushhush" not in str(refused.value)
