"""An expression that cannot mean what it says is a fault: a typing error must never cancel, nor swallow, anything."""

from pathlib import Path

import pytest

from builders import IS_CANCELED, a_bus_table, a_source_table, faults_of, some_configuration
from configured import OF_ITEMS, REQUEST, fault_of, of_request, of_source

SOAP = a_source_table(body="salesforce-outbound", request={"remote_session_id": "item.fields.Session__c"})
FORM = a_source_table(body="form", request={"remote_session_id": "body.session"})
EVENTS = a_source_table(body="cloudevents", request={"remote_session_id": "item.data.session"})
BUS = a_bus_table()


def fault_of_filter(directory: Path, written: str, table: dict[str, object] | None = None) -> str:
    table = {**(table or a_source_table()), "filter": written}
    return fault_of(some_configuration(directory, sources={"acme": table}))


# ── Roots and fields that no delivery has ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "reason", "fix"),
    [
        ("type == 'canceled'", "a delivery has no field type at its root", "write body.type"),
        ("bdoy.type == 'canceled'", "a delivery has no field bdoy", "did you mean body?"),
        ("data.type == 'canceled'", "a delivery has no field data", "write body.data"),
        ("body.type == canceled", "a delivery has no field canceled", "'canceled' for a text"),
        ('body.type == "canceled"', '"canceled" in double quotes', "write 'canceled' in single quotes"),
        ("contains(body.tags, canceled)", "a delivery has no field canceled", "'canceled'"),
        ("body.off == true", "true is a field name here", "write `true` in backticks"),
        ("item.type == 'canceled'", "there is no item", 'write items = "body"'),
        ("claims.type == 'canceled'", "there are no claims", "verify"),
        ("headers.\"X-Type\" == 'canceled'", "header names are in lower case", 'headers."x-type"'),
        ("headers.Type == 'canceled'", "header names are in lower case", "headers.type"),
        ("headers.\"x type\" == 'canceled'", "cannot be the name of a header", "x-id"),
        ('headers."x-off" == `true`', "a text and the boolean 'True' are never equal", "'true'"),
        ("headers.\"x-off\".value == 'a'", "it takes value of a text", "correct the path"),
        ("sha256.a == 'x'", "it takes a of a text", "correct the path"),
        ("body[0].type == 'x'", "it takes [0] of an object", "correct the path"),
    ],
)
def test_a_filter_that_can_only_be_null_is_a_fault(
    tmp_path: Path, written: str, reason: str, fix: str
) -> None:
    said, _, mend = fault_of_filter(tmp_path, written).partition("; ")
    assert said.startswith("sources.toml: [acme] filter is invalid: ")
    assert reason in said
    assert fix in mend


@pytest.mark.parametrize(
    ("table", "written", "reason"),
    [
        (BUS, "body.remote_session_id == 'x'", "an event on the bus has no field remote_session_id there"),
        (BUS, "headers.x == 'x'", "an event on the bus has none"),
        (BUS, "sha256 == 'x'", "an event on the bus has none"),
        (BUS, "detail.type == 'x'", "a delivery has no field detail at its root"),
        (FORM, "body.data.type == 'x'", "has no such part"),
        (FORM, "body.off == `true`", "are never equal"),
        (SOAP, "item.Status__c == 'x'", "a notification has no field Status__c there"),
        (SOAP, "body.organisation_id == 'x'", "an outbound message has no field organisation_id there"),
        (SOAP, "item.fields.Off__c == `true`", "are never equal"),
        (EVENTS, "item.eventType == 'x'", "cannot be an attribute of a CloudEvent"),
        (EVENTS, "item.type == `1`", "are never equal"),
    ],
)
def test_a_body_has_only_the_fields_of_its_kind(
    tmp_path: Path, table: dict[str, object], written: str, reason: str
) -> None:
    assert reason in fault_of_filter(tmp_path, written, table)


@pytest.mark.parametrize(
    ("table", "written"),
    [
        (BUS, "body.detail.type == 'x' && body.region == 'eu-west-1'"),
        (FORM, "body.action == 'canceled'"),
        (SOAP, "item.fields.Status__c == 'x' && body.organization_id == '00DEXAMPLEFIRM0AAA'"),
        (EVENTS, "item.type == 'x' && item.comexampleextension == `1` && item.data.a[0].b == `true`"),
        (a_source_table(items="body", request=OF_ITEMS), "item.type == 'x'"),
        (
            a_source_table(items="body.list", request=OF_ITEMS),
            "item.type == 'x' && body.kind == 'y'",
        ),
        (
            a_source_table(
                verify="jwt", request={"remote_session_id": "claims.session", "event_id": "claims.jti"}
            ),
            "claims.type == 'x'",
        ),
    ],
)
def test_a_body_has_all_the_fields_of_its_kind(
    tmp_path: Path, table: dict[str, object], written: str
) -> None:
    directory = some_configuration(tmp_path, sources={"acme": {**table, "filter": written}})
    assert faults_of(directory) == ()


@pytest.mark.parametrize(
    "key", ["event_id", "remote_session_id", "cancel_without_email", "reason", "requested_by", "starts_at"]
)
def test_no_field_of_a_request_may_name_a_root_that_does_not_exist(tmp_path: Path, key: str) -> None:
    fault = fault_of(of_request(tmp_path, **{key: "payload.field"}))
    assert fault.startswith(f"sources.toml: [acme.request] {key} is invalid: a delivery has no field payload")


def test_an_allow_list_may_not_name_a_root_that_does_not_exist(tmp_path: Path) -> None:
    organization = {"from": "account", "map": {"1": "acme-legal"}}
    assert "[acme.organization] from is invalid" in fault_of(of_source(tmp_path, organization=organization))


def test_a_flag_in_quotes_is_a_fault_that_says_how_to_write_it(tmp_path: Path) -> None:
    fault = fault_of(of_request(tmp_path, cancel_without_email="true"))
    assert "cancel_without_email is invalid: true is a field name here" in fault
    assert "true without any quotes" in fault


def test_a_default_that_does_not_fit_the_body_is_a_fault(tmp_path: Path) -> None:
    """A preset's own filters read JSON; its source may say that it sends a form."""
    table = a_source_table(verify="calendly", body="form", request={"remote_session_id": "body.session"})
    table = {name: part for name, part in table.items() if name != "filter"}
    faults = faults_of(some_configuration(tmp_path, sources={"acme": table}))
    assert any("filter is invalid: it takes rescheduled of a list or a text" in one for one in faults)


# ── Salesforce's two forms of an id ───────────────────────────────────────────────────────────────


def test_an_id_of_15_characters_is_a_fault_with_its_18(tmp_path: Path) -> None:
    fault = fault_of_filter(tmp_path, "body.organization_id == '00DEXAMPLEFIRM0'", SOAP)
    assert "'00DEXAMPLEFIRM0' has 15 characters, and Salesforce sends ids of 18" in fault
    assert "write '00DEXAMPLEFIRM025P', the same id with its checksum, or starts_with(…" in fault


@pytest.mark.parametrize(
    ("short", "long"),
    [("001A0000006Vm9r", "001A0000006Vm9rIAC"), ("00530000003xqAb", "00530000003xqAbAAI")],
)
def test_the_checksum_of_an_id_is_salesforces(tmp_path: Path, short: str, long: str) -> None:
    """Pairs that help.salesforce.com and developer forums show for the conversion of ids."""
    assert long in fault_of_filter(tmp_path, f"item.id == '{short}'", SOAP)


# ── Truth that comes from a missing field ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        "body.moved != `true`",
        f"{IS_CANCELED} && body.moved != `true`",
        f"{IS_CANCELED} && !(body.moved)",
        f"{IS_CANCELED} && !(body.moved == `true`)",
        f"{IS_CANCELED} && !(body.state == 'a' || body.state == 'b')",
        f"{IS_CANCELED} && !(body.count > `1`)",
        f"{IS_CANCELED} && (body | moved != `true`)",
        f"{IS_CANCELED} && length(body.list[?state != 'kept']) > `1`",
        f"{IS_CANCELED} && length(body.list[?!(kept)]) > `1`",
    ],
)
def test_a_condition_that_a_missing_field_makes_true_is_a_fault(tmp_path: Path, written: str) -> None:
    assert "is true if the field is missing" in fault_of_filter(tmp_path, written)


@pytest.mark.parametrize(
    "written",
    [
        f"{IS_CANCELED} && body.moved == `false`",
        f"{IS_CANCELED} && (body.moved || `false`) != `true`",
        f"{IS_CANCELED} && body.moved_to == `null`",
        f"{IS_CANCELED} && !(flag(body.moved))",
        f"{IS_CANCELED} && body.count > `1`",
        f"{IS_CANCELED} && type(body.x) != 'string'",
        "body.x != `null`",
        "(body.note || '') != ''",
    ],
)
def test_a_condition_that_says_what_a_missing_field_means_is_none(tmp_path: Path, written: str) -> None:
    assert faults_of(of_source(tmp_path, filter=written)) == ()


@pytest.mark.parametrize(
    "written",
    [
        "`true`",
        "type(body.x) != 'string'",
        "body.moved_to == `null`",
        "(body.moved || `false`) == `false`",
        "body.a == 'x' || body.b == `null`",
        "length(body.list[?(state || '') != 'kept']) > `0`",
        "length(body.list || `[]`) == `0`",
        "body.list[0].state == `null`",
        "!(flag(body.moved))",
    ],
)
def test_filters_that_are_true_of_nothing_are_a_fault(tmp_path: Path, written: str) -> None:
    fault = fault_of_filter(tmp_path, written)
    assert "filter is true of a delivery that has none of the fields it names" in fault


def test_one_filter_that_needs_a_field_is_enough(tmp_path: Path) -> None:
    filters = {"canceled": IS_CANCELED, "kept": "(body.moved || `false`) == `false`"}
    assert faults_of(of_source(tmp_path, filter=filters)) == ()


@pytest.mark.parametrize("written", ["sha256", "'session-1'", "body.session || 'session-1'", "type(body.x)"])
def test_a_session_that_is_found_in_nothing_is_a_fault(tmp_path: Path, written: str) -> None:
    fault = fault_of(of_request(tmp_path, remote_session_id=written))
    assert "remote_session_id names a session even if its fields are missing" in fault


@pytest.mark.parametrize("written", ["'event'", "body.id || 'event'", ["'a'", "'b'"]])
def test_an_event_id_that_is_found_in_nothing_is_a_fault(tmp_path: Path, written: object) -> None:
    assert "event_id is the same for every delivery" in fault_of(of_request(tmp_path, event_id=written))


@pytest.mark.parametrize("written", ["sha256", ["'a'", "body.id"], "body.id || sha256"])
def test_an_event_id_that_differs_from_event_to_event_is_none(tmp_path: Path, written: object) -> None:
    assert faults_of(of_request(tmp_path, event_id=written)) == ()


# ── Flags, items, and what must not get into a request ────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        "to_number(body.silent) == `1`",
        "starts_with(to_string(body.silent), 't')",
        "type(body.silent) == 'boolean'",
        "body.silent >= '1'",
        "body.silent > `0`",
        "body.silent != `null`",
        "length(body.silent) > `2`",
    ],
)
def test_a_flag_that_is_read_by_its_look_is_a_fault(tmp_path: Path, written: str) -> None:
    fault = fault_of(of_request(tmp_path, cancel_without_email=written))
    assert "cancel_without_email reads a flag by the look of it" in fault
    assert "flag(body.field)" in fault


@pytest.mark.parametrize("written", ["!(flag(body.mail))", "flag(body.mail) == `false`"])
def test_a_mail_that_is_spared_because_nothing_is_said_is_a_fault(tmp_path: Path, written: str) -> None:
    fault = fault_of(of_request(tmp_path, cancel_without_email=written))
    assert "cancel_without_email spares the e-mail even if its fields are missing" in fault


@pytest.mark.parametrize("written", ["contains(body.options, 'silent')", "not_null(flag(body.a), `false`)"])
def test_a_flag_may_be_found_in_a_list(tmp_path: Path, written: str) -> None:
    assert faults_of(of_request(tmp_path, cancel_without_email=written)) == ()


OF_ITEMS = {"remote_session_id": "item.session", "event_id": ['headers."webhook-id"', "item.session"]}


def of_items(directory: Path, **changes: object) -> Path:
    table = a_source_table(items="body.list", filter="item.type == 'x'", request={**OF_ITEMS, **changes})
    return some_configuration(directory, sources={"acme": table})


def test_items_are_told_apart_by_session_and_event(tmp_path: Path) -> None:
    assert faults_of(of_items(tmp_path)) == ()


@pytest.mark.parametrize("written", ['headers."webhook-id"', "sha256", "body.id"])
def test_an_event_id_that_all_items_share_is_a_fault(tmp_path: Path, written: str) -> None:
    assert "event_id is the same for every item" in fault_of(of_items(tmp_path, event_id=written))


def test_a_session_that_all_items_share_is_a_fault(tmp_path: Path) -> None:
    fault = fault_of(of_items(tmp_path, remote_session_id="body.list[0].session"))
    assert "remote_session_id is the same for every item" in fault


@pytest.mark.parametrize("key", ["event_id", "reason"])
def test_a_credential_must_not_get_into_a_request(tmp_path: Path, key: str) -> None:
    request = {**REQUEST, "event_id": "body.id", key: 'headers."x-key"'}
    table = a_source_table(verify="api-key", header="x-key", request=request)
    assert "carries a credential" in fault_of(some_configuration(tmp_path, sources={"acme": table}))


def test_the_header_of_a_token_is_a_credential_too(tmp_path: Path) -> None:
    request = {**REQUEST, "event_id": "claims.jti", "reason": 'headers."x-token"'}
    table = a_source_table(verify="jwt", jwt={"header": "x-token"}, request=request)
    assert "carries a credential" in fault_of(some_configuration(tmp_path, sources={"acme": table}))


@pytest.mark.parametrize(
    "written",
    [
        "keys(body) != `[]`",
        "length(body) > `0`",
        "body.data.remote_session_id != `null`",
        'headers."webhook-id" != `null`',
    ],
)
def test_a_filter_that_every_request_passes_is_a_fault(tmp_path: Path, written: str) -> None:
    """The source announces more than cancellations, and each of its events names a session."""
    assert "filter is true of a delivery" in fault_of_filter(tmp_path, written)


def test_a_tool_may_leave_out_what_names_no_session(tmp_path: Path) -> None:
    table = a_source_table(verify="api-key", filter="body.data.remote_session_id != `null`")
    assert faults_of(some_configuration(tmp_path, sources={"acme": table})) == ()


def test_an_empty_table_of_filters_is_a_fault(tmp_path: Path) -> None:
    table = a_source_table(verify="api-key", filter={})
    assert "filter is an empty table" in fault_of(some_configuration(tmp_path, sources={"acme": table}))


# ── What is incomplete ────────────────────────────────────────────────────────────────────────────


def test_an_incomplete_delivery_is_described_like_a_filter(tmp_path: Path) -> None:
    too_large = {"too-large": 'headers."x-size-exceeded" != `null`'}
    assert faults_of(of_source(tmp_path, incomplete=too_large)) == ()
    assert "[acme.incomplete] too-large is invalid" in fault_of(
        of_source(tmp_path, incomplete={"too-large": "size == `1`"})
    )


def test_the_request_needs_no_filter_to_be_checked(tmp_path: Path) -> None:
    table = {name: part for name, part in BUS.items() if name != "request"}
    directory = some_configuration(tmp_path, sources={"acme": {**table, "request": REQUEST}})
    assert "an event on the bus has no field data there" in fault_of(directory)
