"""The emulator's memory. Nothing here awaits: on one event loop each method is atomic."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from prevail.assumed import CANCEL_SUBJECT
from prevail.faults import Faults
from prevail.model import CANCELLABLE, Call, Email, Organization, Session, SessionReport, Totals

type CancelAnswer = Literal[
    "unknown_session",
    "foreign_session",
    "self_service_disabled",
    "already_canceled",
    "wrong_state",
    "canceled",
]


class World:
    def __init__(self) -> None:
        self.organizations: dict[str, Organization] = {}
        self.sessions: dict[str, Session] = {}
        self.outbox: list[Email] = []
        self.calls: list[Call] = []
        self.faults = Faults()
        self._patches: Counter[str] = Counter()
        self._state_changes: Counter[str] = Counter()
        self._emails: Counter[str] = Counter()
        self._unauthorized = 0
        self._by_start: dict[str, list[tuple[int, str]]] = {}

    def put_organization(self, organization: Organization) -> None:
        self.organizations[organization.slug] = organization

    def put_sessions(self, sessions: Iterable[Session]) -> None:
        """Adds or replaces; the counts of a replaced session go on, for they are what the API did to it."""
        for session in sessions:
            self.sessions[session.remote_session_id] = session
        self._by_start.clear()

    def cancel(
        self, remote_session_id: str, caller: Organization, *, with_email: bool, now: float
    ) -> CancelAnswer:
        session = self.sessions.get(remote_session_id)
        if session is None:
            return "unknown_session"
        if session.organization != caller.slug:
            return "foreign_session"
        if not caller.self_service:
            return "self_service_disabled"
        if session.state == "canceled":
            return "already_canceled"
        if session.state not in CANCELLABLE:
            return "wrong_state"
        self.sessions[remote_session_id] = replace(session, state="canceled")
        self._state_changes[remote_session_id] += 1
        if with_email:
            self._announce_cancel(session, now)
        return "canceled"

    def _announce_cancel(self, session: Session, now: float) -> None:
        subject = CANCEL_SUBJECT.format(title=session.title)
        self._emails[session.remote_session_id] += len(session.participants)
        self.outbox.extend(
            Email(to, subject, session.organization, session.remote_session_id, now)
            for to in session.participants
        )

    def sessions_between(self, slug: str, start: int | None, end: int | None) -> list[Session]:
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
        return [self.sessions[remote_session_id] for _, remote_session_id in ordered[first:last]]

    def record(self, call: Call, *, patched: str | None) -> None:
        """`patched` is the session that a PATCH was for, whether there is one or not."""
        self.calls.append(call)
        self._unauthorized += call.answer == "unauthorized"
        if patched is not None:
            self._patches[patched] += 1

    def report(self, session: Session) -> SessionReport:
        of = session.remote_session_id
        return SessionReport(
            remote_session_id=of,
            organization=session.organization,
            state=session.state,
            title=session.title,
            starts_at=session.starts_at,
            time_zone=session.time_zone,
            participants=session.participants,
            patches=self._patches[of],
            state_changes=self._state_changes[of],
            emails=self._emails[of],
        )

    def totals(self) -> Totals:
        return Totals(
            patches=self._patches.total(),
            state_changes=self._state_changes.total(),
            emails=len(self.outbox),
            unauthorized=self._unauthorized,
        )

    def reset(self) -> None:
        self.organizations.clear()
        self.sessions.clear()
        self.outbox.clear()
        self.calls.clear()
        self.faults = Faults()
        self._patches.clear()
        self._state_changes.clear()
        self._emails.clear()
        self._unauthorized = 0
        self._by_start.clear()
