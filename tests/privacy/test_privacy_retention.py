"""What is known of a request outlives every way in which its delivery can come again; nothing is kept for ever."""

import re
from typing import Any

import pytest

from builders import NOW, a_request, a_result, some_evidence, some_names
from cancellations.cancel import MAX_AGE_S
from cancellations.domain import Outcome
from cancellations.ledger import Ledger
from cancellations.protocol import Claim, request_key, session_key
from cancellations.protocol.operators import Entry, note
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.source.presets import PRESETS
from fakes import MemoryTable
from house.template import ROOT, of_type, template

DAY_S = 24 * 3600.0
PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")

ARCHIVE_DAYS = 365
"""From an archive of the bus, ours or its producer's, an event is replayed for a year at most: docs/privacy.md."""


def kept_by(queue: str) -> float:
    return float(of_type("AWS::SQS::Queue")[queue]["MessageRetentionPeriod"])


def on_its_way_s() -> float:
    """In the queue, among the dead letters, and once more in the queue, where a person has put it back."""
    return kept_by("Queue") + kept_by("DeadLetters") + kept_by("Queue")


def bus_s() -> float:
    """A rule that cannot deliver tries on; what it gives up is kept for a person."""
    targets = [target for rule in of_type("AWS::Events::Rule").values() for target in rule["Targets"]]
    tried = max(float(target["RetryPolicy"]["MaximumEventAgeInSeconds"]) for target in targets)
    return tried + kept_by("BusDeadLetters")


def archives_s() -> float:
    """Of the template, where it has one: its longest, or what a parameter allows at most."""
    resources: dict[str, Any] = template()["Resources"]
    days = [
        r["Properties"]["RetentionDays"] for r in resources.values() if r["Type"] == "AWS::Events::Archive"
    ]
    return max([ARCHIVE_DAYS, *(_most(written) for written in days)]) * DAY_S


def _most(days: Any) -> float:  # noqa: ANN401 - a number, or a reference to a parameter
    if isinstance(days, dict):
        parameter = template()["Parameters"][days["Ref"]]
        return float(max(parameter.get("AllowedValues", [parameter.get("MaxValue", parameter["Default"])])))
    return float(days)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_request_is_known_for_longer_than_its_sender_repeats_it(preset: str) -> None:
    assert PRESETS[preset].repeats_days * DAY_S + on_its_way_s() < KEPT_FOR_S


def test_a_request_is_known_for_longer_than_an_event_is_replayed() -> None:
    """Known from the first arrival; what is replayed last may wait on its way as anything does."""
    assert archives_s() + bus_s() + kept_by("Queue") + kept_by("DeadLetters") < KEPT_FOR_S


def test_a_request_is_known_for_longer_than_anything_waits() -> None:
    assert MAX_AGE_S + on_its_way_s() < KEPT_FOR_S


def test_the_table_removes_what_has_expired() -> None:
    (ledger,) = of_type("AWS::DynamoDB::Table").values()
    assert ledger["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_a_session_is_known_for_as_long_after_its_last_claim_as_a_request() -> None:
    """So that no request outlives the record of what was done for it."""
    table = MemoryTable()
    ledger, request = Ledger(table, some_names(), 180.0), a_request()
    ledger.accept(request, NOW)
    ledger.claim(request, NOW + 60)
    asked, session = table.items[request_key(request.id)], table.items[session_key(request)]
    assert (asked["expires_at"], session["expires_at"]) == (NOW + KEPT_FOR_S, NOW + 60 + KEPT_FOR_S)


def test_a_session_that_was_not_removed_yet_is_believed_past_its_time() -> None:
    """What is canceled stays so; asking Prevail again would say the same."""
    table = MemoryTable()
    ledger, request = Ledger(table, some_names(), 180.0), a_request()
    held = ledger.claim(request, NOW)
    assert isinstance(held, Claim)
    ledger.record_canceled(request, held, ours=True, result=a_result(200), evidence=some_evidence(200))
    later = ledger.claim(a_request(event_id="later"), NOW + 2 * KEPT_FOR_S)
    assert getattr(later, "by", None) == request.id


def test_a_request_that_begins_anew_holds_nothing_of_the_one_before() -> None:
    table = MemoryTable()
    ledger = Ledger(table, some_names(), 180.0)
    first = a_request(reason="The witness is ill.", requested_by="somebody", starts_at=NOW)
    ledger.accept(first, NOW)
    ledger.settle(first, Outcome("canceled", evidence=some_evidence(200)), NOW)
    fresh, later = MemoryTable(), NOW + KEPT_FOR_S + 1
    ledger.accept(a_request(), later)
    Ledger(fresh, some_names(), 180.0).accept(a_request(), later)
    assert table.items[request_key(first.id)].keys() == fresh.items[request_key(first.id)].keys()


def test_an_entry_of_the_operators_log_outlives_every_record_that_was_there_when_it_was_written() -> None:
    table = MemoryTable()
    table.write(note(Entry(NOW, "somebody", "privacy erase", "REQUEST#1"), token="name"))
    (entry,) = table.items.values()
    assert entry["expires_at"] == NOW + KEPT_FOR_S


# ── What the document says ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("what", "days"),
    [
        ("requests", KEPT_FOR_S / DAY_S),
        ("sessions", KEPT_FOR_S / DAY_S),
        ("the log of operators", KEPT_FOR_S / DAY_S),
        ("the queue", kept_by("Queue") / DAY_S),
        ("dead letters", kept_by("DeadLetters") / DAY_S),
        ("dead letters of the bus", kept_by("BusDeadLetters") / DAY_S),
        ("logs of the functions and the gateway", template()["Parameters"]["LogRetentionDays"]["Default"]),
    ],
)
def test_the_document_says_how_long_each_is_kept(what: str, days: float) -> None:
    (row,) = re.findall(rf"^\| {re.escape(what)} \|.*$", PRIVACY, re.MULTILINE)
    assert re.search(rf"\b{days:.0f} days\b", row)
