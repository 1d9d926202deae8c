"""Recorded deliveries, as whoever connects a source has them in files."""

import json
from dataclasses import dataclass, replace
from typing import Any

from cancellations.adapters import http_events
from cancellations.configuration import Source
from cancellations.domain import Delivery
from cancellations.ports import Stored
from cancellations.source.proof import KeySetFile
from trial.gallery import SAMPLES, Sample, files, published
from trial.gallery.published import AT
from trial.rehearsal import play
from trial.rehearsal.report import Finding, Report

SOURCES = files.configuration().sources


def event_of(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((files.EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return told


@dataclass(frozen=True, slots=True)
class Recorded:
    """A sample as it came, under a secret that is said to be its source's."""

    source: Source
    delivery: Delivery
    secret: str
    now: float = AT

    def but(
        self, *, body: bytes | None = None, secret: str | None = None, **headers: str | None
    ) -> "Recorded":
        """`headers` by their names with `_` for `-`; None takes one away."""
        changed = {**self.delivery.headers, **{n.replace("_", "-"): v for n, v in headers.items()}}
        kept = {name: value for name, value in changed.items() if value is not None}
        delivery = Delivery(self.source.name, kept, self.delivery.body if body is None else body)
        return replace(self, delivery=delivery, secret=secret or self.secret)

    def report(self, *, verified: bool = True) -> Report:
        stored = (Stored("current", self.secret),) if verified else None
        return play.webhook(self.source, self.delivery, stored, self.now)


def recorded(name: str, **changes: Any) -> Recorded:  # noqa: ANN401 - whatever the source's field holds
    """A webhook of events/, by the name of its sample. `changes` are to its source."""
    delivery = http_events.delivery_from(event_of(name))
    source = replace(SOURCES[delivery.source], **changes)
    keys = source.proof.keys if source.proof else None
    secret = keys.document if isinstance(keys, KeySetFile) else str(published.signing_key(source))
    return Recorded(source, delivery, secret)


def found(report: Report, name: str) -> list[Finding]:
    parts = (*report.parts, *(part for item in report.items for part in item.parts))
    return [finding for part in parts for finding in part.findings if finding.name == name]


def the(report: Report, name: str) -> Finding:
    """The only finding of this name."""
    (finding,) = found(report, name)
    return finding


def webhooks() -> list[Sample]:
    return [sample for sample in SAMPLES.values() if "pathParameters" in event_of(sample.name)]
