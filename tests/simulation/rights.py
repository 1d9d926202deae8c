"""Rights to find something out, read from what is written to the guards: whoever does not use one leaves none behind.

One of many may try a key that was refused, or probe whether Prevail answers again. If it never calls Prevail, and the
right stays with it, everybody else waits for nothing.
"""

from cancellations.writes import Item, number
from simulation.scheduler import Life, Violation


class Rights:
    def __init__(self) -> None:
        self._probes: dict[Life, float] = {}
        self._tries_key: dict[Life, float] = {}

    def written(self, life: Life, old: Item, new: Item) -> None:
        probe, before = number(new, "breaker_probe_until"), number(old, "breaker_probe_until")
        if probe is not None and probe != before:
            self._probes[life] = probe
        tried, before = number(new, "key_refused_at"), number(old, "key_refused_at")
        same_key = old.get("key_refused") == new.get("key_refused")
        if same_key and not life.called and tried is not None and before is not None and tried > before:
            self._tries_key[life] = tried

    def judge(self, life: Life, guard: Item) -> None:
        """Raises Violation if the life, which is over, still holds a right; not if a write of its own failed."""
        probe, tried = self._probes.pop(life, None), self._tries_key.pop(life, None)
        if life.guard_failed:
            return
        if probe is not None and number(guard, "breaker_probe_until") == probe:
            raise Violation("a right to probe was left behind")
        if tried is not None and not life.called and number(guard, "key_refused_at") == tried:
            raise Violation("a right to try the key was left behind")
