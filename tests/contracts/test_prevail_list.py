"""The list of sessions over a real socket: the only thing that tells a session's state."""

import json

import pytest

from cancellations.adapters import prevail as prevail_adapter
from cancellations.answers import NOT_LISTED, Unread
from looking import state
from prevail.client import Emulator
from prevail.model import State
from wire_server import says, wire_server


def put_three_pages(emulator: Emulator, prefix: str) -> None:
    """250 sessions, the last of them `<prefix>-249`."""
    emulator.put_sessions(
        {
            "remote_session_id": f"{prefix}-{n:03}",
            "organization": "acme",
            "state": "ready",
            "starts_at": 2 * 10**9 + n,
        }
        for n in range(250)
    )


@pytest.mark.parametrize("listed", ["scheduled", "ready", "active", "canceled"])
def test_the_list_tells_the_state(emulator: Emulator, listed: State) -> None:
    emulator.put_session(f"listed-{listed}", organization="acme", state=listed)
    assert state(emulator.url, f"listed-{listed}") == listed


def test_a_state_in_many_words_is_cut() -> None:
    listed = [{"remote_session_id": "s1", "state": "so\n" + "many " * 999}]
    body = json.dumps({"pagy": {"pages": 1}, "sessions": listed}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with wire_server(says(head + body)) as server:
        found = state(server.url, "s1")
    assert isinstance(found, str)
    assert (found[:8], len(found) <= prevail_adapter.MAX_WORDS) == ("so many ", True)


def test_the_list_is_read_page_by_page(emulator: Emulator) -> None:
    put_three_pages(emulator, "page")
    assert state(emulator.url, "page-249") == "ready"


def test_the_list_is_read_around_the_start_where_it_is_known(emulator: Emulator) -> None:
    emulator.put_session("in-time", organization="acme", state="ready", starts_at=1_900_000_000)
    assert state(emulator.url, "in-time", starts_at=1_900_000_000 + 3600) == "ready"


def test_a_session_that_the_list_lacks_is_not_listed(emulator: Emulator) -> None:
    assert state(emulator.url, "nobody") == NOT_LISTED


# ── What is no list ───────────────────────────────────────────────────────────────────────────────


UNREADABLE = {
    "not_found": b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}",
    "no_list": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "no_list: not JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{",
    "no_list: nested": b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + b"[" * 60_000,
    "no_list: accepted": b"HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\n{}",
    "no_list: no state": b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n"
    b'{"pagy": {"pages": 1}, "sessions": [{"remote_session_id": "s1"      }]}',
    "no_list: broken off": b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
    "unauthorized": b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
    "server_error": b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
    "ProtocolError": b"",
    "redirected": b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize(("case", "raw"), UNREADABLE.items(), ids=UNREADABLE)
def test_a_list_that_cannot_be_read_tells_what_came_and_not_that_a_session_is_not_in_it(
    case: str, raw: bytes
) -> None:
    with wire_server(says(raw)) as server:
        unread = state(server.url, "s1")
    assert isinstance(unread, Unread)
    assert unread.answer.reason == case.split(":", maxsplit=1)[0]


def test_a_list_whose_server_is_not_there_was_not_asked() -> None:
    with wire_server(says(b"")) as server:
        pass
    unread = state(server.url, "s1")
    assert isinstance(unread, Unread)
    assert unread.answer.meaning == "not_sent"
