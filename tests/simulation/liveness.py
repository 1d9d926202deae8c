"""Once faults stop, every request settles: within 30 minutes, and what the product's own waits add to them."""

from cancellations.backoff import REVIEW_AFTER_S
from cancellations.writes import Item, number
from simulation.invariants import Watch, request_id_of
from simulation.scenario import ABSENT, Scenario
from simulation.scheduler import Scheduler, Violation
from simulation.sqs import MessageQueue

SETTLES_WITHIN_S = 1800.0
SWEEP_EVERY_S = 300.0


class Patience:
    """The bound counts from the latest of:

    - the last disturbance (a fault, the end of an outage, a thaw, a PATCH's late arrival, a delivery);
    - the time at which the first message of the request that was there then becomes visible: at most the visibility
      timeout (360 s) or the longest delay (900 s) later;
    - where it had no message but dead letters: the sweep after its `due_at`, which is at most an hour away;
    - with on_unknown=hold and a list that cannot be read, or does not show the session: REVIEW_AFTER_S, when a person
      is asked.
    """

    def __init__(self, scheduler: Scheduler, queue: MessageQueue, watch: Watch, scenario: Scenario) -> None:
        self._scheduler, self._queue, self._watch = scheduler, queue, watch
        unseen = scenario.listing != "readable" or scenario.state == ABSENT
        self._review = scenario.on_unknown == "hold" and unseen
        self._deadlines: dict[str, float] = {}
        self._quiet_at = 0.0

    def judge(self) -> None:
        """Raises Violation."""
        now, quiet_at = self._scheduler.now, self._scheduler.quiet_at
        if now < quiet_at:
            return
        if quiet_at != self._quiet_at:
            self._quiet_at = quiet_at
            self._deadlines.clear()
        for item in self._watch.unsettled():
            request_id = request_id_of(item)
            deadline = self._deadlines.setdefault(request_id, self._deadline(request_id, item))
            if now > deadline:
                raise Violation(
                    f"{request_id} has not settled, {now - quiet_at:.0f} s after all faults ended"
                )

    def _deadline(self, request_id: str, item: Item) -> float:
        visible = [m.visible_at for m in self._queue.messages if m.request == request_id and not m.dead]
        wakes = min(visible) if visible else (number(item, "due_at") or 0.0) + SWEEP_EVERY_S
        begins = max(wakes, self._quiet_at)
        return begins + SETTLES_WITHIN_S + (REVIEW_AFTER_S if self._review else 0.0)
