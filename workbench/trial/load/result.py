"""What became of a load, and whether it is what should have."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trial.load.posting import TAKEN
from trial.load.times import Times


@dataclass(frozen=True, slots=True)
class Load:
    """Counts of posts (copies included), of requests (one for each session), and at Prevail.

    answers, statuses: of the posts, and of the requests. `patched_once`: sessions with exactly one PATCH, not counting
    those that a fault kept from taking effect. faults: how many calls met which.
    answered, settled: how long it took from the moment each post was due, to the answer, and to `settled_at` in the
    ledger. `behind_ms`: how late the latest post left, for want of a free thread or of processor time here.
    """

    requests: int
    copies: int
    rate: float | None
    seed: int
    answers: Mapping[str, int]
    statuses: Mapping[str, int]
    changed_once: int
    patched_once: int
    patches: int
    emails: int
    dead_letters: int
    faults: Mapping[str, int]
    posting_s: float
    settling_s: float
    behind_ms: float
    answered: Times | None
    settled: Times | None

    @property
    def posts(self) -> int:
        return self.requests + self.copies

    @property
    def settled_well(self) -> bool:
        """Each request canceled its session, once, and nobody was mailed."""
        return not any(self._ends())

    @property
    def wrong(self) -> tuple[str, ...]:
        """A sentence for each thing that is not as it should be."""
        return (*self._answers(), *self._ends())

    def _answers(self) -> Iterator[str]:
        others = {answer: count for answer, count in self.answers.items() if answer != TAKEN}
        if self.answers.get(TAKEN, 0) != self.posts:
            yield f"of {self.posts} posts not all were answered {TAKEN}: {told(others)}"

    def _ends(self) -> Iterator[str]:
        others = {status: count for status, count in self.statuses.items() if status != "canceled"}
        if self.statuses.get("canceled", 0) != self.requests:
            yield f"of {self.requests} requests not all settled as canceled: {told(others)}"
        if self.changed_once != self.requests:
            yield f"of {self.requests} sessions only {self.changed_once} were canceled once"
        if self.patched_once != self.requests:
            yield f"of {self.requests} sessions only {self.patched_once} got one PATCH"
        if self.emails:
            yield f"{self.emails} e-mails were sent, and none was asked for"
        if self.dead_letters:
            yield f"{self.dead_letters} messages are dead letters: `cancelctl doctor` looks into them"


def told(counts: Mapping[str, int]) -> str:
    return " + ".join(f"{count} x {what}" for what, count in sorted(Counter(counts).items())) or "none"
