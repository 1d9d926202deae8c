"""What the template lets the announcer see, and that what it says never comes back as a cancellation."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, get_args

import pytest
from moto.events.models import EventPattern, EventPatternParser

from builders import NOW, a_request
from cancellations import announce
from cancellations.adapters.aws import LONGEST_CALL_S
from cancellations.domain import OUTCOMES, Settled, Status, Unsettled
from cancellations.news import Change, Kind, news_in
from cancellations.protocol import request_key
from cancellations.writes import Item
from house.template import ROOT, of_type, template
from outcomes import SCHEMA, described, schema
from streams import record_of

FUNCTION = of_type("AWS::Serverless::Function")["AnnounceFunction"]
STREAM = FUNCTION["Events"]["Changes"]["Properties"]
STATUSES: tuple[Status, ...] = (*get_args(Unsettled.__value__), *get_args(Settled.__value__))
REQUEST = a_request()


def an_image(status: Status, *, escalated: bool, accepted_by: str = "token") -> Item:
    known: Item = {
        "pk": request_key(REQUEST.id),
        **REQUEST.as_json(),
        "status": status,
        "accepted_by": accepted_by,
    }
    settled: Item = (
        {"outcome": {"status": status}, "settled_at": NOW} if status in get_args(Settled.__value__) else {}
    )
    return {**known, **settled, **({"escalated_at": NOW} if escalated else {})}


def images() -> list[Item]:
    return [
        an_image(status, escalated=escalated, accepted_by=life)
        for status in STATUSES
        for escalated in (False, True)
        for life in ("token", "another life")
    ]


def changes() -> Iterator[Change]:
    """From every image, and from none, to every image, and to none; a life begins queued, or settled at once."""
    every: list[Item] = [{}, *images()]
    for old, new in product(every, every):
        change = Change("1", NOW, old, new)
        if change.before or new.get("status") in ("queued", *get_args(Settled.__value__)):
            yield change


# ── What it sees ──────────────────────────────────────────────────────────────────────────────────


@cache
def patterns() -> list[EventPattern]:
    written = [json.loads(one["Pattern"]) for one in STREAM["FilterCriteria"]["Filters"]]
    return [EventPattern(None, pattern) for pattern in written]


def let_through(change: Change) -> bool:
    record: Any = record_of(change)
    return any(pattern.matches_event(record) for pattern in patterns())


def test_all_that_is_news_gets_through_the_filters() -> None:
    news = [change for change in changes() if news_in(change)]
    assert len(news) > 300
    assert [change for change in news if not let_through(change)] == []


@pytest.mark.parametrize("status", ["queued", "in_flight", "retrying", "outcome_unknown"])
def test_a_request_on_its_way_wakes_nobody(status: Status) -> None:
    assert not let_through(Change("1", NOW, {}, an_image(status, escalated=False)))
    for before in ("queued", "in_flight", "retrying", "outcome_unknown"):
        old = {**an_image(before, escalated=False), "sweeps": 1}
        assert not let_through(Change("1", NOW, old, an_image(status, escalated=False)))


def test_a_request_that_is_held_again_wakes_nobody() -> None:
    held = an_image("held", escalated=False)
    assert not let_through(Change("1", NOW, held, {**held, "next_at": NOW}))


@pytest.mark.parametrize("key", ["SESSION#acme#s1", "GUARD#acme", "CAP#acme", "LOOKUP#acme#1"])
def test_items_that_are_no_requests_wake_nobody(key: str) -> None:
    moved = [{**image, "pk": key} for image in images()]
    assert not any(let_through(Change("1", NOW, old, new)) for old in moved for new in moved)


def test_a_record_that_expires_wakes_nobody() -> None:
    assert not any(let_through(Change("1", NOW, image, {})) for image in images())


# ── How it is called ──────────────────────────────────────────────────────────────────────────────


def test_what_fails_is_reported_and_halved_and_given_up_in_the_end() -> None:
    assert STREAM["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert STREAM["BisectBatchOnFunctionError"] is True
    assert 10 <= STREAM["MaximumRetryAttempts"] <= 1000
    assert 3600 <= STREAM["MaximumRecordAgeInSeconds"] <= 86400


def test_what_is_given_up_has_a_place_of_its_own() -> None:
    failed = STREAM["DestinationConfig"]["OnFailure"]
    assert failed == {"Type": "SQS", "Destination": {"Fn::GetAtt": "AnnounceDeadLetters.Arn"}}


def test_changes_of_one_request_are_announced_by_one_after_the_other() -> None:
    assert STREAM["ParallelizationFactor"] == 1


def test_what_was_written_before_it_was_there_is_announced_too() -> None:
    assert STREAM["StartingPosition"] == "TRIM_HORIZON"


def test_images_before_and_after_are_in_the_stream() -> None:
    ledger = of_type("AWS::DynamoDB::Table")["Ledger"]
    assert ledger["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_the_last_call_that_is_begun_ends_before_the_function_does() -> None:
    assert LONGEST_CALL_S < announce.ENOUGH_S < FUNCTION["Timeout"] / 2


# ── No loop ───────────────────────────────────────────────────────────────────────────────────────


def outcome_events() -> list[Any]:
    return [{"source": OUTCOMES, "detail-type": kind, "account": "1"} for kind in get_args(Kind.__value__)]


def sources_allowed() -> re.Pattern[str]:
    return re.compile(template()["Parameters"]["BusEventSources"]["AllowedPattern"])


def test_no_deployment_can_listen_to_its_own_outcomes() -> None:
    assert not sources_allowed().fullmatch(OUTCOMES)


@pytest.mark.parametrize("source", ["com.example.crm", "aws.partner/salesforce.com/1", f"{OUTCOMES}.crm"])
def test_every_other_source_can_be_listened_to(source: str) -> None:
    assert sources_allowed().fullmatch(source)


TO_THE_WORKER = [
    rule
    for rule in of_type("AWS::Events::Rule").values()
    if {"Fn::GetAtt": "Queue.Arn"} in [target["Arn"] for target in rule["Targets"]]
]


def test_what_reaches_the_worker_is_of_sources_that_the_parameter_allows() -> None:
    """Whatever detail-types a deployment chooses: a rule asks for the source, and ours is none that it may name."""
    assert [rule["EventPattern"]["source"] for rule in TO_THE_WORKER] == [{"Ref": "BusEventSources"}] * 2
    default = template()["Parameters"]["BusEventSources"]["Default"]
    written = {"source": [default], "detail-type": list(get_args(Kind.__value__))}
    pattern = EventPattern(None, EventPatternParser(json.dumps(written)).parse())
    assert [event for event in outcome_events() if pattern.matches_event(event)] == []


# ── What is published of it ───────────────────────────────────────────────────────────────────────


def test_the_schema_knows_every_kind_of_event_and_no_other() -> None:
    assert schema()["properties"]["detail-type"]["enum"] == list(get_args(Kind.__value__))
    assert {one["properties"]["detail-type"]["const"] for one in schema()["oneOf"]} == set(
        get_args(Kind.__value__)
    )
    assert all(described(kind) for kind in get_args(Kind.__value__))


def test_the_schema_is_of_the_version_that_is_announced() -> None:
    assert schema()["$defs"]["Request"]["properties"]["version"] == {
        **schema()["$defs"]["Request"]["properties"]["version"],
        "const": announce.VERSION,
    }
    assert schema()["$id"].endswith(f":{announce.VERSION}")


def test_the_documents_name_every_kind_of_event() -> None:
    told = (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")
    assert [kind for kind in get_args(Kind.__value__) if f"`{kind}`" not in told] == []
    assert SCHEMA.relative_to(ROOT / "docs").as_posix() in told
