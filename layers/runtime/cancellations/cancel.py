"""The use case behind the queue: claim the session, cancel it at Prevail, record, settle. See `protocol`.

Returns what became of the request; raises TryAgain where the message itself must come again.
"""

from collections.abc import Mapping
from dataclasses import replace

from cancellations.attempt import AFTERWARDS_S, CALL_S, Attempt, Remaining
from cancellations.calls import Calls, Tools
from cancellations.domain import NEW, Organization, Outcome, Progress, Request
from cancellations.errors import OutOfTime, SecretFault
from cancellations.pace import Later
from cancellations.permits import Hold
from cancellations.protocol import Claim
from cancellations.settlement import Postponed, Settlement
from cancellations.values import dataclass
from cancellations.waits import Waits

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
    tools: Tools

    def __call__(
        self, request: Request, remaining: Remaining, progress: Progress = NEW
    ) -> Outcome | Postponed:
        desk = self.settlement
        if desk.clock() - request.accepted_at > MAX_AGE_S:
            return desk.give_up(request, "too_old")
        organization = self.organizations.get(request.organization)
        if organization is None:
            return desk.postpone(request, "held", Waits("organization_unknown"), HOLD_S, progress)
        try:
            # Fetched before the claim: without a key nothing is begun, so nothing needs to be undone.
            api_key = self.tools.keys.api_key(organization)
        except SecretFault as fault:
            unusable = Waits("secret_unusable", {"fault": str(fault)})
            return desk.postpone(request, "held", unusable, HOLD_S, progress)
        if not progress.counted:
            if over := self.tools.quota.count(request, self.caps.get(request.source)):
                return desk.postpone(request, over.status, over.waits, over.delay, NEW)
            progress = replace(progress, counted=True)
        with self.tools.permits.permit(organization, api_key) as permit:
            if isinstance(permit, Hold):
                kept = Progress(counted=True, look=progress.look, conflicts=progress.conflicts)
                return desk.postpone(request, permit.status, permit.waits, permit.delay, kept)
            turn = self.tools.pace.turn(organization, progress)
            if isinstance(turn, Later):
                return self._in_its_turn(request, turn, progress)
            calls = Calls(self.tools, desk.clock, organization, api_key, permit, turn, progress.told)
            return self._attempt(request, organization, calls, remaining, progress)

    def _in_its_turn(self, request: Request, later: Later, progress: Progress) -> Postponed:
        if later.slot is None:
            return self.settlement.come_back(request, Waits("turn"), later.delay, progress)
        kept = replace(progress, slot=later.slot)
        return self.settlement.postpone(request, "retrying", Waits("turn"), later.delay, kept)

    def _attempt(
        self,
        request: Request,
        organization: Organization,
        calls: Calls,
        remaining: Remaining,
        progress: Progress,
    ) -> Outcome | Postponed:
        desk = self.settlement
        if remaining() < CALL_S + AFTERWARDS_S:
            raise OutOfTime("too little time is left for a whole call")
        with self.tools.lanes.lane(organization) as free:
            if not free:
                return desk.postpone(
                    request, "retrying", Waits("lanes"), CROWDED_S, replace(progress, slot=None)
                )
            held = desk.claim(request, progress)
            if not isinstance(held, Claim):
                return held
            look = held.in_doubt or progress.look or organization.look_first
            jitter = self.tools.jitter
            return Attempt(calls, desk, request, organization, held, remaining, jitter, look, progress).run()
