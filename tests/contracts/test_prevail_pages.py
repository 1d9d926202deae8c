"""The list's pages over a real socket: what is not on the pages that were read is not therefore absent."""

import threading
from collections.abc import Iterator
from socket import socket
from urllib.parse import parse_qs

import pytest

from builders import API_KEY
from cancellations.adapters import session_list
from cancellations.adapters.session_list import DAY_S, MAX_PAGES
from cancellations.answers import NOT_LISTED, PAGES_UNREAD, TOO_MANY_PAGES, Unread
from looking import a_page, one_by_one, reason, respond, state
from prevail.client import Emulator
from prevail.server import running
from wire_server import wire_server

START, HOUR_S = 2_000_000_000, 3600
LAST = START + 8 * HOUR_S


@pytest.fixture(scope="module")
def running_emulator() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def emulator(running_emulator: str) -> Emulator:
    """With acme's nine sessions of one hour each, s0 to s8, one after the other, three to a page."""
    emulator = Emulator(running_emulator)
    emulator.reset()
    emulator.put_organization("acme", api_key=API_KEY)
    emulator.put_switches(page_items=3)
    for number in range(9):
        put(emulator, f"s{number}", START + number * HOUR_S)
    return emulator


def put(emulator: Emulator, name: str, starts_at: float, hours: float = 1) -> None:
    emulator.put_session(
        name, organization="acme", state="ready", starts_at=int(starts_at), estimated_duration=hours
    )


def requested(emulator: Emulator) -> list[dict[str, str]]:
    """The queries of all calls."""
    return [{name: value[0] for name, value in parse_qs(call.query).items()} for call in emulator.calls()]


otherwise = pytest.mark.parametrize("parameter", ["p", "none"])
"""How pages are selected, if not by `page`."""


# ── Pages that are selected otherwise than assumed ────────────────────────────────────────────────


@otherwise
def test_session_on_another_page_is_unread_not_absent(emulator: Emulator, parameter: str) -> None:
    emulator.put_switches(page_parameter=parameter)
    assert state(emulator.url, "s8") == Unread(PAGES_UNREAD)
    assert len(requested(emulator)) == 2


@otherwise
def test_session_on_the_page_that_came_is_found(emulator: Emulator, parameter: str) -> None:
    emulator.put_switches(page_parameter=parameter)
    assert state(emulator.url, "s2") == "ready"


@otherwise
@pytest.mark.parametrize("window", ["ends_before", "starts_before"])
def test_narrower_window_finds_the_session(emulator: Emulator, parameter: str, window: str) -> None:
    emulator.put_switches(page_parameter=parameter, list_window=window)
    assert state(emulator.url, "s8", LAST) == "ready"


@otherwise
def test_session_that_is_absent_from_a_narrower_window_is_unread(emulator: Emulator, parameter: str) -> None:
    """It may have been moved: s4 starts four hours before the time that is known of it."""
    emulator.put_switches(page_parameter=parameter)
    assert state(emulator.url, "s4", LAST) == Unread(PAGES_UNREAD)
    assert state(emulator.url, "no-such-session", LAST) == Unread(PAGES_UNREAD)


@otherwise
def test_list_of_one_page_proves_absence(emulator: Emulator, parameter: str) -> None:
    emulator.put_switches(page_parameter=parameter, page_items=9)
    assert state(emulator.url, "no-such-session") == NOT_LISTED
    assert state(emulator.url, "no-such-session", LAST) == NOT_LISTED


# ── Pages that are selected as assumed ────────────────────────────────────────────────────────────


def test_list_that_was_read_to_its_end_proves_absence(emulator: Emulator) -> None:
    assert state(emulator.url, "no-such-session") == NOT_LISTED
    assert [query["page"] for query in requested(emulator)] == ["1", "2", "3"]


def test_canceled_session_that_the_list_hides_is_not_listed(emulator: Emulator) -> None:
    """The list cannot tell it from a session that never was."""
    emulator.put_switches(canceled_sessions="hidden")
    emulator.put_session("s4", organization="acme", state="canceled", starts_at=START)
    assert state(emulator.url, "s4") == NOT_LISTED


def test_absence_from_the_day_is_checked_in_the_whole_list(emulator: Emulator) -> None:
    emulator.put_switches(page_items=100)
    assert state(emulator.url, "no-such-session", START) == NOT_LISTED
    day = {"start_time": str(START - DAY_S), "end_time": str(START + DAY_S)}
    assert requested(emulator) == [{"page": "1", **day}, {"page": "1"}]


def test_session_that_was_moved_by_days_is_found(emulator: Emulator) -> None:
    put(emulator, "s4", START + 10 * DAY_S)
    assert state(emulator.url, "s4", START) == "ready"


def test_session_that_starts_when_it_should_costs_one_call(emulator: Emulator) -> None:
    put(emulator, "alone", START + 10 * DAY_S)
    assert state(emulator.url, "alone", START + 10 * DAY_S) == "ready"
    assert len(requested(emulator)) == 1


# ── More pages than are read ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def two_pages_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_list, "MAX_PAGES", 2)


@pytest.mark.usefixtures("two_pages_at_most")
def test_session_beyond_the_last_page_read_is_unread(emulator: Emulator) -> None:
    assert state(emulator.url, "s5") == "ready"
    assert state(emulator.url, "s6") == Unread(TOO_MANY_PAGES)
    assert [query["page"] for query in requested(emulator)] == ["1", "2"] * 2


@pytest.mark.usefixtures("two_pages_at_most")
@pytest.mark.parametrize("window", ["ends_before", "starts_before"])
def test_day_of_too_many_pages_is_narrowed_around_the_start(emulator: Emulator, window: str) -> None:
    emulator.put_switches(list_window=window)
    assert state(emulator.url, "s8", LAST) == "ready"
    assert [query["page"] for query in requested(emulator)] == ["1", "1"]


@pytest.mark.usefixtures("two_pages_at_most")
@pytest.mark.parametrize(
    ("crowd", "starts_at", "hours"),
    [
        (START, LAST + HOUR_S, 10),
        (START, LAST - HOUR_S, 1),
        (LAST - HOUR_S, LAST, 7),
    ],
    ids=["long", "moved by an hour", "crowded before"],
)
def test_narrower_windows_find_long_and_moved_sessions_and_pass_crowds(
    emulator: Emulator, crowd: float, starts_at: float, hours: float
) -> None:
    """The crowd has three pages. The list looks at the end of sessions too, as is documented."""
    for number in range(9):
        put(emulator, f"crowd-{number}", crowd, hours=0.1)
    put(emulator, "sought", starts_at, hours)
    assert state(emulator.url, "sought", LAST) == "ready"


def test_last_window_is_a_quarter_of_an_hour_around_the_start() -> None:
    many = a_page(1, ["s1"], pages=MAX_PAGES + 1)
    with wire_server(one_by_one(many, many, many, a_page(1, ["s2"], pages=1))) as server:
        assert state(server.url, "s2", START) == "ready"
        last = f"start_time={START - 900}&end_time={START + 900} "
        assert last.encode() in server.requests[-1]


@pytest.mark.usefixtures("two_pages_at_most")
def test_session_moved_out_of_the_narrower_window_is_unread(emulator: Emulator) -> None:
    assert state(emulator.url, "s4", LAST) == Unread(TOO_MANY_PAGES)


@pytest.mark.usefixtures("two_pages_at_most")
def test_moved_session_on_a_whole_list_of_too_many_pages_is_unread(emulator: Emulator) -> None:
    assert state(emulator.url, "s8", START - 10 * DAY_S) == Unread(TOO_MANY_PAGES)


def test_pages_that_take_longer_than_the_deadline_are_too_many() -> None:
    """Prevail answers, so to ask again for as long as it is down would help nobody."""
    over = threading.Event()
    first = iter([a_page(1, ["s1"])])

    def slow(connection: socket) -> None:
        if page := next(first, None):
            connection.sendall(page)
        else:
            over.wait(30)

    with wire_server(slow) as server:
        look = state(server.url, "s2", total_s=0.5)
        over.set()
    assert look == Unread(TOO_MANY_PAGES)


def test_first_page_that_never_comes_is_an_outage() -> None:
    over = threading.Event()

    def silent(_: socket) -> None:
        over.wait(30)

    with wire_server(silent) as server:
        look = state(server.url, "s2", total_s=0.5)
        over.set()
    assert isinstance(look, Unread)
    assert (look.answer.meaning, look.passing, look.partly) == ("unknown", True, False)


def test_page_that_is_refused_says_so() -> None:
    limited = b"HTTP/1.1 429 No\r\nRetry-After: 7\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with wire_server(one_by_one(a_page(1, ["s1"]), limited)) as server:
        look = state(server.url, "s2")
    assert isinstance(look, Unread)
    assert (look.answer.status, look.answer.wait, look.partly) == (429, 7.0, False)


@pytest.mark.parametrize(
    ("second", "why"),
    [(respond(b"", "503 Down"), "unavailable"), (respond(b"{}"), "no_list")],
    ids=["refusal", "no list"],
)
def test_what_comes_instead_of_a_narrower_window_ends_the_look(second: bytes, why: str) -> None:
    many = a_page(1, ["s1"], pages=MAX_PAGES + 1)
    with wire_server(one_by_one(many, second, a_page(1, ["s2"], pages=1))) as server:
        assert reason(state(server.url, "s2", START)) == why


# ── Pages that do not make one list ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (a_page(1, ["s3", "s4"]), "pages_unread"),  # labeled as another page
        (a_page(2, ["s2", "s1"]), "pages_unread"),  # labeled as requested, and yet the first
        (a_page(2, []), "pages_unread"),
        (a_page(2, ["s3"], count=9), "list_changed"),  # the first had no count
        (a_page(2, ["s3"], pages=3), "list_changed"),
        (a_page(2, ["s3"], pages=1), "list_changed"),
        (respond(b"{}"), "no_list"),
    ],
    ids=["label", "repeated", "empty", "count", "more pages", "fewer pages", "no list"],
)
def test_pages_that_do_not_follow_each_other_prove_nothing(second: bytes, why: str) -> None:
    with wire_server(one_by_one(a_page(1, ["s1", "s2"]), second)) as server:
        assert reason(state(server.url, "s9")) == why


def test_pages_with_fewer_sessions_than_they_count_prove_nothing() -> None:
    pages = a_page(1, ["s1", "s2"], count=4), a_page(2, ["s3"], count=4)
    with wire_server(one_by_one(*pages)) as server:
        assert reason(state(server.url, "s9")) == "pages_unread"


def test_session_that_is_found_on_a_wrong_page_is_found() -> None:
    with wire_server(one_by_one(a_page(1, ["s1"], count=9), a_page(7, ["s2"], count=8))) as server:
        assert state(server.url, "s2") == "ready"


@pytest.mark.parametrize("second", [["s2", "s3"], [None, None]])
def test_pages_that_overlap_or_hold_sessions_without_ids_are_a_list(second: list[str | None]) -> None:
    pages = a_page(1, ["s1", "s2", None], count=5), a_page(2, second, count=5)
    with wire_server(one_by_one(*pages)) as server:
        assert state(server.url, "s9") == NOT_LISTED


def test_repeated_page_of_sessions_without_ids_is_noticed() -> None:
    page = a_page(1, [None, None]).replace(b'"page": 1', b'"page": 2')
    with wire_server(one_by_one(a_page(1, [None, None]), page)) as server:
        assert reason(state(server.url, "s9")) == "pages_unread"


def test_session_that_slips_past_a_page_border_is_looked_for_again() -> None:
    """One of the first page was removed, so s3 is on neither of the two pages that were read."""
    pages = a_page(1, ["s0", "s1", "s2"], count=6), a_page(2, ["s4", "s5"], count=5)
    with wire_server(one_by_one(*pages)) as server:
        look = state(server.url, "s3")
    assert isinstance(look, Unread)
    assert (look.answer.reason, look.passing) == ("list_changed", True)
