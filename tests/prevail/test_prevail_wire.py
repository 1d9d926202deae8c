"""Faults on the connection itself, seen from a socket: each with its bytes, its end, and its effect."""

import gzip
import json
import socket
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from prevail.assumed import CANCELED
from prevail.client import ApiCaller, Emulator
from prevail.faults.scripts import GARBAGE

BODY = json.dumps(CANCELED, separators=(",", ":")).encode()
RESET, CLOSED = "reset", "closed"


@contextmanager
def connected(caller: ApiCaller) -> Iterator[socket.socket]:
    port = int(caller.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield connection


def ask(connection: socket.socket, caller: ApiCaller, session: str = "s-1") -> None:
    head = f"PATCH /api/v1/sessions/{session}/cancel HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    headers = "".join(f"{name}: {value}\r\n" for name, value in caller.headers.items())
    connection.sendall(f"{head}{headers}\r\n".encode())


def read_all(connection: socket.socket) -> tuple[bytes, str]:
    """All that comes, and how it ends."""
    read = bytearray()
    while True:
        try:
            part = connection.recv(1_000_000)
        except ConnectionResetError:
            return bytes(read), RESET
        if not part:
            return bytes(read), CLOSED
        read += part


def read_answer(connection: socket.socket) -> bytes:
    read = b""
    while not read.endswith(BODY):
        part = connection.recv(65_536)
        assert part, read
        read += part
    return read


def faulty(emulator: Emulator, fault: str) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    emulator.put_faults({"fault": fault})


def met(emulator: Emulator, caller: ApiCaller, fault: str) -> tuple[bytes, str]:
    """What comes of a cancel that meets the fault, on a connection of its own."""
    faulty(emulator, fault)
    with connected(caller) as connection:
        ask(connection, caller)
        return read_all(connection)


def whole(emulator: Emulator, caller: ApiCaller) -> bytes:
    """The answer as it would be."""
    read, _ = met(emulator, caller, "drip-0")
    return read


@pytest.mark.parametrize(("when", "state"), [("", "canceled"), ("-after", "canceled"), ("-before", "ready")])
@pytest.mark.parametrize(
    ("where", "lengths"),
    [
        ("start", range(1)),
        ("head", range(10, 150)),
        ("body", range(100, 500)),
        ("1", [1]),
        ("60", [60]),
    ],
)
def test_a_reset_comes_where_and_when_it_was_told_to(
    emulator: Emulator, acme: ApiCaller, *, when: str, state: str, where: str, lengths: Container[int]
) -> None:
    read, end = met(emulator, acme, f"reset-{where}{when}")
    assert end == RESET
    assert len(read) in lengths
    assert (b"\r\n\r\n" in read) is (where == "body")
    assert emulator.session("s-1").state == state


def test_what_a_reset_leaves_is_the_beginning_of_the_answer(emulator: Emulator, acme: ApiCaller) -> None:
    answer = whole(emulator, acme)
    read, _ = met(emulator, acme, "reset-15")
    assert read == answer[:15] == b"HTTP/1.1 200 OK"


def test_a_reset_before_the_effect_cuts_what_a_proxy_would_say(emulator: Emulator, acme: ApiCaller) -> None:
    read, _ = met(emulator, acme, "reset-body-before")
    assert read.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")


@pytest.mark.parametrize(("fault", "state"), [("silent-before", "ready"), ("silent-after", "canceled")])
def test_silence_comes_before_or_after_the_effect(
    emulator: Emulator, acme: ApiCaller, fault: str, state: str
) -> None:
    faulty(emulator, fault)
    with connected(acme) as connection:
        ask(connection, acme)
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert emulator.session("s-1").state == state


def test_the_share_of_silence_has_a_name_of_its_own(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    emulator.put_faults(silent_after_commit=1.0)
    with connected(acme) as connection:
        ask(connection, acme)
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert emulator.session("s-1").state == "canceled"
    assert acme.sessions().status_code == 200
    emulator.put_faults(silent_after_commit=0.0)
    assert acme.cancel("s-1").status_code == 409


def test_a_drip_is_the_whole_answer_byte_by_byte(emulator: Emulator, acme: ApiCaller) -> None:
    began = time.monotonic()
    read, end = met(emulator, acme, "drip-2")
    assert (read.startswith(b"HTTP/1.1 200 OK\r\n"), read.endswith(BODY), end) == (True, True, CLOSED)
    assert time.monotonic() - began > 0.002 * len(read)


def test_a_truncated_body_is_shorter_than_it_says(emulator: Emulator, acme: ApiCaller) -> None:
    read, end = met(emulator, acme, "truncated-7")
    assert f"Content-Length: {len(BODY) + 7}\r\n".encode() in read
    assert (read.endswith(BODY), end) == (True, CLOSED)


def test_a_huge_body_is_as_long_as_it_says(emulator: Emulator, acme: ApiCaller) -> None:
    read, end = met(emulator, acme, "huge-3")
    head, _, body = read.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert (len(json.loads(body)["messages"]), end) == (3_000_000, CLOSED)


def test_a_bomb_is_small_until_it_is_inflated(emulator: Emulator, acme: ApiCaller) -> None:
    read, _ = met(emulator, acme, "bomb-5")
    head, _, body = read.partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert (len(body) < 10_000, len(gzip.decompress(body))) == (True, 5_000_000)


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_no_answer(emulator: Emulator, acme: ApiCaller, kind: str) -> None:
    assert met(emulator, acme, f"garbage-{kind}") == (GARBAGE[kind], CLOSED)


def test_headers_can_be_many(emulator: Emulator, acme: ApiCaller) -> None:
    read, _ = met(emulator, acme, "headers-100")
    head, _, body = read.partition(b"\r\n\r\n")
    assert (len(head) > 100_000, body) == (True, BODY)


def test_interim_answers_come_first(emulator: Emulator, acme: ApiCaller) -> None:
    read, _ = met(emulator, acme, "interim-20")
    assert read.count(b"HTTP/1.1 102 Processing\r\n\r\n") == 20
    assert (read.count(b"HTTP/1.1 200 OK"), read.endswith(BODY)) == (1, True)


def test_a_chunked_body_can_break_its_own_rules(emulator: Emulator, acme: ApiCaller) -> None:
    read, end = met(emulator, acme, "chunked")
    assert b"Transfer-Encoding: chunked\r\n" in read
    assert b"Content-Length" not in read
    assert end == CLOSED


@pytest.mark.parametrize(("fault", "end"), [("stale", CLOSED), ("stale-close", CLOSED)])
def test_a_kept_connection_can_close_right_after_an_answer(
    emulator: Emulator, acme: ApiCaller, fault: str, end: str
) -> None:
    read, ended = met(emulator, acme, fault)
    assert (read.endswith(BODY), b"onnection: close" in read, ended) == (True, False, end)


def test_a_kept_connection_can_be_reset_by_the_next_request(emulator: Emulator, acme: ApiCaller) -> None:
    faulty(emulator, "stale-reset")
    emulator.put_session("s-2", organization="acme", state="ready")
    with connected(acme) as connection:
        ask(connection, acme)
        assert read_answer(connection).startswith(b"HTTP/1.1 200 OK")
        ask(connection, acme, "s-2")
        assert read_all(connection) == (b"", RESET)
    assert emulator.session("s-2").state == "ready"


def test_an_answer_can_come_before_its_request(emulator: Emulator, acme: ApiCaller) -> None:
    faulty(emulator, "early")
    emulator.put_session("s-2", organization="acme", state="ready")
    with connected(acme) as connection:
        ask(connection, acme)
        read = b""
        while read.count(BODY) < 2:
            read += connection.recv(65_536)
        ask(connection, acme, "s-2")
    assert read.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert emulator.session("s-2").patches == 0


@pytest.mark.parametrize("fault", ["drip-0", "truncated", "garbage", "headers-1", "interim-1", "chunked"])
def test_the_wire_can_go_wrong_without_an_effect(emulator: Emulator, acme: ApiCaller, fault: str) -> None:
    met(emulator, acme, f"{fault}-before")
    assert emulator.session("s-1").state == "ready"


def test_a_session_can_ask_for_a_reset(emulator: Emulator, acme: ApiCaller) -> None:
    name = "s-1--fault-reset-head-x1"
    emulator.put_session(name, organization="acme", state="ready")
    with connected(acme) as connection:
        ask(connection, acme, name)
        assert read_all(connection)[1] == RESET
    assert acme.cancel(name).status_code == 409


def test_an_answer_that_nobody_heard_is_logged(emulator: Emulator, acme: ApiCaller) -> None:
    met(emulator, acme, "reset-start-before")
    met(emulator, acme, "reset-start")
    logged: list[tuple[Any, ...]] = [(call.fault, call.answer, call.status) for call in emulator.calls()]
    assert logged == [("reset-start-before", None, None), ("reset-start", "canceled", 200)]


def test_a_fault_leaves_other_connections_alone(emulator: Emulator, acme: ApiCaller) -> None:
    faulty(emulator, "silent")
    with connected(acme) as silent:
        ask(silent, acme)
        emulator.put_faults()
        assert acme.sessions().status_code == 200
