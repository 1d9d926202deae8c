"""An answer before it is on the wire."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from http import HTTPStatus

from prevail.retry_after import http_date

type Headers = tuple[tuple[str, str], ...]

_JSON = "application/json"
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`headers` are those beside Content-Type, Content-Length and Date. Without a `content_type` there is no body."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: Headers = ()

    def with_headers(self, *headers: tuple[str, str]) -> "Outgoing":
        return replace(self, headers=self.headers + headers)

    def all_headers(self, now: float) -> Headers:
        described = (("Content-Type", self.content_type),) if self.content_type is not None else ()
        # A 204 has neither a body nor a length.
        length = () if self.status == HTTPStatus.NO_CONTENT else (("Content-Length", str(len(self.body))),)
        return (("Date", _date(int(now))), *described, *length, *self.headers)

    def head(self, now: float, *, without: str = "") -> bytes:
        """The status line and the headers, to the empty line; `without` leaves one out."""
        lines = [f"HTTP/1.1 {self.status} {_phrase(self.status)}"]
        lines += [f"{name}: {value}" for name, value in self.all_headers(now) if name != without]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


def json_answer(status: int, body: object) -> Outgoing:
    if status == HTTPStatus.NO_CONTENT:
        return Outgoing(status)
    return Outgoing(status, json.dumps(body, separators=(",", ":")).encode(), _JSON)


def html_answer(status: int, title: str) -> Outgoing:
    """As a proxy or a framework's default page would say it."""
    page = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Outgoing(status, page.encode(), _HTML)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def titled(status: int) -> str:
    return f"{status} {_phrase(status)}"


@lru_cache(8)
def _date(second: int) -> str:
    return http_date(second)
