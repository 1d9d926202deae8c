"""Writes of request items: a request's status is a projection of what its session says.

A request that has not settled stands in the index `open`, ordered by `due_at`: the time by which something should
have happened to it. Settling takes it out. Each write that changes the status counts one `revision` more, which is
what announcements of one request are told apart and put in order by.
"""

from cancellations.domain import Json, Outcome, Request, Status
from cancellations.protocol.conditions import known, new, request_key, still_due, still_queued, unsettled
from cancellations.versions import SCHEMA, WRITES
from cancellations.waits import Waits
from cancellations.writes import Change, Default, Increment, Put, Remove, Write

KEPT_FOR_S = 400 * 24 * 3600
"""Longer than every way a delivery can come again (senders' retries, queue, dead letters, a year's archive)."""

SWEEP_AFTER_S = (300.0, 900.0, 3600.0, 6 * 3600.0, 12 * 3600.0)
"""How long a request may be overdue before it is put back on its way: the first, the second time, and so on.

The first are short, because most of what is lost is one message. The last are long, because a worker that stands still
for hours must not make its whole backlog somebody's to review.
"""

MAX_SWEEPS = len(SWEEP_AFTER_S)
"""Swept so often without progress, a request is for a person: else a poison message would circle for ever."""

SHARDS = 8
"""The index is spread over as many partitions, so that none takes all the writes."""


def shard_of(request: Request) -> str:
    return shard(int(request.id[:8], 16) % SHARDS)


def shard(number: int) -> str:
    return f"OPEN#{number}"


def accept(request: Request, *, token: str, now: float, outcome: Outcome | None = None) -> Write:
    """Store a request once. `token` lets whoever wrote it know its own write when the reply is lost.

    outcome: what it is settled with at once, where nobody is to be called for it.
    What an expired record of the same key still holds goes: the request begins anew.
    """
    stored: dict[str, Json] = {
        SCHEMA: WRITES,
        **request.as_json(),
        "fingerprint": request.fingerprint,
        "accepted_by": token,
        "expires_at": int(now) + KEPT_FOR_S,
        **(_settled(outcome, now) if outcome else _open(request, now)),
    }
    changes = [Put((name,), value) for name, value in stored.items()]
    forgotten = [Remove((name,)) for name in FORGOTTEN if name not in stored]
    return Write(request_key(request.id), new(now), (*changes, *forgotten, NEXT_REVISION), told=False)


NEXT_REVISION = Increment(("revision",), 1)
"""Goes on where an expired record begins anew: what was announced of it before has other numbers."""

FORGOTTEN = (
    *("outcome", "settled_at", "conflicts", "last_conflict_at", "next_at"),
    *("held_by", "held_detail", "waiting_for"),
    *("escalated_at", "queued_at", "queued_by", "open", "due_at", "sweeps"),
    *("reason", "requested_by", "starts_at", "notes", "erased_at"),
)


def _open(request: Request, now: float) -> dict[str, Json]:
    return {
        "status": "queued",
        "queued_at": now,
        "open": shard_of(request),
        "due_at": now + SWEEP_AFTER_S[0],
        "sweeps": 0,
    }


def _settled(outcome: Outcome, now: float) -> dict[str, Json]:
    return {"status": outcome.status, "outcome": outcome.as_json(), "settled_at": now}


def note_conflict(request: Request, *, now: float) -> Write:
    """Another payload came under the same key: the first one wins, and the record says that there was another."""
    changes = (Increment(("conflicts",), 1), Put(("last_conflict_at",), now))
    return Write(request_key(request.id), known(request), changes)


def queue_again(request: Request, *, since: float, token: str, now: float) -> Write:
    """Take the right to put one more message for a request whose first may never have been sent."""
    changes = (Put(("queued_at",), now), Put(("queued_by",), token))
    return Write(request_key(request.id), still_queued(request, since), changes)


def not_queued(request: Request, *, since: float) -> Write:
    return Write(request_key(request.id), still_queued(request, since), (Put(("queued_at",), 0),))


def postpone(
    request: Request, status: Status, *, waits: Waits, next_at: float, escalated_at: float | None = None
) -> Write:
    changes = (
        *(() if escalated_at is None else (Default(("escalated_at",), escalated_at),)),
        Put(("status",), status),
        Put(("held_by",), waits.by),
        Put(("held_detail",), dict(waits.detail)) if waits.detail else Remove(("held_detail",)),
        Remove(("waiting_for",)),  # of version 0.1.0, which would not know that it is out of date
        Put(("next_at",), next_at),
        Put(("due_at",), next_at + SWEEP_AFTER_S[0]),
        Put(("sweeps",), 0),
        NEXT_REVISION,
    )
    return Write(request_key(request.id), unsettled(request), changes)


SETTLED_WITHOUT = ("held_by", "held_detail", "waiting_for", "next_at", "open", "due_at", "sweeps")
"""What only a request has that still waits for something."""


def settle(request: Request, outcome: Outcome, *, now: float) -> Write:
    changes: tuple[Change, ...] = (
        *(Put((name,), value) for name, value in _settled(outcome, now).items()),
        *(Remove((name,)) for name in SETTLED_WITHOUT),
        NEXT_REVISION,
    )
    return Write(request_key(request.id), unsettled(request), changes, told=False)


def sweep(request: Request, *, due_at: float, sweeps: int, now: float) -> Write:
    """Take the right to put an overdue request back on its way; each time the next is longer in coming."""
    next_due = now + SWEEP_AFTER_S[min(sweeps + 1, MAX_SWEEPS - 1)]
    changes = (Put(("due_at",), next_due), Increment(("sweeps",), 1))
    return Write(request_key(request.id), still_due(request, due_at), changes)
