"""One run: the real use cases, wired to a world in which the plan's faults happen."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

from builders import ACCOUNT, a_verify, an_organization
from cancellations.admission import Admission
from cancellations.ask import Ask
from cancellations.calls import tools
from cancellations.cancel import Cancel
from cancellations.errors import CancellationsError
from cancellations.intake import Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.receive import Receive
from cancellations.settlement import Settlement
from cancellations.sweep import Sweep
from cancellations.wiring import requests as wiring
from cancellations.work import Work
from simulation.faults import Fault, Plan, Port
from simulation.invariants import Watch
from simulation.liveness import Patience
from simulation.prevail import PrevailModel, Session
from simulation.scenario import ABSENT, Scenario
from simulation.scheduler import START, Scheduler, Violation
from simulation.secrets_store import SecretsStore
from simulation.senders import EVENTS, WEBHOOKS, Doors, Sender, name_of
from simulation.sqs import Message, MessageQueue
from simulation.story import Story
from simulation.table import LedgerTable

CANCEL_S, SWEEP_S = 60.0, 60.0
"""How long each function may run (template.yaml)."""

SWEEP_EVERY_S = 300.0

PROCESSES = 2
"""Messages go to them by turns."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run went. `ports`: every place of it; `fired`: the faults that did happen.

    patches: how many were sent. statuses: of requests, in the end.
    """

    violation: str | None
    ports: list[Port]
    fired: list[tuple[int, Fault]]
    lasted: float
    patches: int
    statuses: Counter[str]


def run(scenario: Scenario, plan: Plan, seed: int = 0, tell: Callable[[str], None] | None = None) -> Ran:
    world = World(scenario, plan, seed, Story(tell))
    scheduler, violation = world.scheduler, None
    try:
        world.run()
    except Violation as found:
        violation = str(found)
        scheduler.tell("VIOLATION", violation)
    except Exception as accident:  # noqa: BLE001 - whatever the product did not foresee is a finding
        violation = f"accident: {accident!r}"
        scheduler.tell("VIOLATION", violation)
    patches, statuses = world.counts()
    return Ran(violation, scheduler.ports, scheduler.fired, scheduler.now - START, patches, statuses)


class World:
    def __init__(self, scenario: Scenario, plan: Plan, seed: int, story: Story) -> None:
        self._scenario, self._story = scenario, story
        scheduler = self.scheduler = Scheduler(
            seed,
            plan,
            story,
            lively=scenario.lively,
            skew=scenario.skew,
            deliveries=len(scenario.arrivals),
        )
        self._queue = MessageQueue(scheduler, self._on_message, copies=scenario.copies)
        watch = self._watch = Watch(scheduler, self._queue, scenario)
        self._patience = Patience(scheduler, self._queue, watch, scenario)
        self._table = LedgerTable(scheduler, watch)
        self._prevail = PrevailModel(scheduler, watch, scenario)
        secrets = SecretsStore(scheduler)
        ledger = Ledger(self._table, map("owner-{}".format, count(1)).__next__, wiring.LEASE_S)
        settlement = Settlement(ledger, self._queue, scheduler.clock)
        intake, admission = Intake(Lookup(self._table)), Admission(ledger, self._queue)
        sources = {WEBHOOKS.name: WEBHOOKS}
        receive = Receive(sources, a_verify(secrets), intake, admission, map)
        organization = self._organization = an_organization(
            on_unknown=scenario.on_unknown, on_restored=scenario.on_restored
        )
        self._doors = Doors(receive, Ask({organization.slug: organization}, admission))
        self._workers = [
            Work((WEBHOOKS, EVENTS), ACCOUNT, intake, admission, cancel, scheduler.clock)
            for cancel in (self._process(settlement, secrets) for _ in range(PROCESSES))
        ]
        self._sweep = Sweep(settlement)

    def _process(self, settlement: Settlement, secrets: SecretsStore) -> Cancel:
        """What one worker process keeps to itself is what it has read of the guards, and how often it failed."""
        scheduler, organization = self.scheduler, self._organization
        jitter = scheduler.chance.random
        using = tools(
            self._table, scheduler.clock, scheduler.wait, jitter, keys=secrets, prevail=self._prevail
        )
        return Cancel({organization.slug: organization}, {}, settlement, using)

    def run(self) -> None:
        """Until nothing is left to happen. Raises Violation."""
        scheduler, watch = self.scheduler, self._watch
        self._set_the_scene()
        while scheduler.waiting > 1 or watch.unsettled():  # what waits for ever is the next sweep
            scheduler.step()
            watch.after_step()
        watch.at_the_end()

    def counts(self) -> tuple[int, Counter[str]]:
        """The PATCHes that were sent, and the statuses of requests."""
        requests = (item for key, item in self._table.items.items() if key.startswith("REQUEST#"))
        return len(self._watch.patches), Counter(str(item["status"]) for item in requests)

    def _set_the_scene(self) -> None:
        scenario, scheduler = self._scenario, self.scheduler
        for session in {arrival.session: None for arrival in scenario.arrivals}:
            if scenario.state != ABSENT:
                self._prevail.sessions[session] = Session(scenario.state)
        self._prevail.forbids_until = START + scenario.forbidden_for
        self._prevail.down_until = START + scenario.down_for
        scheduler.disturbed_until(max(self._prevail.forbids_until, self._prevail.down_until))
        for at in scenario.restored:
            scheduler.at(START + at, self._person_restores)
            scheduler.disturbed_until(START + at)
        for at, state in scenario.person:
            scheduler.at(START + at, partial(self._person_changes, state))
            scheduler.disturbed_until(START + at)
        for arrival in scenario.arrivals:
            self._story.names.update(name_of(arrival))
            sender = Sender(arrival, scheduler, self._queue, self._watch, self._doors)
            scheduler.at(START + arrival.at, sender.ask)
            scheduler.disturbed_until(START + arrival.at)
        first = 1.0 - (scheduler.chance.random() if scenario.lively else 0.0)
        scheduler.at(START + SWEEP_EVERY_S * first, self._tick)

    def _person_changes(self, state: str) -> None:
        session = self._prevail.sessions["session-1"]
        if session.state != "canceled":
            session.state = state
        self.scheduler.tell("a person at Prevail", f"session-1 is {session.state}")

    def _person_restores(self) -> None:
        session = self._prevail.sessions["session-1"]
        if session.state == "canceled":
            self._prevail.restore(session, "session-1")
        self.scheduler.tell("a person at Prevail", f"session-1 is {session.state}")

    # ── Doors ─────────────────────────────────────────────────────────────────────────────────────

    def _on_message(self, message: Message) -> None:
        self.scheduler.begin("cancel", CANCEL_S, partial(self._cancel, message), request=message.request)

    def _cancel(self, message: Message) -> None:
        """As functions/cancel/app.py and the platform behind it do."""
        scheduler, life = self.scheduler, self.scheduler.life
        scheduler.tell(f"gets message {message.number}", f"for {message.request}, receive {message.receives}")
        fault = scheduler.pause("message")
        if fault and fault.kind == "twice":
            self._queue.again(message)
        elif fault and fault.kind == "time_left":
            life.ends = scheduler.now + fault.seconds
        try:
            work = self._workers[message.number % len(self._workers)]
            worked = work(message.body, lambda: life.ends - scheduler.now)
        except CancellationsError as error:
            scheduler.tell("fails", f"{type(error).__name__}: {error}")
            self._watch.is_over(life)
            return
        scheduler.tell("is done", worked.result)
        self._watch.is_over(life)
        fault = scheduler.pause("acknowledge")
        if fault is None or fault.kind != "lost":
            self._queue.acknowledge(message, self._watch.acknowledges)

    def _tick(self) -> None:
        scheduler = self.scheduler
        self._patience.judge()
        scheduler.at(scheduler.now + SWEEP_EVERY_S, self._tick)
        if self._table.is_due(scheduler.now):
            scheduler.begin("sweep", SWEEP_S, self._sweeps)

    def _sweeps(self) -> None:
        """As functions/sweep/app.py does."""
        scheduler, life = self.scheduler, self.scheduler.life
        fault = scheduler.pause("schedule")
        if fault and fault.kind == "time_left":
            life.ends = scheduler.now + fault.seconds
        try:
            swept = self._sweep(lambda: life.ends - scheduler.now)
        except CancellationsError as error:
            scheduler.tell("fails", f"{type(error).__name__}: {error}")
            return
        scheduler.tell("has swept", swept)
