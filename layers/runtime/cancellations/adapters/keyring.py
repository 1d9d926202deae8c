"""What a store of secrets has answered: asked once, kept for a bounded time, asked anew when nothing fits."""

import threading
from collections import defaultdict
from collections.abc import Callable

from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import Clock, Stored
from cancellations.values import dataclass

MAX_AGE_S = 300
"""How long a secret is used without asking again; a rotation reaches every process within this time."""

MAX_AGE_IN_OUTAGE_S = 3600
"""How long a secret is used while the store does not answer."""

REFRESH_FLOOR_S = 15
"""How often a process asks anew, at most, because something was signed with none of the known keys."""

type Ask = Callable[[str, bool], tuple[Stored, ...]]
"""Fetches what is stored under a name, previous versions too where that is said. Raises SecretFault or Unavailable."""


@dataclass(frozen=True, slots=True)
class _Answer:
    asked_at: float
    stored: tuple[Stored, ...]
    fault: SecretFault | None = None

    def told(self) -> tuple[Stored, ...]:
        if self.fault:
            raise self.fault.with_traceback(None)  # else it would keep the frames of all who have heard it
        return self.stored


class KeptKeyring:
    """One question about a name at a time; what is kept never waits.

    keep_faults: a fault is kept like an answer, where strangers could make calls of it.
    """

    def __init__(self, ask: Ask, clock: Clock, *, keep_faults: bool = True) -> None:
        self._ask, self._clock, self._keep_faults = ask, clock, keep_faults
        self._kept: dict[str, _Answer] = {}
        self._refreshed_at: dict[str, float] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def of(self, name: str) -> tuple[Stored, ...]:
        if kept := self._younger_than(MAX_AGE_S, name):
            return kept.told()
        with self._locks[name]:
            if kept := self._younger_than(MAX_AGE_S, name):
                return kept.told()
            # A previous version that was needed before is needed still.
            return self._asked(name, previous=name in self._refreshed_at)

    def refreshed(self, name: str) -> tuple[Stored, ...] | None:
        before = self._refreshed_at.get(name)
        with self._locks[name]:
            if self._refreshed_at.get(name) != before and (kept := self._kept.get(name)):
                return kept.told()  # it was asked while we waited: what we know is older
            now = self._clock()
            if now - self._refreshed_at.get(name, -REFRESH_FLOOR_S) < REFRESH_FLOOR_S:
                return None
            try:
                return self._asked(name, previous=True)
            finally:
                self._refreshed_at[name] = now

    def forget(self, name: str) -> None:
        """The next question about it is asked anew, and an outage does not bring back what was known."""
        self._kept.pop(name, None)

    def forget_all(self) -> None:
        self._kept.clear()

    def _asked(self, name: str, *, previous: bool) -> tuple[Stored, ...]:
        now = self._clock()
        try:
            answer = _Answer(now, self._ask(name, previous))
        except SecretFault as fault:
            if not self._keep_faults:
                self.forget(name)
                raise
            answer = _Answer(now, (), fault)
        except Unavailable:
            if kept := self._younger_than(MAX_AGE_IN_OUTAGE_S, name):
                return kept.told()
            raise
        self._kept[name] = answer
        return answer.told()

    def _younger_than(self, age: float, name: str) -> _Answer | None:
        kept = self._kept.get(name)
        return kept if kept and self._clock() - kept.asked_at < age else None
