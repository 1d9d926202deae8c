"""What the use cases need from outside. Each port has an adapter for AWS and one in memory, under one contract."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Literal, Protocol

from cancellations.answers import Answer, Unread
from cancellations.domain import NEW, Json, Organization, Progress, Request
from cancellations.values import dataclass
from cancellations.writes import ConditionFailed, Item, Write

type Clock = Callable[[], float]
"""Now, in epoch seconds."""

type Jitter = Callable[[], float]
"""A random number from 0 to 1."""

type Names = Callable[[], str]
"""A new name that nobody has used before."""

type Came = Answer | Unread | str
"""What a call to Prevail came to: an answer, or what the list says, which may be a session's state."""

type Heard = Callable[[Request, Literal["cancel", "state"], Came, float], None]
"""Told of every call to Prevail: for whom, which, what it came to, in how many seconds. Must not raise."""


def unheard(_request: Request, _call: Literal["cancel", "state"], _came: Came, _seconds: float) -> None:
    """Where nobody wants to know."""


class Table(Protocol):
    """One table with a string key and conditional updates."""

    def write(self, write: Write) -> Item:
        """Apply the changes if the condition holds; returns the item as it stands afterwards, or {} if not `told`.

        Raises ConditionFailed with the item as it stands, or Unavailable (the write may have landed).
        """

    def due(self, shard: str, before: float, limit: int) -> list[Item]:
        """Items whose `open` is this shard and whose `due_at` is smaller, smallest first. May lag behind writes.

        Raises Unavailable.
        """

    def read(self, key: str) -> Item | None:
        """The item as last written (strongly consistent). Raises Unavailable."""


def landed(table: Table, write: Write) -> bool:
    """Whether its condition held."""
    try:
        table.write(write)
    except ConditionFailed:
        return False
    return True


class Queue(Protocol):
    def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
        """Put a message for this request on the queue, to be worked on no sooner than in `delay` seconds.

        Returns once it is durable. Raises Unavailable (it may have been put all the same).
        """


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event about one request. `detail_type` says what has happened, `detail` is what stands in it as JSON.

    at: when it happened, in epoch seconds.
    """

    detail_type: str
    request_id: str
    at: float
    detail: Mapping[str, Json]


MOST_AT_ONCE = 10
"""Announcements of one call; their bytes are bounded by what a request may hold."""


class Bus(Protocol):
    def put(self, announcements: Sequence[Announcement]) -> list[str | None]:
        """Put at most MOST_AT_ONCE on the bus. For each, in their order: None where it is on it, or why it is not.

        Raises Unavailable (some may be on it all the same).
        """


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver said to an outcome. `status` None: it did not answer. `wait` is its Retry-After in seconds."""

    seen: str
    status: int | None = None
    wait: float | None = None


class Receivers(Protocol):
    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """One POST under a total deadline, to that address alone. Never raises for what the other side does."""


class ApiKeys(Protocol):
    """Prevail API keys by organization."""

    def api_key(self, organization: Organization) -> str:
        """Raises SecretFault (a person must mend it) or Unavailable."""

    def forget(self, organization: Organization) -> None:
        """The next call fetches anew: Prevail refused the key."""


CURRENT = "current"
KEY_SET = "key set"
NEWEST = frozenset((CURRENT, KEY_SET))
"""Labels of keys that are not to be retired."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One secret or set of keys as it is stored. `label` is said in logs and metrics: which one was it?

    spare: the others do without it where it is unusable, as a previous version may be.
    """

    label: str
    value: str = field(repr=False)
    spare: bool = False


class Keyring(Protocol):
    """What sources are verified with, by name: signing secrets, or sets of public keys."""

    def of(self, name: str) -> tuple[Stored, ...]:
        """Kept for a bounded time. Raises SecretFault (a person must mend it) or Unavailable."""

    def refreshed(self, name: str) -> tuple[Stored, ...] | None:
        """Asked anew, previous ones too: something was signed with none of those known.

        None where they were asked a moment ago: forged deliveries must not become calls. Raises as `of` does.
        """


class Prevail(Protocol):
    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        """One PATCH under the attempt's total deadline. Never raises for what the other side does."""

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | Unread:
        """The session's state by the documented list; NOT_LISTED only if the whole list was read without it.

        starts_at: when it begins, if that is known; the list is then read around that time first.
        """
