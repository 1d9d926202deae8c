"""What must never be seen, judged at every step from outside, by nothing that the product says about itself."""

from collections import Counter

from cancellations.answers import NOT_LISTED, Answer
from cancellations.domain import SETTLED, Json
from cancellations.writes import Item, at, number, text
from simulation.breaker import Breaker
from simulation.history import History
from simulation.rights import Rights
from simulation.scenario import Scenario
from simulation.scheduler import Life, Scheduler, Violation
from simulation.sqs import Message, MessageQueue
from simulation.testimony import Testimony

CALL_S = 10.0
"""The total deadline of one PATCH."""

MOST_OVERDUE_S = 25 * 3600.0
"""No request may hide from the sweep for longer: Prevail's longest wait is a day."""

AFTER_SETTLING = frozenset(("conflicts", "last_conflict_at"))

GIVEN_UP_S = 24 * 3600.0 - 60.0
"""An older request is claimed whatever holds it, to be settled for a person."""

type Asked = tuple[str, bool]
"""The session, and whether without e-mail."""


class Patch:
    """One PATCH. `over`: it has arrived or is lost; `answered`: its sender got an answer that leaves no doubt."""

    __slots__ = (
        "answered",
        "ended",
        "key_refused",
        "life",
        "on_its_way",
        "over",
        "resolved",
        "session",
        "without_email",
    )

    def __init__(self, session: str, life: Life, *, without_email: bool) -> None:
        self.session, self.life, self.without_email = session, life, without_email
        self.over = self.on_its_way = self.answered = self.resolved = self.key_refused = False
        self.ended: float | None = None


class Watch:
    """Raises Violation at the step that breaks an invariant."""

    def __init__(self, scheduler: Scheduler, queue: MessageQueue, scenario: Scenario) -> None:
        self._scheduler, self._queue = scheduler, queue
        self.items: dict[str, Item] = {}
        self._holds, self._skew = scenario.on_unknown == "hold", scenario.skew
        self._blind = False
        self.patches: list[Patch] = []
        self.effects: dict[str, Patch] = {}
        """By session, in its present life."""
        self._lives = Counter[str]()
        """How often a person has put a session back."""
        self._news, self._running = False, 0
        self._breaker, self._rights = Breaker(scenario.skew), Rights()
        self._history = History(scenario.on_restored, scenario.skew)
        self._testimony = Testimony(scenario.skew)

    # ── The ledger ────────────────────────────────────────────────────────────────────────────────

    def landed(self, life: Life, key: str, old: Item, new: Item) -> None:
        self._news = True
        if key.startswith("SESSION#"):
            self._session_written(life, key, old, new)
        elif key.startswith("REQUEST#"):
            self._request_written(old, new)
        else:
            self._breaker.written(new, self._scheduler.now)
            self._rights.written(life, old, new)

    def _session_written(self, life: Life, key: str, old: Item, new: Item) -> None:
        request = self.items.get(f"REQUEST#{life.request}", {})
        if old.get("fence") != new["fence"]:
            lease_until = (number(old, "lease_until") or 0.0) - self._skew
            if old.get("state") == "in_flight" and lease_until >= self._scheduler.now:
                raise Violation("a session was taken from under a live lease")
            accepted_at = number(request, "accepted_at") or 0.0
            if self._scheduler.now - accepted_at < GIVEN_UP_S and self._held(life):
                raise Violation("a session was claimed while the breaker was open: that burns an attempt")
            self._history.claimed(old, new, self._claimant(new), self._scheduler.now)
            life.claims[key] = int(number(new, "fence") or 0)
            return
        if old.get("state") == "canceled":
            raise Violation("a canceled session was written: canceled is final")
        if life.claims.get(key) != old.get("fence") or "owner" not in old:
            raise Violation("a write with an old fence landed")
        session = key.rpartition("#")[2]
        seen_restored = self._testimony.shows_restored(session)
        self._history.recorded(key, old, new, self._claimant(new), seen_restored=seen_restored)
        if new.get("state") == "canceled":
            self._testimony.recorded_as_canceled(session)
        for patch in self.patches:
            if patch.life is life and patch.answered and patch.session == session:
                patch.resolved = True

    def _claimant(self, session: Item) -> Item:
        """The request that the latest attempt on the session was for."""
        attempts = session["attempts"]
        latest = at(attempts[-1] if isinstance(attempts, list) else None, ("request",))
        return self.items.get(f"REQUEST#{latest}", {})

    def _request_written(self, old: Item, new: Item) -> None:
        before, after = old.get("outcome"), new.get("outcome")
        if before is not None:
            if any(old.get(k) != new.get(k) for k in old.keys() | new.keys() if k not in AFTER_SETTLING):
                raise Violation("a request that had settled was written")
            return
        if any(old.get(k) != new.get(k) for k in ("fingerprint", "remote_session_id") if old):
            raise Violation("another payload took the place of the first")
        if after is not None:
            self._settled(new, after)
        elif "open" not in new or (number(new, "due_at") or 0.0) > self._scheduler.now + MOST_OVERDUE_S:
            raise Violation("a request that has not settled is hidden from the sweep")
        elif new["status"] in SETTLED:
            raise Violation("a request says it has settled and has no outcome")

    def _settled(self, request: Item, outcome: Json) -> None:
        if request["status"] != at(outcome, ("status",)) or "open" in request:
            raise Violation("a request has settled and its record does not say so")
        self._testimony.judge(request, outcome)
        self._history.judge(session_key(request), request, outcome)

    # ── Prevail ───────────────────────────────────────────────────────────────────────────────────

    def leaves(self, session: str, *, without_email: bool) -> Patch:
        life, now = self._scheduler.life, self._scheduler.now
        life.called = True
        request = self.items.get(f"REQUEST#{life.request}", {})
        if asked_by(request) != (session, without_email):
            raise Violation("a PATCH that nobody asked for: the first payload wins")
        item = self.items.get(session_key(request), {})
        if item.get("state") != "in_flight" or life.claims.get(session_key(request)) != item.get("fence"):
            raise Violation("a PATCH without an owned claim")
        if (number(item, "lease_until") or 0.0) < now + CALL_S:
            raise Violation("a PATCH that may outlive its lease")
        if life.ends < now + CALL_S:
            raise Violation("a PATCH that may outlive its function")
        self._guards_let_through(life)
        if "outcome" in request or at(item, ("outcomes", life.request or "")) is not None:
            raise Violation("a PATCH for a request that has settled")
        for earlier in self.patches:
            if earlier.session == session and not earlier.resolved:
                if not earlier.over:
                    raise Violation("a PATCH while an earlier one may still arrive")
                if not (earlier.answered and earlier.life is life):
                    raise Violation("a PATCH after one in doubt, and nobody has looked in between")
        patch = Patch(session, life, without_email=without_email)
        self.patches.append(patch)
        return patch

    def _guards_let_through(self, life: Life) -> None:
        if self._held(life):
            raise Violation("a PATCH through an open breaker")
        if any(earlier.life is life and earlier.key_refused for earlier in self.patches):
            raise Violation("a second PATCH with the key that was refused")

    def _held(self, life: Life) -> bool:
        return life.request is not None and self._breaker.was_open_for(life, self._scheduler.now)

    def ends(self, patch: Patch, answer: Answer | None) -> None:
        """The sender has its answer, or has given up, or is dead."""
        patch.ended = self._scheduler.now
        patch.answered = answer is not None and answer.meaning != "unknown"
        patch.key_refused = answer is not None and answer.meaning == "our_key"
        if answer is not None and answer.status is not None:
            self._testimony.answered(patch.session, answer.status, patch.ended)

    def looked(self, session: str, state: str | None) -> None:
        """The list was read, or could not be (None); with on_unknown=retry it is enough to have tried."""
        self._scheduler.life.called = True
        if state is not None:
            self._testimony.listed(session, state, self._scheduler.now)
        elif not self._holds:
            self._testimony.unread(session, self._scheduler.now)
        unseen = state in (None, NOT_LISTED)
        self._blind = self._blind or unseen
        if unseen and self._holds:
            return
        for patch in self.patches:
            if patch.session == session and patch.over:
                patch.resolved = True

    @property
    def _careful(self) -> bool:
        """Nobody has chosen to send without knowing the state."""
        return self._holds or not self._blind

    def took_effect(self, patch: Patch) -> None:
        if patch.session in self.effects:
            raise Violation("a second effect on one session")
        self.effects[patch.session] = patch

    def restored(self, session: str) -> None:
        """A person has put a canceled session back: one effect more may follow."""
        self._lives[session] += 1
        self.effects.pop(session, None)

    def counted(self, changes: int, mails: int) -> None:
        if changes > 1:
            raise Violation("a session was canceled twice")
        if mails > 1 and self._careful:
            raise Violation("the e-mails of a session went out twice")

    # ── Senders and the queue ─────────────────────────────────────────────────────────────────────

    def promised(self, request_id: str, asked: Asked, *, first: bool) -> None:
        """The sender was told 202."""
        request = self.items.get(f"REQUEST#{request_id}", {})
        if asked_by(request) != asked:
            raise Violation("a sender was promised what is not stored")
        if first and not self._queue.puts[request_id]:
            raise Violation("a sender was promised what is not on the queue")

    def refused(self, request_id: str, asked: Asked) -> None:
        """The sender was told that something else was asked before."""
        if asked_by(self.items.get(f"REQUEST#{request_id}", {})) == asked:
            raise Violation("a sender was refused for what it had asked before")

    def acknowledges(self, message: Message) -> None:
        """A message goes: its request has settled, or another message of it is there."""
        self._news = True
        request = self.items.get(f"REQUEST#{message.request}", {})
        others = any(m.request == message.request and m is not message for m in self._queue.messages)
        if request and "outcome" not in request and not others:
            raise Violation("the only message of a request that has not settled was acknowledged")

    def is_over(self, life: Life) -> None:
        """A function has returned, or has failed with an error of the product's: it holds no right any more."""
        for key, item in self.items.items():
            if key.startswith("GUARD#"):
                self._rights.judge(life, item)

    # ── After every step, and at the end ──────────────────────────────────────────────────────────

    def after_step(self) -> None:
        """Nothing lost: what has not settled has a message, somebody at work on it, or is open to the sweep."""
        running = len(self._scheduler.running)
        if not self._news and running >= self._running:
            return
        self._news, self._running = False, running
        settled_as_canceled = Counter[str]()
        for key, item in self.items.items():
            if not key.startswith("REQUEST#"):
                continue
            request_id = request_id_of(item)
            if "outcome" in item:
                if item["status"] == "canceled":
                    settled_as_canceled[session_key(item)] += 1
                    if (
                        settled_as_canceled[session_key(item)]
                        > 1 + self._lives[str(item["remote_session_id"])]
                    ):
                        raise Violation("two requests claim one effect")
            elif not (
                ("open" in item and "due_at" in item)
                or any(message.request == request_id for message in self._queue.messages)
                or any(life.request == request_id for life in self._scheduler.running)
            ):
                raise Violation("a request is lost")

    def unsettled(self) -> list[Item]:
        return [
            item for key, item in self.items.items() if key.startswith("REQUEST#") and "outcome" not in item
        ]

    def at_the_end(self) -> None:
        """All is quiet: an effect of ours has a request that claims it, or a person is asked."""
        for session in self.effects:
            on_it = [
                i
                for k, i in self.items.items()
                if k.startswith("REQUEST#") and i["remote_session_id"] == session
            ]
            statuses = {item["status"] for item in on_it}
            if not statuses & {"canceled", "needs_review"} and self._careful:
                raise Violation("an effect of ours that no request claims")
        for requests in self._history.canceled_by.values():
            for request_id in requests:
                status = self.items.get(f"REQUEST#{request_id}", {}).get("status")
                if status not in ("canceled", "needs_review"):
                    raise Violation("a request has canceled a session, and has settled as something else")


def request_id_of(request: Item) -> str:
    return str(request["pk"]).removeprefix("REQUEST#")


def session_key(request: Item) -> str:
    return f"SESSION#{text(request, 'organization')}#{text(request, 'remote_session_id')}"


def asked_by(request: Item) -> Asked | None:
    if not request:
        return None
    return str(request["remote_session_id"]), bool(request["cancel_without_email"])
