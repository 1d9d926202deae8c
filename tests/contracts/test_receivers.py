"""What is promised of whoever outcomes are posted to, in memory and over a socket."""

import json
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from cancellations.adapters import tls, wire
from cancellations.adapters.receivers import HttpReceivers
from cancellations.ports import Receivers, Reply
from fakes import Clock, MemoryReceivers
from receiving import Receiver, receiving, receiving_tls

IMPATIENT_S = 0.3
HEADERS = {"webhook-id": "event-1", "webhook-signature": "v1,abc"}


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@contextmanager
def in_memory(answer: Reply, _server: Receiver) -> Iterator[Receivers]:
    yield MemoryReceivers([answer])


@contextmanager
def over_http(answer: Reply, server: Receiver) -> Iterator[Receivers]:
    server.statuses = [answer.status or 0]
    server.headers = {} if answer.wait is None else {"Retry-After": str(int(answer.wait))}
    yield HttpReceivers(Clock(), total_s=5.0 if answer.status else IMPATIENT_S)


type Made = Callable[[Reply, Receiver], AbstractContextManager[Receivers]]


@pytest.mark.parametrize("made", [in_memory, over_http])
@pytest.mark.parametrize("status", [200, 204, 301, 307, 400, 410, 500])
def test_the_status_is_heard(made: Made, status: int, server: Receiver) -> None:
    with made(Reply(f"HTTP {status}", status), server) as receivers:
        heard = receivers.post(f"{server.url}/hook", HEADERS, b"{}")
    assert (heard.seen, heard.status) == (f"HTTP {status}", status)


@pytest.mark.parametrize("made", [in_memory, over_http])
def test_how_long_to_wait_is_heard(made: Made, server: Receiver) -> None:
    with made(Reply("HTTP 503", 503, 30.0), server) as receivers:
        assert receivers.post(f"{server.url}/hook", HEADERS, b"{}") == Reply("HTTP 503", 503, 30.0)


@pytest.mark.parametrize("made", [in_memory, over_http])
def test_silence_is_heard_as_no_status(made: Made, server: Receiver) -> None:
    with made(Reply("ReadTimeout"), server) as receivers:
        heard = receivers.post(f"{server.url}/hook", HEADERS, b"{}")
    assert heard.status is None
    assert heard.seen


@pytest.mark.parametrize("made", [in_memory, over_http])
def test_an_address_needs_no_path(made: Made, server: Receiver) -> None:
    with made(Reply("HTTP 204", 204), server) as receivers:
        assert receivers.post(server.url, HEADERS, b"{}").status == 204


# ── Over the socket alone ─────────────────────────────────────────────────────────────────────────


def test_what_is_posted_arrives_byte_by_byte(server: Receiver) -> None:
    body = json.dumps({"type": "session.canceled", "words": "Zürich"}).encode()
    HttpReceivers(Clock()).post(f"{server.url}/hooks/prevail", HEADERS, body)
    ((path, headers, got),) = server.got
    assert (path, got) == ("/hooks/prevail", body)
    assert headers.items() >= {**HEADERS, "content-type": "application/json"}.items()


QUERY = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=EXAMPLE&x=/a?b:c@d"


@pytest.mark.parametrize("path", ["/invoke", "/.well-known/hook@1:2;a=b!$&'()*+,", "/", ""])
def test_path_and_query_are_posted_to(server: Receiver, path: str) -> None:
    assert HttpReceivers(Clock()).post(f"{server.url}{path}?{QUERY}", HEADERS, b"{}").status == 204
    assert [got for got, *_ in server.got] == [f"{path or '/'}?{QUERY}"]


def test_an_escape_in_lower_case_is_posted_to(server: Receiver) -> None:
    """As the same in upper case (RFC 3986, section 6.2.2.1)."""
    assert HttpReceivers(Clock()).post(f"{server.url}/a%2fb?sig=%2b", HEADERS, b"{}").status == 204
    assert [path for path, *_ in server.got] == ["/a%2Fb?sig=%2B"]


@pytest.mark.parametrize("port", ["", ":443"])
def test_the_port_of_https_may_be_written_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: str
) -> None:
    with receiving_tls(monkeypatch, tmp_path, "hooks.example.com") as server:
        monkeypatch.setattr(wire, "getaddrinfo", socket.getaddrinfo)
        monkeypatch.setattr(tls, "context", ssl.create_default_context)
        heard = HttpReceivers(Clock()).post(f"https://hooks.example.com{port}/a?{QUERY}", HEADERS, b"{}")
    assert heard == Reply("HTTP 204", 204)
    ((path, headers, _),) = server.got
    assert (path, headers["host"]) == (f"/a?{QUERY}", "hooks.example.com")


def test_the_address_is_in_no_log(server: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at DEBUG: its query may be a credential."""
    caplog.set_level(logging.DEBUG)
    receivers = HttpReceivers(Clock())
    receivers.post(f"{server.url}/hook?sig=EXAMPLE", HEADERS, b"{}")
    receivers.post(f"{server.url}/a/../b?sig=EXAMPLE", HEADERS, b"{}")
    server.server_close()
    receivers.post(f"{server.url}/hook?sig=EXAMPLE", HEADERS, b"{}")
    assert "EXAMPLE" not in caplog.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: Receiver, status: int) -> None:
    server.statuses, server.headers = [status], {"Location": f"{server.url}/elsewhere"}
    assert HttpReceivers(Clock()).post(f"{server.url}/hook", HEADERS, b"{}").status == status
    assert [path for path, *_ in server.got] == ["/hook"]


def test_a_proxy_of_the_environment_is_not_asked(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert HttpReceivers(Clock()).post(f"{server.url}/hook", HEADERS, b"{}").status == 204


def test_an_answer_without_end_is_not_read(server: Receiver) -> None:
    server.statuses, server.headers = [200], {"Content-Length": str(10**12)}
    assert HttpReceivers(Clock(), total_s=5.0).post(f"{server.url}/hook", HEADERS, b"{}").status == 200


def test_whoever_is_not_there_is_heard_as_no_status(server: Receiver) -> None:
    server.server_close()
    heard = HttpReceivers(Clock()).post(f"{server.url}/hook", HEADERS, b"{}")
    assert heard.status is None


def test_a_byte_now_and_then_ends_at_the_total_deadline(server: Receiver) -> None:
    server.drips = IMPATIENT_S / 4
    assert (
        HttpReceivers(Clock(), total_s=IMPATIENT_S).post(f"{server.url}/hook", HEADERS, b"{}").status is None
    )
    assert HttpReceivers(Clock(), total_s=10.0).post(f"{server.url}/hook", HEADERS, b"{}").status == 204


@pytest.mark.parametrize("path", ["/a/../b", "/a b", "/a\tb"])
def test_an_address_that_would_change_on_its_way_is_not_called(path: str, server: Receiver) -> None:
    assert HttpReceivers(Clock()).post(f"{server.url}{path}", HEADERS, b"{}").status is None
    assert server.got == []
