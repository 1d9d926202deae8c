"""One judge for this product and for others: it sees Prevail, the queue and the lives of functions, and counts.

Of a contender's own books it asks two things only: whether a request has a final outcome, and whether they say why a
session is canceled.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, Protocol
from unittest.mock import patch

from cancellations.answers import CANCELABLE, NOT_LISTED, Answer
from cancellations.writes import Item
from simulation import world
from simulation.faults import Plan
from simulation.invariants import Asked, Patch, Watch
from simulation.liveness import SETTLES_WITHIN_S
from simulation.prevail import Session
from simulation.scenario import Scenario
from simulation.scheduler import Life, Scheduler
from simulation.senders import request_of
from simulation.sqs import LONGEST_DELAY_S, Message, MessageQueue
from simulation.story import Story
from simulation.world import World

type Kind = Literal["mailed twice", "followed in doubt", "sent by a zombie", "burnt", "undone", "unrecorded"]

KINDS: Mapping[Kind, str] = {
    "mailed twice": "e-mails of Prevail's for a session that had sent its e-mails before",
    "followed in doubt": "PATCHes that another for the same session followed while they were on their way or had ended "
    "without an answer that says what became of them (time-out, 408, 5xx, the sender died), and the session's "
    "state had not been read in between",
    "sent by a zombie": "PATCHes of a function whose time was over, after a function that began later had sent its own",
    "burnt": "requests without an outcome and with a dead letter that spent at least one of its five receives on an "
    "answer of Prevail that was not 2xx, or on its silence",
    "undone": "accepted requests without an outcome on record whose session could still be canceled when nothing was "
    "left to happen; those in the dead letters are among them",
    "unrecorded": "sessions that a PATCH did cancel, and no record says so or asks a person to look; a dead letter "
    "names a request, not what became of it",
}

ACCEPTED_RISK: frozenset[Kind] = frozenset(("mailed twice", "followed in doubt", "unrecorded"))
"""Not counted where the organization chose on_unknown=retry: it prefers a second e-mail to waiting."""

LATE = (
    "accepted requests that were done in the end, and were not 45 minutes after the last fault (30, and the longest "
    "delay of SQS; an hour more where the state can never be read and the organization says hold)"
)
REVIEW_S = 3600.0


class Books(Protocol):
    """What a contender has on record, read from the items of its table."""

    def settled(self, items: Mapping[str, Item], request: str, session: str) -> bool: ...

    def explains(self, items: Mapping[str, Item], session: str) -> bool: ...


class Judge:
    """Counts by kind what one run does wrong; `late` is no wrong, and told beside it."""

    def __init__(self, scenario: Scenario, books: Books) -> None:
        self.counts: Counter[Kind] = Counter()
        self.late = 0
        self.sessions: Mapping[str, Session] = {}
        self.accepted: set[tuple[str, str]] = set()
        self.effects: set[str] = set()
        self.message_of: dict[Life, Message] = {}
        self._scenario, self._books = scenario, books
        self._sent: list[Patch] = []
        self._read: set[Patch] = set()
        self._followed: set[Patch] = set()
        self._burning: set[Message] = set()
        self._overdue: set[tuple[str, str]] = set()
        self._quiet_at = 0.0
        waits_for_review = scenario.on_unknown == "hold" and scenario.listing != "readable"
        self._patience = SETTLES_WITHIN_S + LONGEST_DELAY_S + (REVIEW_S if waits_for_review else 0.0)

    def sends(self, patch: Patch, now: float) -> None:
        earlier = [other for other in self._sent if other.session == patch.session]
        followed = {o for o in earlier if not o.answered and o not in self._read} - self._followed
        self._followed |= followed
        self._count("followed in doubt", len(followed))
        if patch.life.ends <= now and any(_number(o.life) > _number(patch.life) for o in earlier):
            self._count("sent by a zombie")
        self._sent.append(patch)

    def hears(self, patch: Patch, answer: Answer | None) -> None:
        if answer and answer.meaning not in ("canceled", "not_sent"):
            self._burning.add(self.message_of[patch.life])

    def reads(self, session: str) -> None:
        """What was on its way while the state was read is as doubtful as before."""
        self._read.update(patch for patch in self._sent if patch.session == session and patch.over)

    def after_step(self, now: float, quiet_at: float, items: Mapping[str, Item]) -> None:
        if quiet_at != self._quiet_at and now > quiet_at + self._patience:
            self._quiet_at = quiet_at
            self._overdue |= self._undone(items)

    def at_the_end(self, messages: list[Message], items: Mapping[str, Item]) -> None:
        undone = self._undone(items)
        self.late = len(self._overdue - undone)
        self._count("undone", len(undone))
        self._count("mailed twice", sum(max(0, session.mails - 1) for session in self.sessions.values()))
        self._count("unrecorded", sum(not self._books.explains(items, session) for session in self.effects))
        burnt = {m.request for m in messages if m.dead and m in self._burning}
        self._count("burnt", sum(not self._books.settled(items, request, "") for request in burnt))

    def _undone(self, items: Mapping[str, Item]) -> set[tuple[str, str]]:
        return {
            (request, session)
            for request, session in self.accepted
            if self.sessions[session].state in CANCELABLE and not self._books.settled(items, request, session)
        }

    def _count(self, kind: Kind, times: int = 1) -> None:
        if times and not (kind in ACCEPTED_RISK and self._scenario.on_unknown == "retry"):
            self.counts[kind] += times


class Witness(Watch):
    """Tells the judge what it sees, and holds the product's invariants as ever."""

    def __init__(self, judge: Judge, scheduler: Scheduler, queue: MessageQueue, scenario: Scenario) -> None:
        super().__init__(scheduler, queue, scenario)
        self._judge = judge

    def leaves(self, session: str, *, without_email: bool) -> Patch:
        patch = super().leaves(session, without_email=without_email)
        self._judge.sends(patch, self._scheduler.now)
        return patch

    def ends(self, patch: Patch, answer: Answer | None) -> None:
        super().ends(patch, answer)
        self._judge.hears(patch, answer)

    def looked(self, session: str, state: str | None) -> None:
        super().looked(session, state)
        if state not in (None, NOT_LISTED):
            self._judge.reads(session)

    def took_effect(self, patch: Patch) -> None:
        super().took_effect(patch)
        self._judge.effects.add(patch.session)

    def promised(self, request_id: str, asked: Asked, *, first: bool) -> None:
        super().promised(request_id, asked, first=first)
        self._judge.accepted.add((request_id, asked[0]))

    def after_step(self) -> None:
        super().after_step()
        self._judge.after_step(self._scheduler.now, self._scheduler.quiet_at, self.items)

    def at_the_end(self) -> None:
        super().at_the_end()
        self._judge.at_the_end(self._queue.messages, self.items)


class Indulgent(Watch):
    """Holds nobody to the product's invariants, which speak of the product's own ledger."""

    def landed(self, life: Life, key: str, old: Item, new: Item) -> None:
        """Whatever is written."""

    def leaves(self, session: str, *, without_email: bool) -> Patch:
        return Patch(session, self._scheduler.life, without_email=without_email)

    def looked(self, session: str, state: str | None) -> None:
        """Whatever is read."""

    def took_effect(self, patch: Patch) -> None:
        """As often as it does."""

    def counted(self, changes: int, mails: int) -> None:
        """However many."""

    def is_over(self, life: Life) -> None:
        """Whatever is left behind."""

    def promised(self, request_id: str, asked: Asked, *, first: bool) -> None:
        """Whatever is promised."""

    def acknowledges(self, message: Message) -> None:
        """Whatever is acknowledged."""

    def after_step(self) -> None:
        """Whatever came of it."""

    def unsettled(self) -> list[Item]:
        return []

    def at_the_end(self) -> None:
        """Whatever is left."""


class WitnessedQueue(MessageQueue):
    """Tells the judge which function was begun with which message."""

    def __init__(
        self, judge: Judge, scheduler: Scheduler, on_message: Callable[[Message], None], *, copies: bool
    ) -> None:
        def handed_out(message: Message) -> None:
            on_message(message)
            judge.message_of[scheduler.running[-1]] = message  # it began, and no other has since

        super().__init__(scheduler, handed_out, copies=copies)


class JudgedWorld(World):
    """The product in the simulator's world, and the judge beside it."""

    witness: type[Witness] = Witness

    def __init__(self, scenario: Scenario, plan: Plan, seed: int, judge: Judge) -> None:
        watch, queue = partial(self.witness, judge), partial(WitnessedQueue, judge)
        with patch.object(world, "Watch", watch), patch.object(world, "MessageQueue", queue):
            super().__init__(scenario, plan, seed, Story())
        judge.sessions = self._prevail.sessions
        # An event on the bus is accepted as it comes: its producer hears nothing more.
        judge.accepted.update((request_of(a), a.session) for a in scenario.arrivals if a.entry == "bus")


class LedgerBooks:
    """The product's: its requests."""

    def settled(self, items: Mapping[str, Item], request: str, _session: str) -> bool:
        return "outcome" in items.get(f"REQUEST#{request}", {})

    def explains(self, items: Mapping[str, Item], session: str) -> bool:
        return any(
            item.get("remote_session_id") == session and item["status"] in ("canceled", "needs_review")
            for key, item in items.items()
            if key.startswith("REQUEST#")
        )


def _number(life: Life) -> int:
    """Functions of a kind are numbered in the order in which they begin."""
    return int(life.name.rpartition(" ")[2])
