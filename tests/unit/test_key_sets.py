"""Sets of public keys over HTTPS, against a server that answers as no well-behaved one would."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cancellations.adapters import key_sets
from cancellations.adapters.key_sets import MAX_BYTES
from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import Stored
from receiving import receiving_tls
from wire_server import Script, WireServer, drips, says, wire_server

URL = "https://login.example.com/tenant/keys"
KEYS = b'{"keys": []}'


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, script: Script) -> Iterator[WireServer]:
    """Whatever host is asked for over TLS is this server without it."""
    with wire_server(script) as server:
        port = urlsplit(server.url).port

        def connection(_host: str, timeout: float) -> http.client.HTTPConnection:
            return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

        monkeypatch.setattr(http.client, "HTTPSConnection", connection)
        yield server


def test_a_key_set_is_what_its_address_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, says(answer(KEYS))) as server:
        assert key_sets.fetched(URL, previous=False) == (Stored("key set", KEYS.decode()),)
    assert server.requests[0].startswith(b"GET /tenant/keys HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("after", "target"),
    [("", "/"), (":443/a?b", "/a?b"), ("/keys?appid=1-2&x=/y", "/keys?appid=1-2&x=/y"), ("?t=1", "/?t=1")],
)
def test_path_and_query_are_asked_for(monkeypatch: pytest.MonkeyPatch, after: str, target: str) -> None:
    with serving(monkeypatch, says(answer(KEYS))) as server:
        key_sets.fetched(f"https://login.example.com{after}", previous=False)
    assert server.requests[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("port", ["", ":443"])
def test_a_key_set_is_fetched_over_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: str) -> None:
    with receiving_tls(monkeypatch, tmp_path, "login.example.com") as server:
        server.statuses, server.body = [200], KEYS
        (stored,) = key_sets.fetched(f"https://login.example.com{port}/keys?appid=1-2", previous=False)
    assert stored.value == KEYS.decode()
    assert [path for path, *_ in server.got] == ["/keys?appid=1-2"]


@pytest.mark.parametrize("url", [URL, "https://login.example.com:443/keys?appid=1"])
def test_the_host_that_is_asked_is_the_one_that_is_configured(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    asked: list[str] = []

    def connection(host: str, timeout: float) -> http.client.HTTPConnection:
        asked.append(host)
        raise OSError(f"nobody is there for {timeout} s")

    monkeypatch.setattr(http.client, "HTTPSConnection", connection)
    with pytest.raises(OSError, match="nobody is there"):
        key_sets.fetched(url, previous=False)
    assert asked == ["login.example.com"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    moved = answer(KEYS, status, "location: /elsewhere")
    with serving(monkeypatch, says(moved)) as server, pytest.raises(Unavailable):
        key_sets.fetched(URL, previous=False)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(b"", "404 Not Found"), id="not-found"),
        pytest.param(answer(KEYS, "500 Error"), id="error"),
        pytest.param(answer(KEYS, "204 No Content"), id="other-success"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"nonsense\r\n\r\n", id="nonsense"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nhalf", id="half"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 500 + b"\r\n", id="too-many-headers"),
    ],
)
def test_an_address_that_does_not_answer_well_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    with serving(monkeypatch, says(said)), pytest.raises(Unavailable):
        key_sets.fetched(URL, previous=False)


def test_an_address_that_does_not_answer_in_time_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sets, "TIMEOUT_S", 0.1)
    over = threading.Event()
    with serving(monkeypatch, drips(answer(KEYS), 10.0, over)):
        with pytest.raises(Unavailable):
            key_sets.fetched(URL, previous=False)
        over.set()


def test_a_key_set_of_the_greatest_size_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, says(answer(KEYS.ljust(MAX_BYTES)))):
        assert len(key_sets.fetched(URL, previous=False)[0].value) == MAX_BYTES


def test_a_larger_key_set_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        serving(monkeypatch, says(answer(b"k" * (MAX_BYTES + 1)))),
        pytest.raises(SecretFault, match=f"{URL}: is over {MAX_BYTES} bytes"),
    ):
        key_sets.fetched(URL, previous=False)


def test_the_size_that_is_announced_makes_nobody_read_more(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n" + b"k" * (2 * MAX_BYTES)
    with serving(monkeypatch, says(endless)), pytest.raises(SecretFault):
        key_sets.fetched(URL, previous=False)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"<html>down for maintenance</html>", b"[]", b'{"keys": {}}'])
def test_what_is_no_key_set_does_not_take_the_place_of_one(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    with serving(monkeypatch, says(answer(body))), pytest.raises(Unavailable):
        key_sets.fetched(URL, previous=True)


def test_a_key_set_that_comes_drop_by_drop_is_waited_for_so_long_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_sets, "TOTAL_S", 0.1)
    over = threading.Event()
    with (
        serving(monkeypatch, drips(answer(KEYS * 100), 0.01, over)),
        pytest.raises(Unavailable, match="slowly"),
    ):
        key_sets.fetched(URL, previous=True)
    over.set()
