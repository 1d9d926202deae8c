import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.domain import Json
from cancellations.errors import Malformed
from cancellations.source.strict_json import loads

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(), parts, max_size=4),
    max_leaves=20,
)

json_signs = st.text(alphabet=st.sampled_from('{}[]":,\\u0dD8 tfnalsrue1e-.+NI\x00\ufeff'), max_size=40)


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@given(any_json)
@settings(max_examples=100, deadline=None)
def test_what_json_can_say_is_read_as_it_is(document: Json) -> None:
    assert loads(json.dumps(document).encode()) == document


def test_text_beyond_ascii_is_read_as_it_is() -> None:
    assert loads('{"naïve": "\\ud83d\\ude00 😀"}'.encode()) == {"naïve": "😀 😀"}


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        pytest.param(b'{"id": 1, "id": 2}', "same key twice", id="duplicate"),
        pytest.param(b'{"id": 1, "i\\u0064": 2}', "same key twice", id="duplicate-escaped"),
        pytest.param(b'[{"a": {"id": 1, "id": 1}}]', "same key twice", id="duplicate-deep-and-equal"),
        pytest.param(b'{"a": NaN}', "NaN", id="nan"),
        pytest.param(b'{"a": Infinity}', "Infinity", id="infinity"),
        pytest.param(b'{"a": -Infinity}', "-Infinity", id="minus-infinity"),
        pytest.param(b'{"a": 1e999}', "too large", id="overflow"),
        pytest.param(b'{"a": -1e999}', "too large", id="overflow-below"),
        pytest.param(b'{"a": ' + b"9" * 4301 + b"}", "too long", id="4301-digits"),
        pytest.param(b'{"a": "\\ud800"}', "unpaired surrogate", id="lone-high-surrogate"),
        pytest.param(b'{"a": "\\udc00"}', "unpaired surrogate", id="lone-low-surrogate"),
        pytest.param(b'["\\udc00\\ud800"]', "unpaired surrogate", id="surrogates-the-wrong-way-round"),
        pytest.param(b'{"\\ud800": 1}', "unpaired surrogate", id="lone-surrogate-in-a-key"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', "not JSON", id="byte-order-mark"),
        pytest.param('{"a": 1}'.encode("utf-16"), "not UTF-8", id="utf-16"),
        pytest.param('{"a": 1}'.encode("utf-16-le"), "not JSON", id="utf-16-without-mark"),
        pytest.param('{"a": 1}'.encode("utf-32-be"), "not JSON", id="utf-32"),
        pytest.param('{"a": "é"}'.encode("latin-1"), "not UTF-8", id="latin-1"),
        pytest.param(b'{"a": "\xc0\xaf"}', "not UTF-8", id="overlong"),
        pytest.param(b'{"a": "\xed\xa0\x80"}', "not UTF-8", id="surrogate-in-utf-8"),
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b"{}{}", "not JSON", id="two-documents"),
        pytest.param(b"{'a': 1}", "not JSON", id="single-quotes"),
        pytest.param(b'{"a": 1,}', "not JSON", id="trailing-comma"),
        pytest.param(b'{"a": 01}', "not JSON", id="leading-zero"),
        pytest.param(b'{"a": "\x00"}', "not JSON", id="control-character"),
        pytest.param(b"\x00", "not JSON", id="nul"),
    ],
)
def test_what_could_be_read_in_two_ways_is_malformed(raw: bytes, cause: str) -> None:
    with pytest.raises(Malformed, match=cause):
        loads(raw)


def test_nesting_up_to_the_limit_is_read() -> None:
    assert loads(nested(32)) is not None


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(nested(33), id="one-list-more"),
        pytest.param(b'{"a":' * 33 + b"1" + b"}" * 33, id="one-object-more"),
        pytest.param(nested(100_000), id="deeper-than-any-parser"),
    ],
)
def test_deeper_nesting_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed, match="nested deeper"):
        loads(raw)


@pytest.mark.parametrize("raw", [b'{"key": hushhush}', b'{"hushhush": 1, "hushhush": 2}', b'["hushhush\\q"]'])
def test_the_cause_names_nothing_of_the_document(raw: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        loads(raw)
    assert "hushhush" not in str(refused.value)


@given(
    st.binary()
    | json_signs.map(str.encode)
    | any_json.map(lambda document: json.dumps(document).encode()[:-1])
)
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_they_are_a_value_or_malformed(raw: bytes) -> None:
    try:
        document = loads(raw)
    except Malformed:
        return
    assert json.loads(raw) == document
