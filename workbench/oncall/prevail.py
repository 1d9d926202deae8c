"""How Prevail is reached: the way a worker reaches it, and in words what came of that."""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TookTooLong

from cancellations import sentences
from cancellations.adapters.prevail import TOTAL_S, PrevailApi
from cancellations.adapters.session_list import MAX_PAGES
from cancellations.adapters.wire import Connections, exchange
from cancellations.answers import Answer, Meaning, Unread
from cancellations.domain import Organization
from cancellations.ports import Clock
from cancellations.token import sign

LIST = "/api/v1/sessions"

_SAY_WHEN = "say when the session starts: starts_at in sources.toml, or cancelctl state --starts-at"
"""Then the list is read around that time first, which is a few sessions."""

REASONS: Mapping[str, tuple[str, str]] = {
    "not_permitted": (
        "the key is known, and may not do this",
        "ask Prevail what the organization may do; while Self-Service is off, requests settle as refused",
    ),
    "not_found": ("this address is unknown there", "check base_url"),
    "redirected": (
        "it points to another address, which no token is sent to",
        "check base_url: write the origin that Prevail itself has",
    ),
    "no_list": ("what came is no list of sessions", "check base_url, and what stands between here and there"),
    "pages_unread": (
        "the list has several pages, and Prevail does not send the one that is requested",
        f"{_SAY_WHEN}; ask Prevail which parameter selects a page",
    ),
    "too_many_pages": (
        f"the list has more than {MAX_PAGES} pages, or they take longer than a look may",
        _SAY_WHEN,
    ),
    "list_changed": ("sessions were added or removed while the list was read", "run the command again"),
}
"""What was seen means, and what to do, by the reason of an answer."""

_OUTAGE = "look at Prevail; requests wait and come back by themselves"

MEANINGS: Mapping[Meaning, tuple[str, str]] = {
    "our_key": (
        "Prevail refuses the API key",
        "store the active key of Prevail's console in the secret; within two minutes requests go on",
    ),
    "told_to_wait": ("Prevail asks to wait", "ask again later; requests come back by themselves"),
    "not_sent": ("no connection", _OUTAGE),
    "unknown": ("Prevail does not answer as it should", _OUTAGE),
    "misconfigured": ("this address does not take what is sent", "check base_url"),
}
"""The same by its meaning, where its reason has no words of its own."""

UNEXPECTED = ("nobody expected that", "docs/operations.md tells how to read it: When Prevail answers …")


def explained(answer: Answer) -> tuple[str, str]:
    """What came in place of the list, and what to do about it."""
    said, fix = REASONS.get(answer.reason) or MEANINGS.get(answer.meaning) or UNEXPECTED
    return f"{sentences.answer(answer)}: {said}", fix


def read_state(
    organization: Organization, api_key: str, session: str, starts_at: float | None, clock: Clock
) -> str | Unread:
    """One read of the list as a worker reads it. Guards are neither asked nor told: a person wants to know now."""
    token = sign(api_key, organization.slug, clock())
    return PrevailApi(clock).state(organization, session, starts_at=starts_at, token=token)


# ── Without a token ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Knock:
    """Something speaks HTTP there. `date`: its header of that name."""

    status: int
    date: str | None


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing does, for this reason."""

    said: str
    fix: str


def knock(origin: str) -> Knock | Closed:
    """Asks for the list without a token, over connections as workers make them: resolver, roots and deadline alike."""
    with exchange(TOTAL_S):
        try:
            with Connections(1, TOTAL_S).answer(
                "GET", f"{origin}{LIST}", {"Accept": "application/json"}
            ) as answer:
                return Knock(answer.status, answer.headers.get("Date"))
        except (HTTPError, OSError) as e:
            return _closed(e, origin)


type Because = tuple[type[BaseException], Callable[[BaseException], str], str]

CAUSES: tuple[Because, ...] = (
    (socket.gaierror, lambda _: "no address is known for {host}", "check base_url, and the resolver here"),
    (
        ssl.SSLCertVerificationError,
        lambda e: f"its certificate is refused: {getattr(e, 'verify_message', '') or 'not verified'}",
        "check base_url, and that nothing in between speaks TLS in Prevail's name; else it is Prevail's to mend",
    ),
    (ssl.SSLError, lambda e: f"TLS fails: {getattr(e, 'reason', None) or 'no handshake'}", _OUTAGE),
    (ConnectionRefusedError, lambda _: "nothing listens at {host}", "check base_url; else " + _OUTAGE),
    (TimeoutError, lambda _: "{host} does not answer in time", _OUTAGE),
    (TookTooLong, lambda _: "{host} does not answer in time", _OUTAGE),
)
"""The first that stands behind a failure explains it."""


def _closed(error: BaseException, origin: str) -> Closed:
    behind = list(_behind(error))
    host = urlsplit(origin).netloc
    for kind, said, fix in CAUSES:
        if found := next((one for one in behind if isinstance(one, kind)), None):
            return Closed(said(found).replace("{host}", host), fix)
    return Closed(f"no answer that is HTTP: {type(error).__name__}", _OUTAGE)


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it holds: libraries wrap what a socket says, each in its own way."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None), error.__cause__):
        if isinstance(inner, BaseException):
            yield from _behind(inner)
