"""What keeps calls from being made: a pause, a refused key, an outage. Asked before every attempt.

A request that is held burns no attempt: nothing is claimed, and it comes again by a fresh message. Where it is time to
find out whether a refused key works again, or whether Prevail answers again, one of many gets the right to try.

An answer to one session counts against the whole organization only where the list cannot be read with the same key:
`failed` and `key_refused` are for those who have looked.
"""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cancellations.answers import Answer
from cancellations.domain import Organization, Unsettled
from cancellations.errors import Unavailable
from cancellations.guard_items import GuardItems
from cancellations.ports import Clock, Jitter, Table, landed
from cancellations.protocol import guards
from cancellations.values import dataclass
from cancellations.versions import is_newer
from cancellations.waits import Waits
from cancellations.writes import Item, Write, number, text

TOLERATED = 5
"""How many calls in a row may fail before one process opens the breaker for all."""

OPEN_S = 30.0
MAX_OPEN_S = 300.0
"""How long the breaker stays open: the first time, and at most; in between it doubles."""

MAX_WAIT_S = 600.0
"""The longer an outage has lasted, the less often those who wait ask whether it is over; at least this often."""

COME_BACK_S = 120.0
"""When to ask again where a person must act."""

SPREAD_S = 20.0
"""Over how long those who waited for the same moment come back."""

KEY_AGAIN_S = 40.0
"""How long a refused key is not tried, and when those who wait for it ask again: if it was Prevail that was wrong,
nobody should have to store another key, and all should have settled two minutes after it works again."""

PROBED_S = 10.0
"""When to come back while another finds out whether Prevail answers."""

NEWER = Waits("newer_version", {"fault": "a newer version has written what holds calls back"})


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now. `status`: held where a person must act, retrying where time will do."""

    status: Unsettled
    waits: Waits
    delay: float


class Permit:
    """One message may call Prevail for its organization, and says what its calls came to. No method raises.

    A right to find something out that is not used goes to the next one when the permit ends.
    """

    def __init__(self, permits: "Permits", slug: str) -> None:
        self._permits, self._slug = permits, slug
        self._key: list[Write] = []
        self._probe: list[Write] = []

    @property
    def probes(self) -> bool:
        """Whether it is to find out if an outage is over."""
        return bool(self._probe)

    @property
    def decides(self) -> bool:
        """Whether one more failure opens the breaker: then the list must be read before it is counted."""
        return self.probes or self._permits.failed_in_a_row(self._slug) >= TOLERATED - 1

    def answered(self) -> None:
        """Prevail did what it was asked, or let the list be read: it answers, and takes the key."""
        self._key, self._probe = [], []
        with suppress(Unavailable):
            self._permits.succeeded(self._slug)

    def failed(self, answer: Answer) -> None:
        """Prevail does not answer, neither for a session nor for the list."""
        probed, self._key, self._probe = self.probes, [], []
        with suppress(Unavailable):
            self._permits.failed(self._slug, answer, probed=probed)

    def key_refused(self, api_key: str) -> None:
        """Neither the session nor the list is for this key."""
        self._key = []
        with suppress(Unavailable):
            self._permits.key_refused(self._slug, api_key)

    def take(self, gives_back: Write, *, probes: bool = False) -> None:
        (self._probe if probes else self._key).append(gives_back)

    def end(self) -> None:
        for gives_back in (*self._key, *self._probe):
            with suppress(Unavailable):
                self._permits.give_back(self._slug, gives_back)
        self._key, self._probe = [], []


class Permits:
    """For all threads of a process."""

    def __init__(self, table: Table, clock: Clock, jitter: Jitter, items: GuardItems) -> None:
        self._table, self._clock, self._jitter, self._items = table, clock, jitter, items
        self._failed: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def permit(self, organization: Organization, api_key: str) -> Iterator[Permit | Hold]:
        """A permit, or why no call may be made for this organization now. Raises Unavailable."""
        permit = Permit(self, organization.slug)
        try:
            yield self._held(permit, organization.slug, api_key) or permit
        finally:
            permit.end()

    def failed_in_a_row(self, slug: str) -> int:
        return self._failed[slug]

    def succeeded(self, slug: str) -> None:
        with self._lock:
            self._failed[slug] = 0
        item = self._items.known(slug)
        if (until := number(item, "breaker_until")) is not None:
            self._landed(slug, guards.close_breaker(slug, until=until))
        if refused := text(item, "key_refused"):  # it was another, or it is taken again: this one works
            self._landed(slug, guards.key_works(slug, refused))

    def failed(self, slug: str, answer: Answer, *, probed: bool) -> None:
        with self._lock:
            self._failed[slug] += 1
            failed = self._failed[slug]
        if failed < TOLERATED and not probed:
            return
        now, opened = self._clock(), number(self._items.known(slug), "breaker_opened") or 0.0
        open_s = min(OPEN_S * 2.0 ** min(opened, 8.0), MAX_OPEN_S)
        self._landed(slug, guards.open_breaker(slug, reason=answer.seen, until=now + open_s, now=now))

    def key_refused(self, slug: str, api_key: str) -> None:
        self._landed(slug, guards.key_refused(slug, fingerprint(api_key), now=self._clock()))

    def give_back(self, slug: str, gives_back: Write) -> None:
        self._landed(slug, gives_back)

    def _held(self, permit: Permit, slug: str, api_key: str) -> Hold | None:
        """Nobody is held by what was read some seconds ago: it may be over."""
        if not _holds(self._items.read(slug), fingerprint(api_key)):
            return None
        item = self._items.read(slug, at_most_s=0.0)
        return (
            self._by_hand(item)
            or self._by_key(permit, slug, item, api_key)
            or self._by_breaker(permit, slug, item)
        )

    def _by_hand(self, item: Item) -> Hold | None:
        if is_newer(item):
            return Hold("held", NEWER, self._later(COME_BACK_S))
        if by := text(item, "paused_by"):
            why = Waits("paused", {"paused_by": by, "paused_reason": text(item, "paused_reason")})
            return Hold("held", why, self._later(COME_BACK_S))
        return None

    def _by_key(self, permit: Permit, slug: str, item: Item, api_key: str) -> Hold | None:
        mark, now = fingerprint(api_key), self._clock()
        if text(item, "key_refused") != mark:
            return None
        over = (number(item, "key_refused_at") or 0.0) + KEY_AGAIN_S <= now
        if over and self._landed(slug, guards.key_again(slug, mark, now=now, since=KEY_AGAIN_S)):
            permit.take(guards.leave_key(slug, mark, now=now, since=KEY_AGAIN_S))
            return None
        return Hold("held", Waits("key_refused"), self._later(KEY_AGAIN_S))

    def _by_breaker(self, permit: Permit, slug: str, item: Item) -> Hold | None:
        until, now = number(item, "breaker_until"), self._clock()
        if until is None:
            return None
        breaker = Waits("breaker", {"seen": text(item, "breaker_reason")})
        if until >= now:
            age = now - (number(item, "breaker_since") or now)
            delay = self._later(max(until - now, min(age / 4, MAX_WAIT_S)))
            return Hold("retrying", breaker, delay)
        if self._landed(slug, guards.probe(slug, now=now)):
            permit.take(guards.leave_probe(slug, now=now), probes=True)
            return None
        return Hold("retrying", breaker, self._later(PROBED_S))

    def _landed(self, slug: str, write: Write) -> bool:
        """Whoever writes reads anew, whether it landed or another was faster."""
        self._items.forget(slug)
        return landed(self._table, write)

    def _later(self, seconds: float) -> float:
        return spread(seconds, self._jitter())


def _holds(item: Item, mark: str) -> bool:
    """Whether anything may stand in the way of a call with this key."""
    in_the_way = "paused_by" in item or "breaker_until" in item or text(item, "key_refused") == mark
    return in_the_way or is_newer(item)


def spread(seconds: float, random: float) -> float:
    """random: from 0 to 1."""
    return seconds + random * SPREAD_S


def fingerprint(api_key: str) -> str:
    """Tells one key from another, and nothing more of it: the first half of a hash of at least 32 random bytes."""
    return hashlib.sha256(b"prevail-cancellations key " + api_key.encode()).hexdigest()[:32]
