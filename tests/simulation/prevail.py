"""Prevail, the oracle: it alone knows what took effect. Its answers may be any that the product has a row for."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field

from cancellations import sentences
from cancellations.answers import CANCELABLE, NOT_LISTED, Answer, Unread, answer_for
from cancellations.domain import Organization
from simulation.faults import Fault
from simulation.invariants import Patch, Watch
from simulation.scenario import Scenario
from simulation.scheduler import Killed, Scheduler, Violation

DEADLINE_S = 10.0
LONGEST_TOKEN_S = 300.0


@dataclass
class Session:
    """`changes` and `mails` count what our PATCHes did since the session was last put back."""

    state: str
    changes: int = 0
    mails: int = 0


@dataclass
class PrevailModel:
    scheduler: Scheduler
    watch: Watch
    scenario: Scenario
    sessions: dict[str, Session] = field(default_factory=dict)
    forbids_until: float = 0.0
    down_until: float = 0.0
    refuses_key_until: float = 0.0
    unreadable_until: float = 0.0
    _turned_away_once: set[str] = field(default_factory=set)
    _too_early: set[Patch] = field(default_factory=set)
    _second: int = 0
    """The last second in which a call was taken, where one is the limit."""

    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        assert organization.slug
        self.scheduler.pause("patch leaves")
        self._check(token)
        self.scheduler.tell(f"PATCH {remote_session_id} leaves", "")
        patch = self.watch.leaves(remote_session_id, without_email=without_email)
        if self._over_limit():
            self._too_early.add(patch)
        try:
            flight = self.scheduler.chance.random() ** 3 * 8
            fault = self.scheduler.pause("patch answered", flight)
            answer = self._take_effect(patch) if fault is None else self._amiss(patch, fault)
        except Killed:
            if not patch.over:
                self._take_effect(patch)
            self.watch.ends(patch, None)
            raise
        self.watch.ends(patch, answer)
        self.scheduler.tell(f"PATCH {remote_session_id}", sentences.answer(answer))
        return answer

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | Unread:
        assert organization.slug
        assert starts_at is None or starts_at > 0
        assert token
        scheduler = self.scheduler
        fault = scheduler.pause("state")
        if fault and fault.kind == "unreadable_for":
            self.unreadable_until = scheduler.now + fault.seconds
            scheduler.disturbed_until(self.unreadable_until)
        session = self.sessions.get(remote_session_id)
        if unread := self._unread(fault):
            state: str | Unread = Unread(unread)
            self.watch.looked(remote_session_id, None)
        else:
            state = session.state if session else NOT_LISTED
            self.watch.looked(remote_session_id, state)
        scheduler.tell(f"state of {remote_session_id}", str(state))
        if fault:
            scheduler.reply(fault)
        return state

    def restore(self, session: Session, name: str) -> None:
        """A person puts a canceled session back, and a new life of it begins."""
        session.state, session.changes, session.mails = "ready", 0, 0
        self.watch.restored(name)

    def _unread(self, fault: Fault | None) -> Answer | None:
        """What comes in place of the list."""
        now = self.scheduler.now
        if now < self.down_until:
            return Answer("not_sent", "ConnectTimeout")
        if self._over_limit():
            return self._too_many()
        if fault and fault.kind == "told_to_wait":
            return answer_for(429, wait=fault.seconds)
        if now < self.unreadable_until or (fault and fault.kind == "unreadable"):
            return answer_for(500)
        if now < self.refuses_key_until:
            return answer_for(401)
        return answer_for(403) if self.scenario.listing != "readable" else None

    def _over_limit(self) -> bool:
        if self.scenario.limit != "one_per_second":
            return False
        before, self._second = self._second, int(self.scheduler.now)
        return before == self._second

    def _too_many(self) -> Answer:
        return answer_for(429, wait=self.scenario.retry_after_s)

    def _amiss(self, patch: Patch, fault: Fault) -> Answer:
        """What the sender sees, where it lives to see it."""
        scheduler, seconds = self.scheduler, fault.seconds
        match fault.kind:
            case "lost":
                patch.over = True
                return self._no_answer()
            case "done_unknown":
                self._take_effect(patch)
                return self._no_answer()
            case "late":
                answer = self._no_answer()
                self._arrive_later(patch, seconds)
                return answer
            case "status_done":
                self._take_effect(patch)
                return answer_for(int(seconds))
            case "not_sent" | "status" | "told_to_wait":
                patch.over = True
                return self._turned_away(fault)
            case "refuses_key":
                self.refuses_key_until = scheduler.now + seconds
                scheduler.disturbed_until(self.refuses_key_until)
            case "down":
                self.down_until = scheduler.now + seconds
                scheduler.disturbed_until(self.down_until)
            case "dies_lost" | "dies_late" | "freeze_unknown" | "freeze_late":
                return self._interrupted(patch, fault)
        answer = self._take_effect(patch)
        scheduler.reply(fault)
        return answer

    def _turned_away(self, fault: Fault) -> Answer:
        match fault.kind:
            case "status":
                return answer_for(int(fault.seconds))
            case "told_to_wait":
                self.scheduler.disturbed_until(self.scheduler.now + fault.seconds)
                return answer_for(429, wait=fault.seconds)
        return Answer("not_sent", "ConnectTimeout")

    def _interrupted(self, patch: Patch, fault: Fault) -> Answer:
        match fault.kind:
            case "dies_lost":
                patch.over = True
                raise Killed("killed, and its PATCH with it")
            case "dies_late":
                self._arrive_later(patch, fault.seconds)
                raise Killed("killed, while its PATCH is on the way")
            case "freeze_late":
                self._arrive_later(patch, DEADLINE_S + 45.0)
            case _:
                self._take_effect(patch)
        self.scheduler.freeze(fault.seconds)
        return Answer("unknown", "ReadTimeout")

    def _check(self, token: str) -> None:
        claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
        if not 0 < claims["exp"] - self.scheduler.now <= LONGEST_TOKEN_S:
            raise Violation("a token that has expired, or lives for too long")

    def _no_answer(self) -> Answer:
        self.scheduler.wait(DEADLINE_S)
        return Answer("unknown", "ReadTimeout")

    def _arrive_later(self, patch: Patch, seconds: float) -> None:
        """The network still carries it, for a settling time at most."""
        arrival = self.scheduler.now + seconds
        self.scheduler.disturbed_until(arrival)
        self.scheduler.at(arrival, lambda: self._arrive(patch))
        patch.on_its_way = True

    def _arrive(self, patch: Patch) -> None:
        self.scheduler.tell(f"PATCH {patch.session} arrives late", "")
        patch.on_its_way = False
        self._take_effect(patch)

    def _take_effect(self, patch: Patch) -> Answer:
        if patch.on_its_way:
            return Answer("unknown", "ReadTimeout")
        patch.over = True
        session = self.sessions.get(patch.session)
        if turned_away := self._does_not_try(patch):
            return turned_away
        if session is None:
            return answer_for(404)
        if self.scenario.objects:
            return answer_for(self.scenario.objects, "it cannot be canceled")
        if session.state in CANCELABLE:
            session.state = "canceled"
            session.changes += 1
            session.mails += not patch.without_email
            self.watch.took_effect(patch)
        elif session.state != "canceled" or self.scenario.second == "refused":
            return answer_for(409 if session.state == "canceled" else 422, f"it is {session.state}")
        elif self.scenario.second == "mails":
            session.mails += not patch.without_email
        self.watch.counted(session.changes, session.mails)
        return answer_for(200)

    def _does_not_try(self, patch: Patch) -> Answer | None:
        """What Prevail answers whatever the session is."""
        now = self.scheduler.now
        if now < self.down_until:
            return Answer("not_sent", "ConnectTimeout")
        if patch in self._too_early:
            return self._too_many()
        if self.scenario.limit == "each_session_once" and patch.session not in self._turned_away_once:
            self._turned_away_once.add(patch.session)
            return self._too_many()
        if now < self.refuses_key_until:
            return answer_for(401)
        return answer_for(403) if now < self.forbids_until else None
