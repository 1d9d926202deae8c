"""What a rehearsal found, as values: to be shown to a person, or printed as JSON."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from trial.rehearsal.causes import Cause, fixes

LEAST_SECRET = 6
"""What is shorter would take ordinary words out of the findings."""
PIECE = 10
"""As many characters of a secret in a row are no coincidence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`good` None: neither good nor bad. `mend`: what to do about it. `causes`: the same, each under its code."""

    name: str
    said: str
    good: bool | None = None
    mend: str | None = None
    causes: tuple[Cause, ...] = ()


def wrong(name: str, said: str, *causes: Cause) -> Finding:
    """A finding that is not good, with what its causes say to do."""
    return Finding(name, said, good=False, mend=fixes(causes) or None, causes=causes)


def without(finding: Finding, codes: AbstractSet[str]) -> Finding:
    """The same finding without the causes of these codes, and without what they say to do."""
    kept = tuple(cause for cause in finding.causes if cause.code not in codes)
    return finding if kept == finding.causes else replace(finding, mend=fixes(kept) or None, causes=kept)


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ItemReport:
    """`request`: what would be asked for, with the id under which it would be known."""

    becomes: str
    good: bool
    parts: tuple[Part, ...]
    request: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`good`: it would be accepted, all of it. `answer`: the HTTP status for its sender, None on the bus."""

    source: str
    good: bool
    verdict: str
    answer: int | None
    parts: tuple[Part, ...]
    items: tuple[ItemReport, ...] = ()

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Of all findings, each once."""
        parts = (*self.parts, *(part for item in self.items for part in item.parts))
        every = (cause for part in parts for finding in part.findings for cause in finding.causes)
        return tuple(dict.fromkeys(every))

    def as_dict(self) -> dict[str, Any]:
        """`causes` has a stable form: a list of {code, said, fix}."""
        return {**asdict(self), "causes": [asdict(cause) for cause in self.causes]}


@dataclass(frozen=True, slots=True)
class Veil:
    """Takes secrets out of what is told, and parts of them: findings show the beginning of long texts.

    pieces: every run of PIECE characters of a secret, by its length; shorter for shorter secrets.
    """

    pieces: Mapping[int, frozenset[str]] = field(repr=False)

    @classmethod
    def over(cls, secrets: Iterable[str]) -> "Veil":
        found: dict[int, set[str]] = {}
        for secret in secrets:
            if (size := min(len(secret), PIECE)) >= LEAST_SECRET:
                runs = (secret[at : at + size] for at in range(len(secret) - size + 1))
                found.setdefault(size, set()).update(runs)
        return cls({size: frozenset(runs) for size, runs in found.items()})

    def text(self, text: str) -> str:
        hidden = bytearray(len(text))
        for size, runs in self.pieces.items():
            for at in range(len(text) - size + 1):
                if text[at : at + size] in runs:
                    hidden[at : at + size] = b"\1" * size
        runs_of_text = groupby(zip(hidden, text, strict=True), key=itemgetter(0))
        return "".join("(secret)" if veiled else "".join(c for _, c in run) for veiled, run in runs_of_text)

    def report(self, report: Report) -> Report:
        return replace(
            report,
            verdict=self.text(report.verdict),
            parts=tuple(map(self._part, report.parts)),
            items=tuple(map(self._item, report.items)),
        )

    def _item(self, item: ItemReport) -> ItemReport:
        parts = tuple(map(self._part, item.parts))
        asked = (item.request or {}).items()
        request = {
            name: self.text(value) if isinstance(value, str) else value for name, value in asked
        } or None
        return replace(item, becomes=self.text(item.becomes), parts=parts, request=request)

    def _part(self, part: Part) -> Part:
        return replace(part, findings=tuple(map(self._finding, part.findings)))

    def _finding(self, one: Finding) -> Finding:
        causes = tuple(Cause(c.code, self.text(c.said), self.text(c.fix)) for c in one.causes)
        mend = self.text(one.mend) if one.mend else None
        return replace(one, said=self.text(one.said), mend=mend, causes=causes)
