"""The emulator's memory and Prevail's rules. Nothing here awaits: on one event loop each method is atomic."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from prevail.assumed import CANCEL_SUBJECT, INVITE_SUBJECT
from prevail.model import (
    CANCELLABLE,
    EDITABLE,
    Email,
    Organization,
    Postback,
    Session,
    SessionReport,
    State,
)
from prevail.switches import Switches

type Forbidden = Literal["unknown_session", "foreign_session", "self_service_disabled"]
type CancelAnswer = Forbidden | Literal["already_canceled", "wrong_state", "canceled"]
type EditAnswer = Forbidden | Literal["not_editable", "edited"]


@dataclass(slots=True)
class Counts:
    """What came of calls, by session."""

    state_changes: Counter[str] = field(default_factory=Counter)
    emails: Counter[str] = field(default_factory=Counter)
    invitations: Counter[str] = field(default_factory=Counter)


class World:
    def __init__(self) -> None:
        self.organizations: dict[str, Organization] = {}
        self.sessions: dict[str, Session] = {}
        self.outbox: list[Email] = []
        self.postbacks: list[Postback] = []
        self.counts = Counts()
        self._by_start: dict[str, list[tuple[int, str]]] = {}

    def put_organization(self, organization: Organization) -> None:
        self.organizations[organization.slug] = organization

    def put_sessions(self, sessions: Iterable[Session]) -> None:
        """Adds or replaces; the counts of a replaced session go on, for they are what the API did to it."""
        for session in sessions:
            self.sessions[session.remote_session_id] = session
        self._by_start.clear()

    def request(self, session: Session, *, now: float) -> None:
        """A session that an organization asked for. Whoever is invited hears of it once it is scheduled."""
        self.put_sessions([session])
        if session.state != "initial":
            self._invite(session, session.participants, now)

    def schedule(self, session: Session, *, now: float) -> Session:
        """What Prevail's Scheduling Team does with a request."""
        itself = self.organizations[session.organization].schedules_itself
        state: State = "ready" if itself else "scheduled"
        scheduled = replace(session, state=state)
        self.put_sessions([scheduled])
        self._invite(scheduled, scheduled.participants, now)
        return scheduled

    def cancel(
        self,
        remote_session_id: str,
        caller: Organization,
        switches: Switches,
        *,
        with_email: bool,
        now: float,
    ) -> CancelAnswer:
        session = self.sessions.get(remote_session_id)
        if session is None or (session.state == "initial" and switches.initial_cancel == "unknown"):
            return "unknown_session"
        if session.organization != caller.slug:
            return "foreign_session"
        needs_self_service = session.state != "initial" or switches.initial_needs_self_service
        if needs_self_service and not caller.self_service:
            return "self_service_disabled"
        if session.state == "canceled":
            if switches.second_cancel_mails and with_email:
                self._announce_cancel(session, now)
            return "already_canceled"
        if session.state not in CANCELLABLE:
            return "wrong_state"
        self.sessions[remote_session_id] = replace(session, state="canceled")
        self.counts.state_changes[remote_session_id] += 1
        if with_email:
            self._announce_cancel(session, now)
        return "canceled"

    def editable(self, remote_session_id: str, caller: Organization) -> Session | EditAnswer:
        session = self.sessions.get(remote_session_id)
        if session is None:
            return "unknown_session"
        if session.organization != caller.slug:
            return "foreign_session"
        if not caller.self_service:
            return "self_service_disabled"
        return session if session.state in EDITABLE else "not_editable"

    def edit(self, before: Session, after: Session, *, now: float) -> None:
        """Participants who are new are invited; whoever was there stays."""
        new = tuple(one for one in dict.fromkeys(after.participants) if one not in before.participants)
        edited = replace(after, participants=before.participants + new)
        self.put_sessions([edited])
        self._invite(edited, new, now)

    def _announce_cancel(self, session: Session, now: float) -> None:
        self.counts.emails[session.remote_session_id] += len(session.participants)
        subject = CANCEL_SUBJECT.format(title=session.title)
        self.outbox.extend(
            Email(to, subject, session.organization, session.remote_session_id, now)
            for to in session.participants
        )

    def _invite(self, session: Session, people: tuple[str, ...], now: float) -> None:
        self.counts.invitations[session.remote_session_id] += len(people)
        subject = INVITE_SUBJECT.format(title=session.title)
        self.outbox.extend(
            Email(to, subject, session.organization, session.remote_session_id, now, "invited")
            for to in people
        )

    def sessions_between(
        self, slug: str, start: int | None, end: int | None, switches: Switches
    ) -> list[Session]:
        """An organization's sessions in order of start; both ends inclusive, None is open."""
        if slug not in self._by_start:
            self._by_start[slug] = sorted(
                (session.starts_at, session.remote_session_id)
                for session in self.sessions.values()
                if session.organization == slug
            )
        ordered = self._by_start[slug]
        first = 0 if start is None else bisect_left(ordered, start, key=lambda row: row[0])
        last = len(ordered) if end is None else bisect_right(ordered, end, key=lambda row: row[0])
        found = [self.sessions[remote_session_id] for _, remote_session_id in ordered[first:last]]
        if end is not None and switches.list_window == "ends_before":
            found = [session for session in found if session.ends_at <= end]
        if switches.canceled_sessions == "hidden":
            found = [session for session in found if session.state != "canceled"]
        return found

    def report(self, session: Session, patches: int) -> SessionReport:
        of = session.remote_session_id
        return SessionReport(
            **asdict(session),
            patches=patches,
            state_changes=self.counts.state_changes[of],
            emails=self.counts.emails[of],
            invitations=self.counts.invitations[of],
        )

    def clear(self) -> None:
        self.organizations.clear()
        self.sessions.clear()
        self.outbox.clear()
        self.postbacks.clear()
        self.counts = Counts()
        self._by_start.clear()
