"""List sessions: the documented shape, its filters and pages."""

import time
from typing import Any

import pytest

from prevail.client import ApiCaller, Emulator
from prevail.tokens import sign

# 2026-03-01 17:05:00 UTC: a Sunday, winter time in every zone of the US.
START = 1_772_384_700


def listed(acme: ApiCaller, **parameters: str) -> dict[str, Any]:
    answer = acme.sessions(**parameters)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def titles(acme: ApiCaller, **parameters: str) -> list[str]:
    return [session["title"] for session in listed(acme, **parameters)["sessions"]]


def three(emulator: Emulator) -> None:
    """Two hours each, one hour apart, seeded out of order."""
    for title, starts_at in [("third", START + 7200), ("first", START), ("second", START + 3600)]:
        emulator.put_session(title, organization="acme", state="ready", title=title, starts_at=starts_at)


def test_a_session_has_the_documented_fields(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session(
        "s-1",
        organization="acme",
        state="scheduled",
        title="Doe v. Roe",
        starts_at=START,
        time_zone="Pacific Time (US & Canada)",
    )
    assert listed(acme) == {
        "pagy": {"page": 1, "items": 100, "count": 1, "pages": 1},
        "sessions": [
            {
                "remote_session_id": "s-1",
                "title": "Doe v. Roe",
                "start_date": "2026-03-01",
                "start_time": "09:05 AM",
                "time_zone": "Pacific Time (US & Canada)",
                "state": "scheduled",
                "estimated_duration": 2.0,
            }
        ],
    }


@pytest.mark.parametrize(
    ("time_zone", "start_date", "start_time"),
    [
        ("Eastern Time (US & Canada)", "2026-03-01", "12:05 PM"),
        ("Guam", "2026-03-02", "03:05 AM"),
        ("UTC", "2026-03-01", "05:05 PM"),
    ],
)
def test_a_start_is_local_to_the_session(
    emulator: Emulator, acme: ApiCaller, time_zone: str, start_date: str, start_time: str
) -> None:
    emulator.put_session("s-1", organization="acme", state="ready", starts_at=START, time_zone=time_zone)
    (session,) = listed(acme)["sessions"]
    assert (session["start_date"], session["start_time"]) == (start_date, start_time)


def test_midnight_is_twelve_am(emulator: Emulator, acme: ApiCaller) -> None:
    midnight = START - START % 86_400
    emulator.put_session("s-1", organization="acme", state="ready", starts_at=midnight, time_zone="UTC")
    assert listed(acme)["sessions"][0]["start_time"] == "12:00 AM"


def test_an_initial_session_has_no_id(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="initial")
    (session,) = listed(acme)["sessions"]
    assert (session["state"], session["remote_session_id"]) == ("initial", None)


def test_a_canceled_session_stays_in_the_list(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready")
    acme.cancel("s-1")
    (session,) = listed(acme)["sessions"]
    assert (session["state"], session["remote_session_id"]) == ("canceled", "s-1")


def test_an_organization_sees_only_its_own(emulator: Emulator, acme: ApiCaller, globex: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready", title="ours")
    emulator.put_session("s-2", organization="globex", state="ready", title="theirs")
    assert (titles(acme), titles(globex)) == (["ours"], ["theirs"])


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({}, ["first", "second", "third"]),
        ({"start_time": START + 1}, ["second", "third"]),
        ({"end_time": START + 3 * 3600}, ["first", "second"]),
        ({"end_time": START + 3 * 3600 - 1}, ["first"]),
        ({"start_time": START, "end_time": START + 2 * 3600}, ["first"]),
        ({"start_time": START + 9000}, []),
        ({"start_time": START + 3600, "end_time": START}, []),
    ],
)
def test_the_window_holds_whole_sessions_and_both_its_ends(
    emulator: Emulator, acme: ApiCaller, parameters: dict[str, int], found: list[str]
) -> None:
    three(emulator)
    assert titles(acme, **{name: str(value) for name, value in parameters.items()}) == found


def test_the_token_may_carry_the_window(emulator: Emulator) -> None:
    three(emulator)
    token = sign("acme", "acme" * 10, expires_at=time.time() + 300, start_time=START + 7200)
    assert titles(ApiCaller(emulator.url, token)) == ["third"]


@pytest.mark.parametrize("value", ["", "tomorrow", "2026-03-01", "1.5", "1e9", "\u0661"])
@pytest.mark.parametrize("name", ["start_time", "end_time"])
def test_a_time_that_is_no_epoch_second_is_refused(acme: ApiCaller, name: str, value: str) -> None:
    assert acme.sessions(**{name: value}).status_code == 422


@pytest.mark.parametrize("value", ["", "0", "-1", "two"])
def test_a_page_that_is_no_positive_integer_is_refused(acme: ApiCaller, value: str) -> None:
    assert acme.sessions(page=value).status_code == 422


def test_pages_hold_a_hundred_sessions(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_sessions(
        {
            "remote_session_id": f"s-{n}",
            "organization": "acme",
            "state": "ready",
            "title": str(n),
            "starts_at": START + n,
        }
        for n in range(201)
    )
    pages = [listed(acme, page=str(page)) for page in range(1, 5)]
    shown = [session["title"] for page in pages for session in page["sessions"]]
    assert shown == [str(n) for n in range(201)]
    assert [len(page["sessions"]) for page in pages] == [100, 100, 1, 0]
    assert pages[2]["pagy"] == {"page": 3, "items": 100, "count": 201, "pages": 3}


def test_an_empty_list_has_one_page(acme: ApiCaller) -> None:
    assert listed(acme) == {
        "pagy": {"page": 1, "items": 100, "count": 0, "pages": 1},
        "sessions": [],
    }


def test_a_session_put_anew_moves_in_the_list(emulator: Emulator, acme: ApiCaller) -> None:
    three(emulator)
    titles(acme)
    emulator.put_session("first", organization="acme", state="ready", title="first", starts_at=START + 9000)
    assert titles(acme) == ["second", "third", "first"]
