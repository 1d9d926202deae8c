import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source import bodies

scalars = st.none() | st.booleans() | st.integers() | st.text()
containers = st.lists(scalars, max_size=4) | st.dictionaries(st.text(), scalars, max_size=4)


def read(body: bytes, content_type: str | None = "application/json") -> Json:
    headers = {} if content_type is None else {"content-type": content_type}
    return bodies.read("json", Delivery("acme", headers, body))


@given(containers)
@settings(max_examples=100, deadline=None)
def test_an_object_or_a_list_is_read_as_it_is(document: Json) -> None:
    assert read(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "Application/JSON; charset=utf-8",
        "text/json",
        "application/json, application/json",
        "application/json,Application/JSON; charset=utf-8",
        "application/cloudevents+json",
        "application/vnd.crm.v2+JSON ;charset=utf-8",
    ],
)
def test_json_is_read_under_each_of_its_names(content_type: str | None) -> None:
    assert read(b'{"a": 1}', content_type) == {"a": 1}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json5",
        "application/jsonl",
        "application/ld+json5",
        "text/plain; application/json",
        "application/json, text/plain",
        "application/json, application/vnd.crm+json",
        "application/json,",
        "application/jsonapplication/json",
        "text/plain, application/vnd.crm+json",
    ],
)
def test_another_media_type_is_unsupported(content_type: str) -> None:
    with pytest.raises(UnsupportedBody):
        read(b"{}", content_type)


@pytest.mark.parametrize("body", [b"1", b"true", b"null", b'"text"', b"1.5"])
def test_what_is_neither_an_object_nor_a_list_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match="neither an object nor a list"):
        read(body)


@pytest.mark.parametrize("body", [b"", b'{"a": 1, "a": 1}', b"\xef\xbb\xbf{}", b"[" * 33 + b"]" * 33])
def test_json_is_read_strictly(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)
