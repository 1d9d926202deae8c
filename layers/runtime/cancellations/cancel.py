"""The use case behind the queue: claim the session, cancel it at Prevail, record, settle. See `protocol`.

Returns what became of the request; raises TryAgain where the message itself must come again.
"""

from collections.abc import Mapping
from dataclasses import replace

from cancellations.attempt import AFTERWARDS_S, CALL_S, Attempt, Remaining
from cancellations.calls import Calls, Tools
from cancellations.domain import KNOWN, NEW, Organization, Outcome, Progress, Request
from cancellations.errors import OutOfTime, SecretFault
from cancellations.guards import Guards
from cancellations.pace import Later, Pace
from cancellations.protocol import Claim
from cancellations.settlement import Postponed, Settlement
from cancellations.values import dataclass

__all__ = ["AFTERWARDS_S", "CALL_S", "Cancel", "Remaining"]

MAX_AGE_S = 24 * 3600

HOLD_S = 900
"""How long a request is held where a person must mend a file or a secret."""

CROWDED_S = 2
"""When to come back where as many calls are under way as may be."""


@dataclass(frozen=True, slots=True)
class Cancel:
    organizations: Mapping[str, Organization]
    caps: Mapping[str, int]
    """How many cancellations a source may ask for in an hour, by its name; the others as many as they like."""
    settlement: Settlement
    guards: Guards
    pace: Pace
    tools: Tools

    def __call__(
        self, request: Request, remaining: Remaining, progress: Progress = NEW
    ) -> Outcome | Postponed:
        desk = self.settlement
        if desk.clock() - request.accepted_at > MAX_AGE_S:
            return desk.give_up(request, "too_old")
        organization = self.organizations.get(request.organization)
        if organization is None:
            why = "organization is not in the configuration"
            return desk.postpone(request, "held", why, HOLD_S, progress, guard="configuration")
        try:
            # Fetched before the claim: without a key nothing is begun, so nothing needs to be undone.
            api_key = self.tools.keys.api_key(organization)
        except SecretFault as fault:
            return desk.postpone(request, "held", str(fault), HOLD_S, progress, guard="configuration")
        later = self._held_back(request, organization, api_key, progress)
        result = later or self._attempt(request, organization, api_key, remaining)
        self.guards.let_go(organization)
        return result

    def _attempt(
        self, request: Request, organization: Organization, api_key: str, remaining: Remaining
    ) -> Outcome | Postponed:
        desk = self.settlement
        if remaining() < CALL_S + AFTERWARDS_S:
            raise OutOfTime("too little time is left for a whole call")
        with self.pace.lane(organization) as free:
            if not free:
                return desk.postpone(request, "retrying", "enough calls are under way", CROWDED_S)
            held = desk.claim(request)
            if not isinstance(held, Claim):
                return held
            if organization.look_first and not held.in_doubt:
                held = replace(held, in_doubt=True, doubt_since=desk.clock())
            calls = Calls(self.tools, desk.clock, organization, api_key)
            return Attempt(calls, desk, request, organization, held, remaining, self.tools.jitter).run()

    def _held_back(
        self, request: Request, organization: Organization, api_key: str, progress: Progress
    ) -> Postponed | None:
        """Before anything is claimed: what waits here burns no attempt."""
        desk = self.settlement
        if not progress.counted and (over := self.guards.over_cap(request, self.caps.get(request.source))):
            return desk.postpone(request, over.status, over.reason, over.delay, NEW, guard=over.guard)
        if hold := self.guards.hold(organization, api_key):
            return desk.postpone(request, hold.status, hold.reason, hold.delay, guard=hold.guard)
        match self.pace.turn(organization, progress.slot):
            case Later(slot, delay):
                kept = replace(KNOWN, slot=slot)
                return desk.postpone(request, "retrying", "waits for its turn", delay, kept)
        return None
