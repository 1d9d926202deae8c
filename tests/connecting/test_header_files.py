"""Headers in every form in which tools save them."""

import json
from pathlib import Path

import pytest

from cli import header_files
from stack import Refused

FILE = Path("headers.txt")
WANTED = [("Content-Type", "application/json"), ("X-Signature", "sha256=00")]

CURL = """*   Trying 192.0.2.1:443...
* Connected to hooks.example.com
> POST /v1/webhooks/acme HTTP/1.1
> Host: hooks.example.com
> Content-Type: application/json
> X-Signature: sha256=00
>
} [17 bytes data]
< HTTP/1.1 401 Unauthorized
< Content-Type: application/problem+json
"""
REQUEST = 'POST /v1/webhooks/acme HTTP/2\r\nContent-Type: application/json\r\nX-Signature: sha256=00\r\n\r\n{"a":1}\r\n'
LISTED = [{"name": name, "value": value} for name, value in WANTED]

FORMS = {
    "object": json.dumps(dict(WANTED)),
    "lists of one": json.dumps({name: [value] for name, value in WANTED}),
    "names and values": json.dumps(LISTED),
    "keys and values": json.dumps([{"key": one["name"], "value": one["value"]} for one in LISTED]),
    "pairs": json.dumps(WANTED),
    "HAR": json.dumps({"log": {"entries": [{"request": {"method": "POST", "headers": LISTED}}]}}),
    "webhook.site": json.dumps({"method": "POST", "headers": {n: [v] for n, v in WANTED}, "content": "{}"}),
    "lines": "Content-Type: application/json\nX-Signature:sha256=00\n",
    "lines with CR LF": "Content-Type: application/json \r\n\r\nX-Signature: sha256=00\r\n",
    "a whole request": REQUEST,
    "pseudo-headers": ":method: POST\nContent-Type: application/json\nX-Signature: sha256=00\n",
    "disabled in Postman": json.dumps([*LISTED, {"name": "X-Off", "value": "1", "disabled": True}]),
}


@pytest.mark.parametrize("written", FORMS.values(), ids=FORMS)
def test_headers_are_read_in_every_form(written: str) -> None:
    assert header_files.pairs_in(FILE, written.encode()) == WANTED


def test_of_curls_output_only_what_was_sent_counts() -> None:
    assert header_files.pairs_in(FILE, CURL.encode()) == [("Host", "hooks.example.com"), *WANTED]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_skipped(encoding: str) -> None:
    assert header_files.pairs_in(FILE, FORMS["lines"].encode(encoding)) == WANTED


def test_a_header_may_be_named_like_a_part_of_a_record() -> None:
    assert header_files.pairs_in(FILE, b'{"Request": "1", "headers": ["2"]}') == [
        ("Request", "1"),
        ("headers", "2"),
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"X-A": ["1", "2"]}', "X-A has a list of 2 values; write a text for each header"),
        ('{"X-A": []}', "X-A has a list of 0 values; write a text"),
        ('{"X-A": [1]}', "X-A is a number; write its value as a text"),
        ('{"X-A": 1}', "X-A is a number; write its value as a text"),
        ('{"X-A": true}', "X-A is a boolean"),
        ('{"X-A": null}', "X-A is null"),
        ('{"X-A": {"a": "b"}}', "X-A is an object"),
        ('{"a header": "1"}', "is no header's name"),
        ('["X-A"]', "element 1 of the list is no header"),
        ('{"X-A": ', "is not JSON"),
        ("X-A: 1\nno colon here\n", "headers.txt:2: is no header"),
        ("<html>: x", "is no header"),
    ],
)
def test_what_is_no_header_is_refused(written: str, said: str) -> None:
    with pytest.raises(Refused, match=FILE.stem) as refused:
        header_files.pairs_in(FILE, written.encode())
    assert said in str(refused.value)
