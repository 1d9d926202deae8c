"""What a table of sources.toml says of a source, but for how it proves itself (test_configuration_proofs.py)."""

from pathlib import Path
from typing import Any

import pytest

from builders import (
    ACCOUNT,
    IS_CANCELED,
    a_bus_table,
    a_source_table,
    an_organization_table,
    faults_of,
    some_configuration,
)
from cancellations.configuration import Source, load_directory
from cancellations.domain import OUTCOMES, BusMatch
from cancellations.source import mapping
from cancellations.source.presets import PRESETS
from configured import OF_ITEMS, REQUEST, fault_of, of_bus, of_source, source_in

DOCUMENT: dict[str, Any] = {
    "headers": {"webhook-id": "msg_1", "svix-id": "msg_2", "x-github-delivery": "unsigned"},
    "body": {"id": "evt_1", "event_id": "Ev1", "session": "session-1", "type": "deposition.canceled"},
    "claims": {"jti": "token-1"},
    "sha256": "5ba93c9d",
    "item": {
        "source": "/crm",
        "id": "ce-1",
        "subscriptionId": 1,
        "eventId": 2,
        "occurredAt": 3,
        "objectId": 4,
    },
}


def event_id_by(source: Source) -> str:
    """The event id that a source finds in the document above."""
    request = {"headers": DOCUMENT["headers"], **DOCUMENT}
    return mapping.asked(source.expressions, request).event_id


CLOUD_EVENTS = a_source_table(
    body="cloudevents", filter="item.type == 'x'", request={"remote_session_id": "item.data.session"}
)
SOAP = a_source_table(
    body="salesforce-outbound",
    filter="item.fields.Status__c == 'Canceled'",
    request={"remote_session_id": "item.fields.Session__c"},
)


def table_of(preset: str, **changes: object) -> dict[str, object]:
    """The least that a source of a preset needs beside what is common to all."""
    needed: dict[str, dict[str, object]] = {
        "hmac": {"hmac": {}, "request": {**REQUEST, "event_id": "body.id"}},
        "prevail-postback": {"request": {**REQUEST, "event_id": "claims.jti"}},
        "hubspot": {
            "public_url": "https://hooks.example.com/v1/webhooks/acme",
            "filter": "item.propertyValue == 'canceled'",
            "request": {"remote_session_id": "item.objectId"},
        },
        "square": {"public_url": "https://hooks.example.com/v1/webhooks/acme"},
    }
    return a_source_table(verify=preset, **{**needed.get(preset, {}), **changes})


# ── What is said where nothing is said ────────────────────────────────────────────────────────────


def test_sources_of_webhooks_are_read(tmp_path: Path) -> None:
    source = source_in(some_configuration(tmp_path))
    assert (source.organizations, source.verify, source.bus) == (("acme-legal",), "standard-webhooks", None)
    assert (source.body, source.mode, source.greeting, source.lookup) == ("json", "active", None, None)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_source_with_the_least_that_can_be_said(tmp_path: Path, preset: str) -> None:
    directory = some_configuration(tmp_path, sources={"acme": table_of(preset)})
    assert faults_of(directory) == ()
    assert source_in(directory).verify == preset


@pytest.mark.parametrize("account", [None, ACCOUNT])
def test_sources_on_the_bus_are_read(tmp_path: Path, account: str | None) -> None:
    source = source_in(of_bus(tmp_path, account=account))
    assert source.bus == BusMatch("com.acme.crm", "DepositionCanceled", account)
    assert (source.proof, source.verify) == (None, "bus")


def test_a_partners_events_may_be_named(tmp_path: Path) -> None:
    partner = "aws.partner/salesforce.com/00D0/1"
    source = source_in(of_bus(tmp_path, source=partner))
    assert source.bus == BusMatch(partner, "DepositionCanceled", None)


def test_our_own_outcomes_cannot_be_taken_for_cancellations(tmp_path: Path) -> None:
    fault = fault_of(of_bus(tmp_path, source=OUTCOMES))
    assert fault == "sources.toml: [acme.bus] source is that of our own outcomes; name the producer's source"


def test_a_bus_source_without_its_table_is_one_fault(tmp_path: Path) -> None:
    table = {name: value for name, value in a_bus_table().items() if name != "bus"}
    fault = fault_of(some_configuration(tmp_path, sources={"acme": table}))
    assert fault == "sources.toml: [acme] bus is missing; it is the table that says which events are meant"


# ── Events ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("table", "event_id"),
    [
        pytest.param(a_source_table(), "msg_1", id="standard-webhooks"),
        pytest.param(a_bus_table(), "evt_1", id="bus"),
        pytest.param(table_of("svix"), "msg_2", id="svix"),
        pytest.param(table_of("stripe"), "evt_1", id="stripe"),
        pytest.param(table_of("github"), "5ba93c9d", id="github"),
        pytest.param(table_of("shopify"), "5ba93c9d", id="shopify"),
        pytest.param(table_of("slack"), "Ev1", id="slack"),
        pytest.param(table_of("zendesk"), "evt_1", id="zendesk"),
        pytest.param(table_of("hubspot"), "[1,2,3,4]", id="hubspot"),
        pytest.param(table_of("jwt"), "token-1", id="jwt"),
        pytest.param(CLOUD_EVENTS, '["/crm","ce-1"]', id="cloudevents"),
        pytest.param(SOAP, "ce-1", id="salesforce-outbound"),
        pytest.param(a_source_table(request={**REQUEST, "event_id": "body.id"}), "evt_1", id="own"),
        pytest.param(
            a_source_table(items="body", request={**OF_ITEMS, "event_id": ["body.id", "item.eventId"]}),
            '["evt_1",2]',
            id="own-of-two",
        ),
    ],
)
def test_a_source_knows_where_its_event_id_is(
    tmp_path: Path, table: dict[str, object], event_id: str
) -> None:
    assert event_id_by(source_in(some_configuration(tmp_path, sources={"acme": table}))) == event_id


@pytest.mark.parametrize("preset", ["hmac", "prevail-postback"])
def test_where_nobody_knows_the_event_id_it_must_be_said(tmp_path: Path, preset: str) -> None:
    directory = some_configuration(tmp_path, sources={"acme": table_of(preset, request=REQUEST)})
    assert fault_of(directory).startswith("sources.toml: [acme.request] event_id is missing; ")


def test_the_flag_may_be_a_constant(tmp_path: Path) -> None:
    source = source_in(of_source(tmp_path, request={**REQUEST, "cancel_without_email": True}))
    assert source.expressions.cancel_without_email is True


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────

FILTERED = [name for name, preset in PRESETS.items() if preset.filtered and not preset.filters]
OWN_FILTERS = [name for name, preset in PRESETS.items() if preset.filters]
UNFILTERED = [name for name, preset in PRESETS.items() if not preset.filtered]


def without_filter(preset: str) -> dict[str, object]:
    return {name: value for name, value in table_of(preset).items() if name != "filter"}


def test_every_preset_is_one_of_three_kinds() -> None:
    assert sorted([*FILTERED, *OWN_FILTERS, *UNFILTERED]) == sorted(PRESETS)
    assert FILTERED
    assert OWN_FILTERS
    assert UNFILTERED


@pytest.mark.parametrize("filters", [{}, {"filter": {}}], ids=["no-filter", "empty-filter"])
@pytest.mark.parametrize("preset", FILTERED)
def test_a_source_that_announces_other_things_too_needs_a_filter(
    tmp_path: Path, preset: str, filters: dict[str, object]
) -> None:
    table = {**without_filter(preset), **filters}
    fault = fault_of(some_configuration(tmp_path, sources={"acme": table}))
    assert fault.startswith("sources.toml: [acme] filter is missing; say which deliveries are cancellations")


def test_a_misspelled_filter_is_told_as_that(tmp_path: Path) -> None:
    table = {**without_filter("github"), "fliter": IS_CANCELED}
    faults = faults_of(some_configuration(tmp_path, sources={"acme": table}))
    assert [line for line in faults if "fliter is not known here; did you mean 'filter'?" in line]


@pytest.mark.parametrize("preset", [*OWN_FILTERS, *UNFILTERED])
def test_a_source_whose_preset_tells_cancellations_apart_needs_none(tmp_path: Path, preset: str) -> None:
    assert faults_of(some_configuration(tmp_path, sources={"acme": without_filter(preset)})) == ()


def test_a_bus_source_needs_no_filter(tmp_path: Path) -> None:
    assert faults_of(some_configuration(tmp_path, sources={"acme": a_bus_table()})) == ()


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (IS_CANCELED, ["canceled", "not-rescheduled", "filter"]),
        ({"ours": "body.ours"}, ["canceled", "not-rescheduled", "ours"]),
        ({"canceled": "body.off"}, ["canceled", "not-rescheduled"]),
    ],
    ids=["one", "named", "in-place-of-the-presets"],
)
def test_filters_of_ones_own_come_on_top_of_the_presets(
    tmp_path: Path, written: object, names: list[str]
) -> None:
    directory = some_configuration(tmp_path, sources={"acme": table_of("calendly", filter=written)})
    assert list(source_in(directory).expressions.filters) == names


def test_a_filter_of_the_same_name_takes_the_place_of_the_presets(tmp_path: Path) -> None:
    table = table_of("calendly", filter={"canceled": "body.off"})
    filters = source_in(some_configuration(tmp_path, sources={"acme": table})).expressions.filters
    assert filters["canceled"].written == "body.off"


# ── Items ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("table", "items"),
    [
        (a_source_table(), None),
        (a_source_table(items="body.events", request=OF_ITEMS), "body.events"),
        (CLOUD_EVENTS, "body"),
        (SOAP, "body.notifications"),
        (table_of("hubspot"), "body"),
        (a_bus_table(items="body.detail.payload", request=OF_ITEMS), "body.detail.payload"),
    ],
    ids=["none", "own", "cloudevents", "salesforce-outbound", "hubspot", "bus"],
)
def test_a_source_knows_where_its_items_are(
    tmp_path: Path, table: dict[str, object], items: str | None
) -> None:
    found = source_in(some_configuration(tmp_path, sources={"acme": table})).expressions.items
    assert (found and found.written) == items


# ── Organizations ─────────────────────────────────────────────────────────────────────────────────


def of_many(directory: Path, organization: object) -> Path:
    names = ("acme-legal", "acme-east")
    return some_configuration(
        directory,
        organizations={name: an_organization_table(secret=name) for name in names},
        sources={"acme": a_source_table(organization=organization)},
    )


def test_a_source_may_speak_for_those_of_a_list(tmp_path: Path) -> None:
    allowed = {"from": "body.account", "map": {"1": "acme-legal", "2": "acme-east", "3": "acme-legal"}}
    assert source_in(of_many(tmp_path, allowed)).organizations == ("acme-east", "acme-legal")


@pytest.mark.parametrize(
    ("allowed", "fault"),
    [
        ({"map": {"1": "acme-legal"}}, "[acme.organization] from is missing; "),
        ({"from": "body.a"}, "[acme.organization] map is missing; it is which value means which "),
        (
            {"from": "body.a", "map": {"1": "acme-lega"}},
            "[acme.organization.map] 1 is 'acme-lega'; did you mean 'acme-legal'?",
        ),
        (
            {"from": "body.a", "map": {"1": "acme-legal"}, "default": "acme-legal"},
            "[acme.organization] default is not known here; choose one of: from, map",
        ),
    ],
)
def test_a_list_of_organizations_that_is_not_whole_is_a_fault(
    tmp_path: Path, allowed: object, fault: str
) -> None:
    assert fault_of(of_many(tmp_path, allowed)).startswith(f"sources.toml: {fault}")


# ── Modes, bodies, greetings ──────────────────────────────────────────────────────────────────────


FRAMES = ("hmac", "jwt", "api-key", "basic")


@pytest.mark.parametrize("mode", ["active", "observe"])
def test_a_source_may_be_watched_first(tmp_path: Path, mode: str) -> None:
    assert source_in(of_source(tmp_path, mode=mode)).mode == mode


@pytest.mark.parametrize("body", ["json", "form", "cloudevents", "salesforce-outbound"])
def test_a_source_may_send_other_bodies_than_its_preset(tmp_path: Path, body: str) -> None:
    root = "body" if body in ("json", "form") else "item"
    fields = f"{root}.fields" if body == "salesforce-outbound" else root
    table = a_source_table(
        body=body,
        filter=f"{fields}.kind == 'x'",
        request={**REQUEST, "remote_session_id": f"{fields}.session"},
    )
    assert source_in(some_configuration(tmp_path, sources={"acme": table})).body == body


def test_the_body_of_a_postback_is_its_token_and_nothing_else(tmp_path: Path) -> None:
    table = table_of("prevail-postback")
    assert source_in(some_configuration(tmp_path, sources={"acme": table})).body == "claims"
    assert fault_of(some_configuration(tmp_path, sources={"acme": {**table, "body": "json"}})).startswith(
        "sources.toml: [acme] body is not known here; "
    )


@pytest.mark.parametrize(
    ("table", "greeting"),
    [
        (table_of("clio"), None),
        (table_of("clio", handshake=False), None),
        (table_of("clio", handshake=True), "x-hook-secret"),
        (table_of("slack"), "challenge"),
        (table_of("github"), None),
        *((table_of(frame), None) for frame in FRAMES),
        *((table_of(frame, handshake=True), "unsigned-challenge") for frame in FRAMES),
    ],
    ids=[
        *("clio", "clio-false", "clio-true", "slack", "github"),
        *FRAMES,
        *(f"{frame}-true" for frame in FRAMES),
    ],
)
def test_an_unsigned_greeting_is_answered_only_where_it_is_expected(
    tmp_path: Path, table: dict[str, object], greeting: str | None
) -> None:
    assert source_in(some_configuration(tmp_path, sources={"acme": table})).greeting == greeting


def test_sources_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    tables = {name: a_source_table(secret=name) for name in ("zeta", "alpha", "mid")}
    assert list(load_directory(some_configuration(tmp_path, sources=tables)).sources) == list(tables)
