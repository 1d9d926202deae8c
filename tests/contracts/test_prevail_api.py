"""Prevail over a real socket: against the emulator, and against servers that misbehave."""

import gzip
import json
import socket
import struct
import threading
import time
import tracemalloc
from dataclasses import replace

import pytest

from builders import API_KEY
from cancellations.adapters import wire
from cancellations.adapters.prevail import MAX_BODY_BYTES, MAX_WORDS, PrevailApi, retry_after
from cancellations.answers import UNSENDABLE, Answer, Unread
from cancellations.domain import Organization
from cancellations.token import sign
from prevail.client import Emulator
from prevail.model import State
from wire_server import WireServer, drips, says, wire_server

TOTAL_S = 0.5
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def a_token() -> str:
    return sign(API_KEY, "acme", time.time())


def cancel(url: str, session: str = "s1", *, without_email: bool = True) -> Answer:
    api = PrevailApi(time.time, total_s=TOTAL_S)
    organization = Organization("acme", url, "acme")
    return api.cancel(organization, session, without_email=without_email, token=a_token())


class TestEmulator:
    @pytest.mark.parametrize("before", ["scheduled", "ready"])
    def test_a_cancelable_session_is_canceled(self, emulator: Emulator, before: State) -> None:
        emulator.put_session(before, organization="acme", state=before)
        answer = cancel(emulator.url, before)
        assert replace(answer, clock=None) == Answer(
            "canceled", "success", 200, "Session successfully canceled."
        )
        assert emulator.session(before).state == "canceled"

    @pytest.mark.parametrize(("without_email", "emails"), [(True, 0), (False, 2)])
    def test_the_flag_decides_on_emails(self, emulator: Emulator, without_email: bool, emails: int) -> None:
        session = f"mails-{emails}"
        emulator.put_session(session, organization="acme", state="ready")
        cancel(emulator.url, session, without_email=without_email)
        assert emulator.session(session).emails == emails

    @pytest.mark.parametrize("before", ["active", "canceled"])
    def test_a_session_in_another_state_asks_for_the_list(self, emulator: Emulator, before: State) -> None:
        emulator.put_session(f"not-{before}", organization="acme", state=before)
        assert cancel(emulator.url, f"not-{before}").meaning == "ask_the_list"

    def test_an_unknown_session_asks_for_the_list(self, emulator: Emulator) -> None:
        answer = cancel(emulator.url, "nobody")
        assert (answer.meaning, answer.reason) == ("ask_the_list", "not_found")

    def test_an_answer_tells_prevails_clock(self, emulator: Emulator) -> None:
        assert abs((cancel(emulator.url, "nobody").clock or 0.0) - time.time()) < 60


@pytest.mark.parametrize(
    ("session", "segment"),
    [
        ("victim#", "victim%23"),
        ("victim?title=owned&x=", "victim%3Ftitle%3Downed%26x%3D"),
        ("victim/cancel?&x=", "victim%2Fcancel%3F%26x%3D"),
        ("../../x", "..%2F..%2Fx"),
        ("//evil.example", "%2F%2Fevil.example"),
        ("\u00e9 %41", "%C3%A9%20%2541"),
    ],
)
def test_a_session_id_is_one_segment_of_the_path(session: str, segment: str) -> None:
    with wire_server(says(OK)) as server:
        cancel(server.url, session)
    line = server.requests[0].split(b"\r\n")[0].decode()
    assert line == f"PATCH /api/v1/sessions/{segment}/cancel?cancel_without_email=true HTTP/1.1"


@pytest.mark.parametrize("session", ["..", ".", "\ud800"])
def test_a_call_whose_address_cannot_be_made_is_no_answer_of_prevail(session: str) -> None:
    with wire_server(says(OK)) as server:
        assert cancel(server.url, session) == UNSENDABLE
    assert server.requests == []


@pytest.mark.parametrize(
    "url", ["http://[", "http://127.0.0.1:99999", f"http://{'a' * 64}.example", "gopher://x"]
)
def test_an_origin_that_cannot_be_called_is_no_answer_of_prevail(url: str) -> None:
    assert cancel(url) == UNSENDABLE


def test_a_list_whose_address_cannot_be_made_is_no_answer_of_prevail() -> None:
    api, organization = PrevailApi(time.time, total_s=TOTAL_S), Organization("acme", "http://[", "acme")
    for starts_at in (None, float("nan")):
        state = api.state(organization, "s1", starts_at=starts_at, token=a_token())
        assert state == Unread(UNSENDABLE)


def test_of_two_waits_the_shorter_counts() -> None:
    raw = b"HTTP/1.1 429 No\r\nRetry-After: 20\r\nRetry-After: 1200\r\nRetry-After: ?\r\nContent-Length: 0\r\n\r\n"
    with wire_server(says(raw)) as server:
        assert cancel(server.url).wait == 20.0


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        (b"Fri, 15 Jan 2027 08:00:00 GMT", 1_800_000_000.0),
        (b"yesterday", None),
        (b"", None),
        (b"9" * 400, None),
    ],
)
def test_prevails_clock_is_read_off_its_answer(written: bytes, clock: float | None) -> None:
    raw = b"HTTP/1.1 401 No\r\nDate: %s\r\nContent-Length: 0\r\n\r\n" % written
    with wire_server(says(raw)) as server:
        assert cancel(server.url).clock == clock


def test_an_answer_without_a_date_tells_no_clock() -> None:
    with wire_server(says(OK)) as server:
        assert cancel(server.url).clock is None


def assert_cut_short(*, total_s: float, deadline_s: float) -> None:
    """A call that would take for ever ends by the smaller of the two."""
    over = threading.Event()
    with wire_server(drips(OK * 100, 0.1, over)) as server:
        api = PrevailApi(time.time, total_s=total_s)
        organization = Organization("acme", server.url, "acme", deadline_s=deadline_s)
        began = time.monotonic()
        assert api.cancel(organization, "s1", without_email=True, token=a_token()).meaning == "unknown"
        over.set()
    assert time.monotonic() - began < 10


def test_an_organization_may_give_its_calls_less_time() -> None:
    assert_cut_short(total_s=30, deadline_s=0.3)


def test_no_organization_gets_more_time_than_there_is() -> None:
    assert_cut_short(total_s=0.3, deadline_s=30)


def answered(script: WireServer) -> Answer:
    return cancel(script.url)


class TestNotSent:
    """Nothing left this machine, so the request may be tried again without a look."""

    def test_a_refused_connection(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        assert cancel(f"http://127.0.0.1:{port}").meaning == "not_sent"

    def test_a_name_that_does_not_resolve(self) -> None:
        assert cancel("http://prevail.invalid").meaning == "not_sent"

    def test_a_peer_that_does_not_speak_tls(self) -> None:
        with wire_server(says(b"hello\r\n"), read_first=False, scheme="https") as server:
            assert cancel(server.url).meaning == "not_sent"

    def test_a_tls_handshake_that_stalls(self) -> None:
        over = threading.Event()
        with wire_server(drips(b"\x16" * 99, 0.1, over), read_first=False, scheme="https") as server:
            assert cancel(server.url).meaning == "not_sent"
            over.set()


class TestUnknown:
    """The request left, and what came back does not say what became of it."""

    def test_a_peer_that_reads_and_hangs_up(self) -> None:
        with wire_server(_nothing) as server:
            assert cancel(server.url).meaning == "unknown"

    def test_a_reset_after_the_request(self) -> None:
        with wire_server(_reset) as server:
            assert cancel(server.url).meaning == "unknown"

    @pytest.mark.parametrize("raw", [b"nonsense\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"HTTP/1.1 "])
    def test_an_answer_that_is_not_http(self, raw: bytes) -> None:
        with wire_server(says(raw)) as server:
            assert cancel(server.url).meaning == "unknown"

    def test_headers_without_end(self) -> None:
        with wire_server(says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000)) as server:
            assert cancel(server.url).meaning == "unknown"

    def test_a_byte_now_and_then_ends_at_the_total_deadline(self) -> None:
        over = threading.Event()
        with wire_server(drips(OK * 100, 0.1, over)) as server:
            began = time.monotonic()
            assert cancel(server.url).meaning == "unknown"
            over.set()
        assert time.monotonic() - began < 10 * TOTAL_S


class TestStatusDecides:
    @pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe", b"[1]"])
    def test_a_body_of_any_kind_is_evidence_only(self, body: bytes) -> None:
        raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        with wire_server(says(raw)) as server:
            assert cancel(server.url).meaning == "canceled"

    def test_a_body_that_breaks_off(self) -> None:
        with wire_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")) as server:
            assert cancel(server.url).meaning == "canceled"

    def test_a_body_without_end_is_cut(self) -> None:
        raw = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_BODY_BYTES * 4)
        with wire_server(says(raw)) as server:
            answer = cancel(server.url)
        assert answer.meaning == "canceled"
        assert len(answer.words or "") <= MAX_WORDS

    def test_a_redirect_asks_for_the_list_and_is_not_followed(self) -> None:
        with wire_server(says(OK)) as elsewhere:
            raw = f"HTTP/1.1 307 Elsewhere\r\nLocation: {elsewhere.url}/\r\nContent-Length: 0\r\n\r\n"
            with wire_server(says(raw.encode())) as server:
                answer = cancel(server.url)
        assert (answer.meaning, answer.reason) == ("ask_the_list", "redirected")
        assert elsewhere.requests == []

    @pytest.mark.parametrize("location", ["http://[::1", "//[", "http://\u2100.com/", "", "\x00"])
    def test_a_redirect_to_nonsense_is_a_redirect(self, location: str) -> None:
        raw = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
        with wire_server(says(raw.encode("latin-1", "replace"))) as server:
            assert cancel(server.url).reason == "redirected"

    def test_the_body_of_a_redirect_is_neither_inflated_nor_read_to_its_end(self) -> None:
        bomb = gzip.compress(bytes(50_000_000))
        raw = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
        with wire_server(says(raw % len(bomb) + bomb)) as server:
            tracemalloc.start()
            answer = cancel(server.url)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert answer.reason == "redirected"
        assert peak < 5_000_000

    @pytest.mark.parametrize("body", [b"[" * 60_000, b'{"messages":' * 5_000])
    def test_a_body_nested_without_end_is_evidence_only(self, body: bytes) -> None:
        raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        with wire_server(says(raw)) as server:
            assert cancel(server.url).meaning == "canceled"


class TestToken:
    def test_it_goes_to_the_origin_in_one_header(self) -> None:
        with wire_server(says(OK)) as server:
            cancel(server.url)
        assert server.requests[0].startswith(
            b"PATCH /api/v1/sessions/s1/cancel?cancel_without_email=true HTTP/1.1"
        )
        assert server.requests[0].count(b"Bearer ") == 1

    def test_it_goes_to_no_proxy_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with wire_server(says(OK)) as proxy, wire_server(says(OK)) as server:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            assert cancel(server.url).meaning == "canceled"
        assert proxy.requests == []

    def test_it_is_not_in_what_prevail_said(self) -> None:
        token = a_token()
        body = json.dumps({"error": f"bad token {token}"}).encode()
        raw = b"HTTP/1.1 403 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        with wire_server(says(raw)) as server:
            assert cancel(server.url).words == "bad token [token]"

    def test_no_cookie_comes_back(self) -> None:
        api = PrevailApi(time.time, total_s=TOTAL_S)
        raw = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        with wire_server(says(raw)) as server:
            for _ in range(2):
                api.cancel(
                    Organization("acme", server.url, "acme"), "s1", without_email=True, token=a_token()
                )
        assert b"cookie" not in server.requests[1].lower()


def test_a_connection_is_used_again() -> None:
    with wire_server(_answers_twice) as server:
        api, organization = PrevailApi(time.time, total_s=TOTAL_S), Organization("acme", server.url, "acme")
        for _ in range(2):
            answer = api.cancel(organization, "s1", without_email=True, token=a_token())
            assert answer.meaning == "canceled"
    assert server.connections == 1


def test_a_call_elsewhere_does_not_keep_an_idle_connection_young(monkeypatch: pytest.MonkeyPatch) -> None:
    with wire_server(_answers_twice) as server, wire_server(_answers_twice) as other:
        api = PrevailApi(time.time, total_s=TOTAL_S)
        asked, busy = (Organization("acme", one.url, "acme") for one in (server, other))
        api.cancel(asked, "s1", without_email=True, token=a_token())
        for organization, ahead in ((busy, 0.7), (asked, 1.4)):
            monkeypatch.setattr(wire, "time", Later(time.monotonic() + ahead * wire.IDLE_S))
            api.cancel(organization, "s1", without_email=True, token=a_token())
    assert server.connections == 2


def test_a_connection_that_lay_idle_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with wire_server(_answers_twice) as server:
        api, organization = PrevailApi(time.time, total_s=TOTAL_S), Organization("acme", server.url, "acme")
        api.cancel(organization, "s1", without_email=True, token=a_token())
        later = time.monotonic() + wire.IDLE_S + 1
        monkeypatch.setattr(wire, "time", Later(later))
        answer = api.cancel(organization, "s1", without_email=True, token=a_token())
    assert (answer.meaning, server.connections) == ("canceled", 2)


class Later:
    """A clock that was set forward once, as after a freeze."""

    def __init__(self, now: float) -> None:
        self._ahead = now - time.monotonic()

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead


def _answers_twice(connection: socket.socket) -> None:
    connection.sendall(OK)
    if connection.recv(65536):
        connection.sendall(OK)


NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("120.1", 121.0),
        ("999999999", 43_200.0),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60.0),
        ("Fri, 15 Jan 2027 08:01:00 -0000", 60.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1e3", None),
        ("9" * 5000, None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999", None),
        (None, None),
    ],
)
def test_retry_after_in_both_forms_is_understood_and_clamped(
    value: str | None, seconds: float | None
) -> None:
    assert retry_after(value, NOW) == seconds


def _nothing(_: socket.socket) -> None:
    """Hangs up."""


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
