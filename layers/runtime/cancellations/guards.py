"""What keeps calls from being made, asked before every attempt; what came of one, noted afterwards.

A request that is held burns no attempt: nothing is claimed, and it comes again by a fresh message.
"""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from threading import get_ident

from cancellations.answers import UNSENDABLE, Answer, Meaning
from cancellations.domain import Guard, Organization, Request, Unsettled
from cancellations.errors import Unavailable
from cancellations.ports import Clock, Table, landed
from cancellations.protocol import guards
from cancellations.values import dataclass
from cancellations.versions import is_newer
from cancellations.writes import ConditionFailed, Item, Write, number, text

KEPT_S = 5.0
"""How long a guard that was read is believed; somebody's pause reaches every worker within this time."""

TOLERATED = 5
"""How many calls in a row may fail before one process opens the breaker for all."""

OPEN_S = 30.0
MAX_OPEN_S = 300.0
"""How long the breaker stays open: the first time, and at most; in between it doubles."""

MAX_TOLD_S = 900.0
"""How long at most where Prevail says how long: what one session is told must not hold all others for a day."""

MAX_WAIT_S = 600.0
"""The longer an outage has lasted, the less often those who wait ask whether it is over; at least this often."""

COME_BACK_S = 120.0
"""When to ask again where a person must act."""

SPREAD_S = 20.0
"""Over how long those who waited for the same moment come back."""

KEY_AGAIN_S = 600.0
"""How long a refused key is not tried: if it was Prevail that was wrong, nobody should have to store another."""

PROBED_S = 10.0
"""When to come back while another finds out whether Prevail answers."""

IN_VAIN: frozenset[Meaning] = frozenset(("not_sent", "unknown", "told_to_wait", "misconfigured"))
"""What a call comes to where Prevail does not answer, or another does in its place."""

TO_ALL = frozenset(("not_permitted", "redirected"))
"""Refusals that are final for a request; but where everything is refused so, it is not the requests."""

NEWER = "a newer version has written what holds calls back"

ACCEPTED = 202
"""Not done yet, so in doubt; but whoever says so is at work."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now. `status`: held where a person must act, retrying where time will do."""

    status: Unsettled
    reason: str
    delay: float
    guard: Guard


class Guards:
    """For all threads of a process."""

    def __init__(self, table: Table, clock: Clock, jitter: Callable[[], float]) -> None:
        self._table, self._clock, self._jitter = table, clock, jitter
        self._kept: dict[str, tuple[float, Item]] = {}
        self._failed: Counter[str] = Counter()
        self._rights: dict[tuple[str, int], list[Write]] = {}
        self._lock = threading.Lock()

    def hold(self, organization: Organization, api_key: str) -> Hold | None:
        """Why no call may be made for this organization now. Raises Unavailable."""
        item, now = self._read(organization.slug), self._clock()
        if is_newer(item):
            return Hold("held", NEWER, self._later(COME_BACK_S), "configuration")
        if by := text(item, "paused_by"):
            why = f"paused by {by}: {text(item, 'paused_reason')}"
            return Hold("held", why, self._later(COME_BACK_S), "pause")
        if text(item, "key_refused") == (mark := fingerprint(api_key)):
            over = (number(item, "key_refused_at") or 0.0) + KEY_AGAIN_S <= now
            if not over or not landed(
                self._table, guards.key_again(organization.slug, mark, now=now, since=KEY_AGAIN_S)
            ):
                return Hold("held", "Prevail refuses the API key", self._later(COME_BACK_S), "key")
            self._forget(organization.slug)
            self._take(
                organization.slug, guards.leave_key(organization.slug, mark, now=now, since=KEY_AGAIN_S)
            )
        until = number(item, "breaker_until")
        if until is None:
            return None
        reason = f"the breaker is open: {text(item, 'breaker_reason')}"
        if until >= now:
            age = now - (number(item, "breaker_since") or now)
            delay = self._later(max(until - now, min(age / 4, MAX_WAIT_S)))
            return Hold("retrying", reason, delay, "breaker")
        if landed(self._table, guards.probe(organization.slug, now=now)):
            self._forget(organization.slug)
            self._take(organization.slug, guards.leave_probe(organization.slug, now=now))
            return None  # ours is the call that finds out
        return Hold("retrying", reason, self._later(PROBED_S), "breaker")

    def let_go(self, organization: Organization) -> None:
        """Who was to find out and made no call leaves it to the next one. Never raises, as `saw`."""
        for gives_back in self._taken(organization.slug):
            with suppress(Unavailable):
                landed(self._table, gives_back)
                self._forget(organization.slug)

    def over_cap(self, request: Request, cap: int | None) -> Hold | None:
        """Whether the request's source has asked for more in this hour than anybody meant. Counts it."""
        if cap is None:
            return None
        now = self._clock()
        item = self._counted(request.source, now)
        if is_newer(item):
            return Hold("held", NEWER, self._later(COME_BACK_S), "configuration")
        if (number(item, "cap_free_until") or 0.0) > now:
            return None
        if (number(item, "cap_count") or 0.0) > cap:
            landed(self._table, guards.trip(request.source, now=now))
        elif number(item, "cap_tripped_at") is None:
            return None
        reason = f"source {request.source} asked for more than {cap} cancellations in an hour"
        return Hold("held", reason, self._later(COME_BACK_S), "cap")

    def saw(self, organization: Organization, answer: Answer, api_key: str) -> None:
        """Notes what a call came to. Never raises: what came of the call is recorded elsewhere."""
        if answer == UNSENDABLE:
            return  # a probe permit is kept: its holder releases it
        self._taken(organization.slug)
        with suppress(Unavailable):
            if answer.meaning == "our_key":
                landed(
                    self._table,
                    guards.key_refused(organization.slug, fingerprint(api_key), now=self._clock()),
                )
                self._forget(organization.slug)
            elif _in_vain(answer):
                self._failure(organization.slug, answer)
            else:
                self._success(organization.slug)

    def looked_in_vain(self, organization: Organization, answer: Answer, api_key: str) -> None:
        """Notes what came in place of the list. Never raises, as `saw`.

        It opens nothing by itself: where the list alone is down, calls go on. But whoever was to find out has.
        """
        kept = self._kept.get(organization.slug, (0.0, {}))[1]
        probes = (organization.slug, get_ident()) in self._rights and "breaker_until" in kept
        if answer.meaning == "our_key" or (probes and _in_vain(answer)):
            self.saw(organization, answer, api_key)

    def _failure(self, slug: str, answer: Answer) -> None:
        with self._lock:
            self._failed[slug] += 1
            failed = self._failed[slug]
        item = self._kept.get(slug, (0.0, {}))[1]
        probed = number(item, "breaker_until") is not None
        if failed < TOLERATED and not probed and not answer.wait:
            return
        now, opened = self._clock(), number(item, "breaker_opened") or 0.0
        open_s = max(min(OPEN_S * 2.0 ** min(opened, 8.0), MAX_OPEN_S), min(answer.wait or 0.0, MAX_TOLD_S))
        if landed(self._table, guards.open_breaker(slug, reason=answer.seen, until=now + open_s, now=now)):
            self._forget(slug)

    def _success(self, slug: str) -> None:
        with self._lock:
            self._failed[slug] = 0
        item = self._kept.get(slug, (0.0, {}))[1]
        if (until := number(item, "breaker_until")) is not None:
            landed(self._table, guards.close_breaker(slug, until=until))
            self._forget(slug)
        if refused := text(item, "key_refused"):  # it was another: this one works
            landed(self._table, guards.key_works(slug, refused))
            self._forget(slug)

    def _counted(self, source: str, now: float) -> Item:
        try:
            return self._table.write(guards.count(source, now=now))
        except ConditionFailed:
            pass
        try:
            return self._table.write(guards.count_first(source, now=now))
        except ConditionFailed as refused:  # it is released, or another began the hour
            return refused.item

    def _read(self, slug: str) -> Item:
        read_at, item = self._kept.get(slug, (0.0, {}))
        now = self._clock()
        if now - read_at < KEPT_S:
            return item
        item = self._table.read(guards.guard_key(slug)) or {}
        self._kept[slug] = (now, item)
        return item

    def _take(self, slug: str, gives_back: Write) -> None:
        """Ours is the call that finds out: this thread's, since each message has one of its own."""
        self._rights.setdefault((slug, get_ident()), []).append(gives_back)

    def _taken(self, slug: str) -> list[Write]:
        return self._rights.pop((slug, get_ident()), [])

    def _forget(self, slug: str) -> None:
        """The next question reads anew."""
        self._kept[slug] = (0.0, self._kept.get(slug, (0.0, {}))[1])

    def _later(self, seconds: float) -> float:
        return seconds + self._jitter() * SPREAD_S


def _in_vain(answer: Answer) -> bool:
    return (answer.meaning in IN_VAIN or answer.reason in TO_ALL) and answer.status != ACCEPTED


def fingerprint(api_key: str) -> str:
    """Tells one key from another, and nothing more of it: the first half of a hash of at least 32 random bytes."""
    return hashlib.sha256(b"prevail-cancellations key " + api_key.encode()).hexdigest()[:32]
