"""What holds requests back, read off the guards' items of the ledger."""

from dataclasses import dataclass
from typing import Literal

from cancellations import rates
from cancellations.writes import Item, number, text
from oncall.moments import iso

type Guard = Literal["paused", "key", "breaker", "rate", "cap"]


@dataclass(frozen=True, slots=True)
class Held:
    guard: Guard
    said: str


def in_force(guard: Item, cap: Item, now: float) -> list[Held]:
    """One for each thing that holds requests back."""
    found = []
    if by := text(guard, "paused_by"):
        found.append(
            Held("paused", f"by {by} since {_at(guard, 'paused_at')}: {text(guard, 'paused_reason')}")
        )
    if "key_refused" in guard:
        found.append(Held("key", f"refused by Prevail at {_at(guard, 'key_refused_at')}; store another"))
    if "breaker_until" in guard:
        opened = f"since {_at(guard, 'breaker_since')}, next probe after {_at(guard, 'breaker_until')}"
        found.append(Held("breaker", f"open {opened}: {text(guard, 'breaker_reason')}"))
    if learned := rates.read(guard, now):
        found.append(Held("rate", _learned(learned)))
    if (slot := number(guard, "next_slot")) and slot > now:
        found.append(Held("rate", f"the next free moment is in {slot - now:.0f} s"))
    if "cap_tripped_at" in cap and (number(cap, "cap_free_until") or 0.0) <= now:
        found.append(Held("cap", f"exceeded at {_at(cap, 'cap_tripped_at')}; release it when it is meant"))
    return found


def _learned(rate: rates.Rate) -> str:
    if rate.watched:
        return "Prevail turned a call away; for some seconds all calls are counted, and none waits"
    counts = f"took {rate.taken} calls at this rate, turned {rate.turned_away} away"
    return f"{rate.per_s:.3g} calls a second since {iso(rate.since)}, learned; Prevail {counts}"


def _at(item: Item, name: str) -> str | None:
    return iso(number(item, name) or 0.0)
