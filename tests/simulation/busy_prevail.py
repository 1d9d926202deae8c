"""Prevail as a fleet sees it: so many calls, each of which takes its time, and perhaps a limit of its own."""

import random
from collections import Counter
from dataclasses import dataclass, field

from cancellations.answers import Answer, Unread, answer_for
from cancellations.domain import Organization
from simulation.flow import Flow


@dataclass
class BusyPrevail:
    """Answers in `call_s`, a third more or less. limit: calls of an organization in a second; others hear 429.

    answers: the status of every PATCH. effects: by session.
    """

    flow: Flow
    chance: random.Random
    call_s: float
    limit: float | None = None
    status: int = 200
    calls: Counter[str] = field(default_factory=Counter)
    effects: Counter[str] = field(default_factory=Counter)
    most_in_a_second: Counter[str] = field(default_factory=Counter)
    _seconds: Counter[tuple[str, int]] = field(default_factory=Counter)

    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        assert token
        assert not without_email
        self._called(organization.slug)
        if self.limit is not None and self._seconds[organization.slug, int(self.flow.now)] > self.limit:
            return answer_for(429, None, 1.0)
        self.effects[remote_session_id] += self.status == 200
        self.flow.wait(self._takes())
        return answer_for(self.status)

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | Unread:
        assert token
        assert starts_at is None
        self._called(organization.slug)
        self.flow.wait(self._takes())
        return "canceled" if self.effects[remote_session_id] else "active"

    def _called(self, slug: str) -> None:
        self.calls[slug] += 1
        second = slug, int(self.flow.now)
        self._seconds[second] += 1
        self.most_in_a_second[slug] = max(self.most_in_a_second[slug], self._seconds[second])

    def _takes(self) -> float:
        return self.call_s * self.chance.uniform(2 / 3, 4 / 3)
