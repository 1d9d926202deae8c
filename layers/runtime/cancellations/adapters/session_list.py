"""Search Prevail's list of sessions: either a session's state is found, or the whole list proves that it is absent.

Prevail documents that the list has pages, but not which parameter selects one; `?page=N` is assumed. If the assumption
is wrong, every page is the first one, and a session on another page looks absent. So each page must show that it is the
one that was requested, and only a list that was read to its end proves an absence.
"""

import json
from collections.abc import Callable, Mapping

from cancellations.answers import LIST_CHANGED, NOT_LISTED, PAGES_UNREAD, TOO_MANY_PAGES, Answer, Unread
from cancellations.domain import Json

MAX_PAGES = 20

_MINUTE_S, _HOUR_S = 60, 3600

DAY_S = 24 * _HOUR_S
"""The first window, before and after the start: a session that was moved within its day is in it."""

NARROWER_S = ((2 * _HOUR_S, 12 * _HOUR_S), (15 * _MINUTE_S, 8 * _HOUR_S), (15 * _MINUTE_S, 15 * _MINUTE_S))
"""Windows to try if the first has more pages than can be read: before and after the start.

Prevail lists sessions that start after the one time and end before the other (documented), so a window that ends before
the session does leaves it out. The last window is for a list that looks at starts only.
"""

NO_LIST = Answer("misconfigured", "no_list")
"""The response is not a list of sessions."""

type Get = Callable[[str], Json]
"""GET the list with this query; returns the decoded body."""


def find(get: Get, remote_session_id: str, starts_at: float | None) -> str | Unread:
    """Return the session's state, or NOT_LISTED if the whole list was read without it. Raises what `get` raises."""
    if starts_at is None:
        return _search(get, remote_session_id)
    around = _search(get, remote_session_id, _window(starts_at, DAY_S, DAY_S))
    if around == NOT_LISTED:
        # The session may have been moved by more than a day, so only the whole list proves that it is absent.
        return _search(get, remote_session_id)
    if isinstance(around, Unread) and around.partly:
        for before_s, after_s in NARROWER_S:
            narrower = _search(get, remote_session_id, _window(starts_at, before_s, after_s))
            if isinstance(narrower, Unread) and narrower.partly:
                continue
            # Absence from a narrow window proves nothing: the session may have been moved, or be longer.
            return around if narrower == NOT_LISTED else narrower
    return around


def _search(get: Get, remote_session_id: str, window: str = "") -> str | Unread:
    """Read one window, or the whole list, until the session is found."""
    pages = _Pages()
    for number in range(1, MAX_PAGES + 1):
        match get(f"?page={number}{window}"):
            case {"pagy": {"pages": int(total), **pagy}, "sessions": list(sessions)}:
                rows = [row for row in sessions if isinstance(row, dict)]
            case _:
                return Unread(NO_LIST)
        for row in rows:
            if row.get("remote_session_id") == remote_session_id:
                state = row.get("state")
                return state if isinstance(state, str) else Unread(NO_LIST)
        if wrong := pages.wrong_with(number, total, pagy, rows):
            return Unread(wrong)
        if number >= total:
            return NOT_LISTED if pages.complete else Unread(PAGES_UNREAD)
        if window and total > MAX_PAGES:
            break  # a narrower window costs fewer calls
    return Unread(TOO_MANY_PAGES)


class _Pages:
    """What the pages of one search have shown so far."""

    def __init__(self) -> None:
        self._size: tuple[int, int | None] | None = None
        self._rows = 0
        self._seen: set[str] = set()

    def wrong_with(
        self, number: int, total: int, pagy: Mapping[object, object], rows: list[dict[str, Json]]
    ) -> Answer | None:
        """Say why this page cannot be the next part of one list; None if it can be."""
        size = (total, _number(pagy, "count"))
        if self._size not in (None, size):
            # A removed session moves all later ones up, and one of them slips past the page border unread.
            return LIST_CHANGED
        labeled, names = _number(pagy, "page"), {_name(row) for row in rows}
        if labeled not in (None, number) or (number > 1 and names <= self._seen):
            return PAGES_UNREAD
        self._size = size
        self._rows += len(rows)
        self._seen |= names
        return None

    @property
    def complete(self) -> bool:
        """Whether as many sessions were read as the list says it has."""
        count = self._size[1] if self._size else None
        return count is None or self._rows >= count


def _number(pagy: Mapping[object, object], name: str) -> int | None:
    value = pagy.get(name)
    return value if isinstance(value, int) else None


def _name(row: dict[str, Json]) -> str:
    """A session in `initial` has no id yet (documented), so its other fields identify it."""
    name = row.get("remote_session_id")
    if isinstance(name, str):
        return name
    return json.dumps([[key, row[key]] for key in sorted(row) if not isinstance(row[key], dict | list)])


def _window(starts_at: float, before_s: float, after_s: float) -> str:
    return f"&start_time={int(starts_at - before_s)}&end_time={int(starts_at + after_s)}"
