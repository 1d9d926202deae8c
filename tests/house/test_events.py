"""The samples of events/: made, not kept; real, and each becomes what it says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

import pytest

from cancellations.adapters import http_events, ledger_stream
from cancellations.admission import Admission, Received
from cancellations.ask import Ask
from cancellations.cancel import Cancel
from cancellations.claims import outcome_of
from cancellations.configuration import Source
from cancellations.domain import Outcome, Request
from cancellations.errors import SignatureRefused
from cancellations.intake import Ignored, Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup, entry
from cancellations.messages import request_from
from cancellations.ports import Stored
from cancellations.receive import Arrival, Receive, Result
from cancellations.source.presets import PRESETS, BodyKind
from cancellations.verify import Verify
from cancellations.waits import waits_in
from cancellations.work import Work
from cancellations.writes import number
from fakes import MemoryQueue, MemoryTable
from stack.issued import form_of
from streams import StreamedTable
from trial import gallery
from trial.gallery import SAMPLES, Draft, Event, Sample, files, published
from trial.gallery.changes import TOKEN
from trial.gallery.published import AT

SOURCES = files.configuration().sources


def of_kind(kind: type) -> list[Sample]:
    return [sample for sample in SAMPLES.values() if isinstance(sample.make(sample.published(AT)), kind)]


WEBHOOKS, EVENTS, ASKS = of_kind(Draft), of_kind(Event), of_kind(gallery.Ask)

each_webhook = pytest.mark.parametrize("sample", WEBHOOKS, ids=lambda sample: sample.name)


def story(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((files.EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return told


@dataclass(frozen=True, slots=True)
class PublishedSecrets:
    """What lies in events/secrets, or another secret for all."""

    instead: str | None = None

    def of(self, name: str) -> tuple[Stored, ...]:
        if self.instead:
            return (Stored("current", self.instead),)
        stored = json.loads((files.EVENTS / "secrets" / f"{name}.json").read_text(encoding="utf-8"))
        return (Stored("current", stored["signing_secret"]),)

    def refreshed(self, name: str) -> None:
        assert name


class Room:
    """The product's own rooms around tables in memory, under the configuration of the samples."""

    def __init__(self, sample: Sample, secrets: PublishedSecrets | None = None) -> None:
        self.table, self.queue = MemoryTable(), MemoryQueue()
        for theirs, session in sample.mapped(sample.published(AT)).items():
            self.table.write(entry(sample.source, theirs, session))
        self.intake = Intake(Lookup(self.table))
        self.admission = Admission(Ledger(self.table, lambda: "name", 180.0), self.queue)
        self.secrets = secrets or PublishedSecrets()

    def receive(self, event: Mapping[str, Any], now: float = AT) -> tuple[Result, ...]:
        verify = Verify(self.secrets, PublishedSecrets(), published.CRM_SECRET)
        receive = Receive(SOURCES, verify, self.intake, self.admission, map)
        arrival = receive(http_events.delivery_from(event), now)
        assert isinstance(arrival, Arrival)
        return arrival.results

    def work(self, event: Mapping[str, Any]) -> tuple[str, list[Request]]:
        canceled: list[Request] = []

        def cancel(request: Request, remaining: Callable[[], float]) -> Outcome:
            assert remaining() > 0
            canceled.append(request)
            return Outcome("canceled")

        sources, account = tuple(SOURCES.values()), "000000000000"
        work = Work(sources, account, self.intake, self.admission, cast("Cancel", cancel), lambda: AT)
        became = work(json.dumps(event), lambda: 60.0).result
        return word(became) if isinstance(became, Ignored) else "canceled", canceled


def word(result: Result) -> str:
    match result:
        case Received():
            return "canceled"
        case Ignored(_, name):
            return f"ignored by {name}"
    return str(result)


# ── What they become ──────────────────────────────────────────────────────────────────────────────


@each_webhook
def test_a_webhook_is_verified_and_becomes_what_its_sample_says(sample: Sample) -> None:
    results = Room(sample).receive(story(sample.name))
    assert tuple(map(word, results)) == sample.becomes


@each_webhook
def test_a_webhook_names_the_sessions_that_are_said_to_be_its_own(sample: Sample) -> None:
    fresh = sample.published(AT)
    named = [
        r.request.remote_session_id
        for r in Room(sample).receive(story(sample.name))
        if isinstance(r, Received)
    ]
    expected = [*sample.listed.values()] or [fresh.session, fresh.second_session]
    assert named == expected[: len(named)]


@pytest.mark.parametrize(
    "sample", [s for s in WEBHOOKS if s.source not in published.KEY_PAIRS], ids=lambda sample: sample.name
)
def test_a_webhook_is_refused_under_any_other_secret(sample: Sample) -> None:
    form = form_of(SOURCES[sample.source])
    assert form
    with pytest.raises(SignatureRefused):
        Room(sample, PublishedSecrets(form.made_up())).receive(story(sample.name))


@pytest.mark.parametrize("sample", EVENTS, ids=lambda sample: sample.name)
def test_a_bus_event_becomes_what_its_sample_says(sample: Sample) -> None:
    became, canceled = Room(sample).work(story(sample.name))
    assert (became,) == sample.becomes
    sessions = [*sample.listed.values()] or [sample.published(AT).session]
    assert [r.remote_session_id for r in canceled] == (sessions if became == "canceled" else [])


@pytest.mark.parametrize("sample", ASKS, ids=lambda sample: sample.name)
def test_an_ask_is_taken(sample: Sample) -> None:
    event, room = story(sample.name), Room(sample)
    ask = Ask(files.configuration().organizations, room.admission)
    taken = ask(http_events.delivery_from(event), http_events.caller_of(event), AT)
    assert isinstance(taken, Received)
    assert taken.request.remote_session_id == sample.published(AT).session


def test_the_stream_shows_what_the_ledger_writes() -> None:
    (settled, held), table = ledger_stream.changes_in(story("stream")), StreamedTable(lambda: AT)
    ledger = Ledger(table, lambda: TOKEN, 180.0)
    for change in (settled, held):
        ledger.accept(request_from(change.old), AT)
    ledger.settle(request_from(settled.old), outcome_of(settled.new, ("outcome",)), settled.at)
    waits, next_at = waits_in(held.new), number(held.new, "next_at") or 0.0
    assert waits is not None
    ledger.postpone(request_from(held.old), "held", waits=waits, next_at=next_at)
    assert [(c.old, c.new) for c in table.since(2)] == [(c.old, c.new) for c in (settled, held)]


# ── That none is missing, and none stale ──────────────────────────────────────────────────────────


def sources_with_samples() -> list[Source]:
    return [SOURCES[sample.source] for sample in SAMPLES.values() if sample.source in SOURCES]


def test_every_preset_has_a_sample() -> None:
    assert {source.verify for source in sources_with_samples()} == {*PRESETS, "bus"}


def test_every_kind_of_body_has_a_sample() -> None:
    assert {source.body for source in sources_with_samples()} == set(get_args(BodyKind.__value__))


def test_every_source_of_the_samples_has_a_sample() -> None:
    assert {source.name for source in sources_with_samples()} == set(SOURCES)


def made() -> dict[str, str]:
    return {**files.beside(), **files.rendered()}


def test_the_files_are_what_is_made() -> None:
    kept = {name: (files.EVENTS / name).read_text(encoding="utf-8") for name in made()}
    assert [name for name, text in made().items() if kept[name] != text] == []  # else: make events


def test_no_other_file_lies_among_them() -> None:
    by_hand = {"config/organizations.toml", "config/sources.toml"}
    there = {str(path.relative_to(files.EVENTS)) for path in files.EVENTS.rglob("*") if path.is_file()}
    assert there - by_hand == set(made())
