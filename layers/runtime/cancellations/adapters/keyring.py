"""What deliveries are verified with: asked for once, kept for a bounded time, asked anew when nothing fits."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from cancellations.adapters.secrets import MAX_AGE_IN_OUTAGE_S, MAX_AGE_S, is_placeholder
from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import CURRENT, Clock, Stored

REFRESH_FLOOR_S = 15
"""How often a process asks anew, at most, because something was signed with none of the known keys."""

FIELD = "signing_secret"
MAX_LISTED = 4

type Ask = Callable[[str, bool], tuple[Stored, ...]]
"""Fetches what is stored under a name, previous versions too where that is said. Raises SecretFault or Unavailable."""

type Fetch = Callable[[str, str], str | None]
"""One version of a secret, by name and stage. None where there is none. Raises Unavailable."""


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
    """One question about a name at a time. A fault is kept like an answer: strangers must not become calls either."""

    def __init__(self, ask: Ask, clock: Clock) -> None:
        self._ask, self._clock = ask, clock
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

    def _asked(self, name: str, *, previous: bool) -> tuple[Stored, ...]:
        now = self._clock()
        try:
            answer = _Answer(now, self._ask(name, previous))
        except SecretFault as fault:
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


@dataclass(frozen=True, slots=True)
class StoredSecrets:
    """Signing secrets at PREFIX/sources/NAME: `{"signing_secret": "..."}`, or a list of at most MAX_LISTED."""

    fetch: Fetch
    prefix: str

    def __call__(self, name: str, previous: bool) -> tuple[Stored, ...]:
        full = f"{self.prefix}/sources/{name}"
        found = secrets_in(full, self.fetch(full, "AWSCURRENT"), CURRENT)
        if previous and (older := self.fetch(full, "AWSPREVIOUS")) is not None:
            known = {one.value for one in found}
            found += tuple(one for one in _spare_ones_in(full, older) if one.value not in known)
        return found


def _spare_ones_in(name: str, stored: str) -> tuple[Stored, ...]:
    """None in a version that is unusable: often it is the placeholder that the first real secret replaced."""
    try:
        found = secrets_in(name, stored, "previous")
    except SecretFault:
        return ()
    return tuple(replace(one, spare=True) for one in found)


def secrets_in(name: str, stored: str | None, label: str) -> tuple[Stored, ...]:
    """The signing secrets of one version. Raises SecretFault; its text never holds a value."""
    shape = f'store it as {{"{FIELD}": "..."}} or {{"{FIELD}": ["new", "old"]}}'
    if stored is None:
        raise SecretFault(name, f"does not exist; {shape}")
    try:
        document = json.loads(stored)
    except ValueError:
        raise SecretFault(name, f"is not JSON; {shape}") from None
    value = document.get(FIELD) if isinstance(document, dict) else None
    listed = value if isinstance(value, list) else [value]
    values = [one for one in listed if isinstance(one, str) and one]
    if not 0 < len(values) == len(listed) <= MAX_LISTED:
        raise SecretFault(name, f'has no "{FIELD}" of one text or up to {MAX_LISTED}; {shape}')
    if any(is_placeholder(one) for one in values):
        raise SecretFault(name, f'"{FIELD}" looks like a placeholder; store the real one')
    return tuple(
        Stored(label if place == 0 else f"{label} {place + 1}", one) for place, one in enumerate(values)
    )
