"""Writes of guard items: what keeps calls to Prevail from being made, each with a reason and a time.

    GUARD#<organization>   paused_*    by a person
                           key_*       Prevail refuses this API key; over as soon as the secret holds another, or one
                                       call now and then finds that it works
                           breaker_*   Prevail does not answer; one probe at a time finds out whether it does again
                           next_slot   when the next call may be made, where the organization has a rate
                           rate_*      what Prevail takes of it, as far as that was learned (`rates`)
                           lane_<n>    until when a call holds one of the calls that may be made at once
    CAP#<source>           cap_*       more cancellations in an hour than anybody meant

Like everything in the ledger they change by conditional writes alone: of many workers who notice the same, one acts.
"""

from collections.abc import Mapping

from cancellations.domain import Json
from cancellations.versions import READABLE, SCHEMA, WRITES
from cancellations.writes import (
    KEY,
    Absent,
    Before,
    Change,
    Condition,
    Default,
    Equals,
    Increment,
    NotBefore,
    Put,
    Remove,
    Write,
)

PROBE_S = 60.0
"""Longer than an attempt: whoever probes and dies keeps the others waiting no longer than this."""

HOUR_S = 3600


def guard_key(organization: str) -> str:
    return f"GUARD#{organization}"


def cap_key(source: str) -> str:
    return f"CAP#{source}"


def _always(key: str) -> Condition:
    return Absent((KEY,)) | Equals((KEY,), key)


def _write(key: str, when: Condition, changes: tuple[Change, ...]) -> Write:
    return Write(key, when & READABLE, (*changes, Default((SCHEMA,), WRITES)))


# ── By hand ───────────────────────────────────────────────────────────────────────────────────────


def pause(organization: str, *, by: str, reason: str, now: float) -> Write:
    key = guard_key(organization)
    changes = (Put(("paused_by",), by), Put(("paused_reason",), reason), Default(("paused_at",), now))
    return _write(key, _always(key), changes)


def resume(organization: str) -> Write:
    key = guard_key(organization)
    changes = tuple(Remove((name,)) for name in ("paused_by", "paused_reason", "paused_at"))
    return _write(key, _always(key), changes)


def release(source: str, *, by: str, now: float, for_s: float = HOUR_S) -> Write:
    """Let what is held through; for an hour nothing of the source is counted."""
    key = cap_key(source)
    freed = (Put(("cap_free_until",), now + for_s), Put(("cap_released_by",), by))
    return _write(key, _always(key), (Remove(("cap_tripped_at",)), *freed))


# ── The key ───────────────────────────────────────────────────────────────────────────────────────


def key_refused(organization: str, fingerprint: str, *, now: float) -> Write:
    key = guard_key(organization)
    return _write(key, _always(key), (Put(("key_refused",), fingerprint), Put(("key_refused_at",), now)))


def key_again(organization: str, fingerprint: str, *, now: float, since: float) -> Write:
    """Take the right to try a key that was last refused `since` seconds ago: of many who hold it, one gets it."""
    long_ago = Before(("key_refused_at",), now - since + 0.001)
    same = Equals(("key_refused",), fingerprint)
    return _write(guard_key(organization), same & long_ago, (Put(("key_refused_at",), now),))


def leave_key(organization: str, fingerprint: str, *, now: float, since: float) -> Write:
    """now: as it was when the right was taken. Lands only while it is the same one's; the next one may try at once."""
    same = Equals(("key_refused",), fingerprint) & Equals(("key_refused_at",), now)
    return Write(guard_key(organization), same, (Put(("key_refused_at",), now - since),))


def key_works(organization: str, fingerprint: str) -> Write:
    """Lands only while it is this key that was refused."""
    changes = (Remove(("key_refused",)), Remove(("key_refused_at",)))
    return _write(guard_key(organization), Equals(("key_refused",), fingerprint), changes)


# ── The breaker ───────────────────────────────────────────────────────────────────────────────────


def open_breaker(organization: str, *, reason: str, until: float, now: float) -> Write:
    """Lands unless it is open by another's word. `breaker_opened` counts how often in a row."""
    changes = (
        Put(("breaker_until",), until),
        Put(("breaker_reason",), reason),
        Default(("breaker_since",), now),
        Increment(("breaker_opened",), 1),
        Remove(("breaker_probe_until",)),
    )
    not_open = Absent(("breaker_until",)) | Before(("breaker_until",), now)
    return _write(guard_key(organization), not_open, changes)


def probe(organization: str, *, now: float) -> Write:
    """Take the right to find out whether Prevail answers again: of many who wait for it, one gets it."""
    nobody_does = Absent(("breaker_probe_until",)) | Before(("breaker_probe_until",), now)
    over = Before(("breaker_until",), now)
    return _write(
        guard_key(organization), over & nobody_does, (Put(("breaker_probe_until",), now + PROBE_S),)
    )


def leave_probe(organization: str, *, now: float) -> Write:
    """now: as it was when the right was taken. Lands only while it is the same one's."""
    until = ("breaker_probe_until",)
    return _write(guard_key(organization), Equals(until, now + PROBE_S), (Remove(until),))


def close_breaker(organization: str, *, until: float) -> Write:
    """Lands only on the opening that was seen."""
    names = ("breaker_until", "breaker_reason", "breaker_since", "breaker_opened", "breaker_probe_until")
    changes = tuple(Remove((name,)) for name in names)
    return _write(guard_key(organization), Equals(("breaker_until",), until), changes)


# ── Rates and caps ────────────────────────────────────────────────────────────────────────────────


def first_slot(organization: str, *, now: float, apart_s: float) -> Write:
    """Take the present moment, where no slot after it is taken."""
    nobody_waits = Absent(("next_slot",)) | Before(("next_slot",), now)
    return _write(guard_key(organization), nobody_waits, (Put(("next_slot",), now + apart_s),))


def next_slot(organization: str, *, now: float, apart_s: float) -> Write:
    """Take the first slot that nobody has; it begins `apart_s` before what the item then says."""
    somebody_waits = NotBefore(("next_slot",), now)
    return _write(guard_key(organization), somebody_waits, (Increment(("next_slot",), apart_s),))


def near_slot(organization: str, *, since: float, now: float, apart_s: float, within_s: float) -> Write:
    """The first slot that nobody has, where it is near; `since` names the rate that it is handed out at."""
    near = NotBefore(("next_slot",), now) & Before(("next_slot",), now + within_s)
    changes = (Increment(("next_slot",), apart_s),)
    return _write(guard_key(organization), Equals(("rate_since",), since) & near, changes)


def slot_at_once(organization: str, *, since: float, now: float, apart_s: float) -> Write:
    """The present moment, where no slot after it is taken."""
    nobody_waits = Absent(("next_slot",)) | Before(("next_slot",), now)
    changes = (Put(("next_slot",), now + apart_s),)
    return _write(guard_key(organization), Equals(("rate_since",), since) & nobody_waits, changes)


def learn_rate(
    organization: str, rate: Mapping[str, Json], *, since: float | None, next_slot: float | None
) -> Write:
    """Of many who have learned the same, one writes it. since: what names the rate that it takes the place of."""
    known = Absent(("rate_since",)) if since is None else Equals(("rate_since",), since)
    changes = (
        *(Put((name,), value) for name, value in rate.items()),
        *(Remove((name,)) for name in RATE if name not in rate),
        *(() if next_slot is None else (Put(("next_slot",), next_slot),)),
    )
    key = guard_key(organization)
    return _write(key, _always(key) & known, changes)


def count_at_rate(organization: str, names: tuple[str, ...], *, since: float) -> Write:
    """One call more that was made at this rate, in each of these counts."""
    changes = tuple(Increment((name,), 1) for name in names)
    return _write(guard_key(organization), Equals(("rate_since",), since), changes)


RATE = (
    *("rate", "rate_since", "rate_low", "rate_high", "rate_high_at"),
    *("rate_taken", "rate_taken_told", "rate_turned_away", "rate_none_at_first"),
)


def take_lane(organization: str, lane: int, *, until: float, now: float) -> Write:
    name = (f"lane_{lane}",)
    return _write(guard_key(organization), Absent(name) | Before(name, now), (Put(name, until),))


def leave_lane(organization: str, lane: int, *, until: float) -> Write:
    name = (f"lane_{lane}",)
    return _write(guard_key(organization), Equals(name, until), (Remove(name),))


def count(source: str, *, now: float) -> Write:
    """One more in this hour."""
    this_hour = Equals(("cap_hour",), int(now // HOUR_S))
    return _write(cap_key(source), this_hour & _not_free(now), (Increment(("cap_count",), 1),))


def count_first(source: str, *, now: float) -> Write:
    """The first of a new hour."""
    hour = int(now // HOUR_S)
    new_hour = Absent(("cap_hour",)) | Before(("cap_hour",), hour)
    changes = (Put(("cap_hour",), hour), Put(("cap_count",), 1))
    return _write(cap_key(source), new_hour & _not_free(now), changes)


def _not_free(now: float) -> Condition:
    return Absent(("cap_free_until",)) | Before(("cap_free_until",), now)


def trip(source: str, *, now: float) -> Write:
    """More than the cap: from here on everything of the source is held, until a person releases it."""
    return _write(cap_key(source), Absent(("cap_tripped_at",)), (Put(("cap_tripped_at",), now),))
