"""Prevail over HTTP: one PATCH, one list. What comes back becomes an `Answer`; nothing is followed or repeated."""

import json
import math
import re
from contextlib import AbstractContextManager
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import cast
from urllib.parse import quote

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from cancellations.adapters import session_list
from cancellations.adapters.session_list import NO_LIST
from cancellations.adapters.wire import Connections, exchange
from cancellations.answers import TOO_MANY_PAGES, UNSENDABLE, Answer, Unread, answer_for
from cancellations.domain import Json, Organization
from cancellations.ports import Clock

TOTAL_S = 10.0

MAX_BODY_BYTES = 64 * 1024
MAX_LIST_BYTES = 1024 * 1024
MAX_WORDS = 300

MAX_WAIT_S = 12 * 3600
"""Half of what a request lives: whoever is told to wait for a day tries once more."""

MAX_HEADER_CHARS = 64

_TOKEN = re.compile(r"eyJ[\w.-]*+")


class _NoPage(Exception):
    """Another status than 200 came in place of a page."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.seen)
        self.answer = answer


class PrevailApi:
    """`total_s` bounds a PATCH from the first packet to the last, and all pages of a list together."""

    def __init__(self, clock: Clock, *, connections: int = 10, total_s: float = TOTAL_S) -> None:
        self._clock, self._total_s = clock, total_s
        self._connections = Connections(connections, total_s)

    def open(self, organization: Organization) -> None:
        """Opens a connection for the first call. Raises urllib3's errors or OSError."""
        self._connections.open(organization.base_url)

    def close(self) -> None:
        """All connections; the next call opens another."""
        self._connections.close()

    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        """One PATCH. Whether a failure means `not_sent` or `unknown` is read off the socket, not guessed."""
        flag = "true" if without_email else "false"
        with exchange(self._deadline(organization)) as sent:
            try:
                session = quote(remote_session_id, safe="")
                url = f"{_sessions(organization)}/{session}/cancel?cancel_without_email={flag}"
                with self._call("PATCH", url, token) as response:
                    return self._answer(response)
            except (HTTPError, OSError, ValueError) as e:
                return _unanswered(e, sent=sent.sent)

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | Unread:
        requested: list[str] = []

        def get(query: str) -> Json:
            requested.append(query)
            return self._page(f"{_sessions(organization)}{query}", token)

        with exchange(self._deadline(organization)) as sent:
            try:
                found = session_list.find(get, remote_session_id, starts_at)
            except _NoPage as e:
                found = Unread(e.answer)
            except (HTTPError, OSError, ValueError) as e:
                found = Unread(_unanswered(e, sent=sent.sent))
            if isinstance(found, str):
                return _line(found)
            # A second page is requested only after a good one: Prevail answers, but the list takes too long.
            out_of_time = sent.over and len(requested) > 1 and not found.partly
            return Unread(TOO_MANY_PAGES) if out_of_time else found

    def _answer(self, response: BaseHTTPResponse) -> Answer:
        said = response.headers.getlist("Retry-After")
        waits = [wait for each in said if (wait := retry_after(each, self._clock())) is not None]
        words, clock = _words(_body(response, MAX_BODY_BYTES)), _date(response.headers.get("Date"))
        # Of several the shortest: a limit that is still felt then is learned from what is turned away.
        return answer_for(response.status, words, min(waits, default=None), clock)

    def _deadline(self, organization: Organization) -> float:
        return min(self._total_s, organization.deadline_s or self._total_s)

    def _page(self, url: str, token: str) -> Json:
        """The decoded body of one page. Raises _NoPage."""
        with self._call("GET", url, token) as response:
            if response.status == HTTPStatus.OK:
                return _json(_body(response, MAX_LIST_BYTES))
            answer = self._answer(response)
            raise _NoPage(NO_LIST if answer.meaning == "canceled" else answer)

    def _call(self, method: str, url: str, token: str) -> AbstractContextManager[BaseHTTPResponse]:
        return self._connections.answer(method, url, {"Authorization": f"Bearer {token}"})


def _unanswered(error: Exception, *, sent: bool) -> Answer:
    """Before anything is sent, a ValueError means that no URL could be made of what we were given."""
    if not sent and isinstance(error, ValueError):
        return UNSENDABLE
    return Answer("unknown" if sent else "not_sent", type(error).__name__)


def _sessions(organization: Organization) -> str:
    return f"{organization.base_url}/api/v1/sessions"


def _body(response: BaseHTTPResponse, limit: int) -> bytes:
    """At most `limit` bytes; a body that breaks off is what has come of it: the status decides."""
    parts, size = [], 0
    try:
        while size < limit and (part := response.read(limit - size, decode_content=False)):
            parts.append(part)
            size += len(part)
    except (HTTPError, OSError):
        pass
    return b"".join(parts)


def _json(body: bytes) -> Json:
    """What is no JSON is null."""
    try:
        return cast("Json", json.loads(body))
    except (ValueError, RecursionError):
        return None


def _words(body: bytes) -> str | None:
    """What Prevail said, for people: its `messages` or `error`, else the text itself; bounded. Of a token in its
    plain form only the place is kept; `calls` drops words that repeat a secret in any other form."""
    text = body.decode("utf-8", "replace")
    document = _json(body)
    if isinstance(document, dict):
        said = [document[name] for name in ("messages", "error", "errors", "message") if name in document]
        text = said[0] if said and isinstance(said[0], str) else json.dumps(document)
    return _line(_TOKEN.sub("[token]", text[: MAX_WORDS * 4])) or None


def _line(text: str) -> str:
    """What is kept of a text: its beginning, on one line."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_WORDS]).strip()


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait, 0 to MAX_WAIT_S, by either form of the header; None where it cannot be understood."""
    if value is None or len(value) > MAX_HEADER_CHARS:
        return None
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", value, re.ASCII):
        return float(min(math.ceil(float(value)), MAX_WAIT_S))
    date = _date(value)
    return None if date is None else max(0.0, min(date - now, float(MAX_WAIT_S)))


def _date(value: str | None) -> float | None:
    """Epoch seconds of a date as HTTP writes it; None where there is none, or none that can be understood."""
    if value is None or len(value) > MAX_HEADER_CHARS:
        return None
    try:
        date = parsedate_to_datetime(value)
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)  # "-0000" says: UTC, from nowhere in particular
        return date.timestamp()
    except (ValueError, OverflowError):
        return None
