"""What keeps calls from being made: for each organization and source what is in force, since when, and what ends it."""

from collections.abc import Iterator, Mapping

from cancellations.adapters.aws import DynamoTable
from cancellations.errors import TryAgain
from cancellations.permits import fingerprint
from cancellations.protocol import guards
from cancellations.writes import Item, text
from oncall.finding import Finding, Status, failed, ok, skipped, warning
from oncall.in_force import Guard, Held, in_force
from oncall.visit import Visit

ENDS: Mapping[Guard, tuple[Status, str]] = {
    "paused": ("warning", "somebody meant it; when it is over: cancelctl guards resume {name}{where}"),
    "key": (
        "failed",
        "store the active key of Prevail's console in the secret; within two minutes requests go on",
    ),
    "breaker": ("warning", "look at Prevail; one probe that succeeds ends it"),
    "rate": ("ok", "it ends by itself"),
    "cap": ("failed", "look at what it asked for; if it is meant: cancelctl guards release {name}{where}"),
}
"""How bad it is, and what ends it (docs/operations.md)."""


def look(visit: Visit) -> Iterator[Finding]:
    if visit.configuration is None:
        yield skipped("guards", "nobody can tell whose: the configuration does not load")
        return
    table, now = DynamoTable(visit.client("dynamodb"), visit.deployment.table), visit.clock()
    where = "" if visit.local else f" --table {visit.deployment.table}"
    try:
        for slug in visit.configuration.organizations:
            item = table.read(guards.guard_key(slug)) or {}
            other_key = _holds_another(item, visit.api_keys.get(slug))
            yield from _found("organization", slug, in_force(item, {}, now), where, other_key=other_key)
        for name in visit.configuration.caps:
            held = in_force({}, table.read(guards.cap_key(name)) or {}, now)
            yield from _found("source", name, held, where)
    except TryAgain as silent:
        yield failed("guards", str(silent), "what is wrong with the ledger stands above")


def _found(
    kind: str, name: str, held: list[Held], where: str, *, other_key: bool = False
) -> Iterator[Finding]:
    """where: which ledger it is, as `cancelctl guards` is told."""
    called = f"{kind} {name}"
    for one in held:
        status, ends = ENDS[one.guard]
        if one.guard == "key" and other_key:
            yield warning(called, "key: the refused one is no longer in the secret", "the next call ends it")
        else:
            yield Finding(status, called, f"{one.guard}: {one.said}", ends.format(name=name, where=where))
    if not held:
        yield ok(called, "nothing holds its requests back")


def _holds_another(item: Item, api_key: str | None) -> bool:
    return api_key is not None and text(item, "key_refused") not in (None, fingerprint(api_key))
