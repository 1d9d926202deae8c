"""What a rehearsal found, as values: to be shown to a person, or printed as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

LEAST_SECRET = 6
"""What is shorter would take ordinary words out of the findings."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`good` None: neither good nor bad. `mend`: what to do about it."""

    name: str
    said: str
    good: bool | None = None
    mend: str | None = None


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

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Veil:
    """Takes secrets out of what is told."""

    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def over(cls, secrets: Iterable[str]) -> "Veil":
        long = {secret for secret in secrets if len(secret) >= LEAST_SECRET}
        return cls(tuple(sorted(long, key=len, reverse=True)))

    def text(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "(secret)")
        return text

    def report(self, report: Report) -> Report:
        return replace(
            report,
            verdict=self.text(report.verdict),
            parts=tuple(map(self._part, report.parts)),
            items=tuple(map(self._item, report.items)),
        )

    def _item(self, item: ItemReport) -> ItemReport:
        request = json.loads(self.text(json.dumps(item.request)))
        parts = tuple(map(self._part, item.parts))
        return replace(item, becomes=self.text(item.becomes), parts=parts, request=request)

    def _part(self, part: Part) -> Part:
        return replace(part, findings=tuple(map(self._finding, part.findings)))

    def _finding(self, one: Finding) -> Finding:
        return replace(one, said=self.text(one.said), mend=self.text(one.mend) if one.mend else None)
