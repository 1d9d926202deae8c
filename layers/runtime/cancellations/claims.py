"""What a session's item says to a claim: why it was refused, or what the claimant has got."""

from typing import cast

from cancellations.domain import CANCELED, Json, Outcome, Request, SessionState, Settled
from cancellations.protocol import Claim, claiming, sessions
from cancellations.protocol.conditions import REFUSAL_STANDS_S
from cancellations.results import attempts_in, conflicted, evidence_in, tried
from cancellations.verdicts import Busy, CanceledBefore, SettledBefore
from cancellations.writes import Item, at, number, text


class Forgotten:
    """The session may have dropped the request's outcome: its own record tells."""


def verdict_of(
    request: Request, seen: Item, now: float, *, known_open: bool
) -> CanceledBefore | SettledBefore | Busy | Forgotten | None:
    """Why a claim was refused, read off the item that refused it. None: the session can be taken in another way.

    The other ways are to take over a doubt, and to look whether a canceled session was put back.
    """
    own, state = ("outcomes", request.id), cast("SessionState | None", text(seen, "state"))
    if at(seen, (*own, "status")) in CANCELED and text(seen, "canceled_by") != request.id:
        # Its session may have been restored since: the outcome holds, whatever the session is now.
        return SettledBefore(outcome_of(seen, own))
    was_canceled = state == "canceled" or "canceled_at" in seen
    if was_canceled and request.accepted_at <= claiming.canceled_since(seen) + claiming.RESTORED_AFTER_S:
        without_email = cast("bool | None", seen.get("canceled_without_email"))
        return CanceledBefore(text(seen, "canceled_by"), without_email)
    refusal_at, in_doubt = number(seen, "refusal_at"), claiming.whose_doubt(seen) == request.id
    if refusal_at is not None and request.accepted_at <= refusal_at and not in_doubt:
        return SettledBefore(outcome_of(seen, ("refusal",)))
    if at(seen, own) is not None:
        return SettledBefore(outcome_of(seen, own))
    if state == "in_flight" and (number(seen, "lease_until") or 0.0) >= now:
        return Busy(number(seen, "lease_until") or now, under_way=True)
    if state == "unknown" and (number(seen, "look_after") or 0.0) >= now:
        return Busy(number(seen, "look_after") or now)
    if in_doubt:
        return None
    if refusal_at is not None and refusal_at >= now - REFUSAL_STANDS_S:
        return Busy(refusal_at + REFUSAL_STANDS_S, under_way=True)
    if not known_open and request.accepted_at <= (number(seen, "forgotten_at") or 0.0):
        return Forgotten()
    return None


def outcome_of(item: Item, path: tuple[str, ...]) -> Outcome:
    """Read an outcome that `Outcome.as_json` wrote."""

    def part(name: str) -> str | None:
        return cast("str | None", at(item, (*path, name)))

    return Outcome(
        cast("Settled", part("status")), part("reason"), part("canceled_by"), evidence_in(at(item, path))
    )


def claim_of(request: Request, item: Item, *, in_doubt: bool) -> Claim:
    """Read a claim off the item as it stands after the write that took it."""
    mine, listed = attempts_in(item, request), item["attempts"]
    attempts = listed if isinstance(listed, list) else []
    return Claim(
        owner=text(item, "owner") or "",
        fence=int(number(item, "fence") or 0),
        lease_until=number(item, "lease_until") or 0.0,
        tries=sum(map(tried, mine)),
        conflicts=sum(map(conflicted, mine)),
        last=len(attempts) - 1,
        drops=_drops(request, attempts),
        began=cast("float", at(attempts[-1], ("at",))),
        in_doubt=in_doubt,
        doubt_by=text(item, "doubt_by"),
        doubt_since=number(item, "doubt_since") or 0.0,
        was_canceled="canceled_at" in item,
        canceled_by=text(item, "canceled_by"),
        canceled_without_email=cast("bool | None", item.get("canceled_without_email")),
        refusal_at=number(item, "refusal_at") or 0.0,
        forgets=_forgets(item.get("outcomes")),
    )


def _drops(request: Request, attempts: list[Json]) -> tuple[int, ...]:
    """Places of the oldest attempts, as far as there are more than are kept."""
    mine = [place for place, one in enumerate(attempts) if at(one, ("request",)) == request.id]
    others = [place for place in range(len(attempts)) if place not in mine]
    return (*mine[: -sessions.KEPT_ATTEMPTS], *others[: -sessions.KEPT_OF_OTHERS])


def _forgets(outcomes: Json) -> str | None:
    """Whose outcome is the oldest, where no more are kept. Those of version 0.1.0 say no time."""
    if not isinstance(outcomes, dict) or len(outcomes) < sessions.MAX_OUTCOMES:
        return None
    oldest: str = min(outcomes, key=lambda request: cast("float", at(outcomes, (request, "at")) or 0.0))
    return oldest
