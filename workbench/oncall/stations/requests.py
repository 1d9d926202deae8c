"""What waits in the ledger: requests that have not settled, by status, and those that nobody came back for."""

from collections import Counter
from collections.abc import Iterator

from cancellations import sentences
from cancellations.adapters.aws import DynamoTable
from cancellations.errors import TryAgain
from cancellations.protocol import requests
from cancellations.writes import Item, number
from oncall.finding import Finding, failed, ok, warning
from oncall.moments import HOUR_S, length
from oncall.session import EVER, MOST_OPEN
from oncall.visit import Visit

SWEEP_EVERY_S = 300.0
MISSED_S = 2 * SWEEP_EVERY_S + 60.0
"""What is overdue for longer, two runs of Sweep have left lying."""

OLD_S = 6.0 * HOUR_S


def look(visit: Visit) -> Iterator[Finding]:
    table, now = DynamoTable(visit.client("dynamodb"), visit.deployment.table), visit.clock()
    try:
        shards = [table.due(requests.shard(place), EVER, MOST_OPEN) for place in range(requests.SHARDS)]
    except TryAgain as silent:
        yield failed("open requests", str(silent), "what is wrong with the ledger stands above")
        return
    items = [item for shard in shards for item in shard]
    least = "at least " if any(len(shard) >= MOST_OPEN for shard in shards) else ""
    yield _open(items, least, now)
    yield _overdue(items, least, now)


def _open(items: list[Item], least: str, now: float) -> Finding:
    if not items:
        return ok("open requests", "none")
    counts = Counter(str(item.get("status")) for item in items)
    told = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    oldest = min(number(item, "accepted_at") or now for item in items)
    said = f"{least}{len(items)}: {told}; the oldest for {length(now - oldest)}"
    waiting = Counter(map(sentences.waiting, items)).most_common(1)[0][0]
    if now - oldest > OLD_S:
        return warning(
            "open requests", said, f"most wait for: {waiting}" if waiting else "look at the queues and Cancel"
        )
    return ok("open requests", said)


def _overdue(items: list[Item], least: str, now: float) -> Finding:
    late = [now - due_at for item in items if (due_at := number(item, "due_at") or 0.0) < now]
    if not late:
        return ok("overdue requests", "none")
    said = f"{least}{len(late)}, the longest for {length(max(late))}"
    if max(late) > MISSED_S:
        return failed(
            "overdue requests",
            said,
            "Sweep has left them lying: look at its log, its schedule and its concurrency",
        )
    return ok("overdue requests", f"{said}; Sweep puts them back on their way every 5 minutes")
