"""Every fault of a configuration says where it is and how to mend it: `file:line: [table] key fault; fix`."""

from pathlib import Path

import pytest

from builders import ACCOUNT, SIGNING_SECRET, faults_of
from configured import BUS, OF_ITEMS, REQUEST, fault_of, of_bus, of_organization, of_request, of_source


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"base_url": None}, "base_url is missing; it is the origin of Prevail"),
        ({"base_url": 1}, "base_url is not a text; it is the origin of Prevail"),
        ({"secret": None}, "secret is missing; it is the secret's name"),
        ({"secret": "../sources/acme"}, "secret has characters that are not allowed or is too long; it is"),
        ({"secret": "s" * 129}, "secret has characters that are not allowed or is too long; it is"),
        ({"secrets": "x"}, "secrets is not known here; did you mean 'secret'?"),
        ({"alg": "none"}, "alg is not known here; choose one of: base_url, concurrent_requests"),
        ({"token_ttl_s": 0}, "token_ttl_s is not known here; choose one of: base_url, concurrent_requests"),
        ({"on_unknown": "ask"}, "on_unknown is 'ask'; choose one of: hold, retry"),
    ],
)
def test_a_fault_of_an_organization_names_file_key_and_fix(
    tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    assert fault_of(of_organization(tmp_path, **changes)).startswith(
        f"organizations.toml: [acme-legal] {fault}"
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"organization": None}, "[acme] organization is missing; it is one of: acme-legal"),
        ({"organization": "acme-lega"}, "[acme] organization is 'acme-lega'; did you mean 'acme-legal'?"),
        ({"organization": "zzz"}, "[acme] organization is 'zzz'; choose one of: acme-legal"),
        ({"verify": None}, "[acme] verify is missing; it is one of: standard-webhooks, "),
        ({"secret": None}, "[acme] secret is missing; it is the secret's name"),
        ({"filter": None}, "[acme] filter is missing; say which deliveries are cancellations, such as "),
        ({"filter": "body.["}, "[acme] filter is invalid: "),
        ({"filter": True}, "[acme] filter is not a text; it is a JMESPath expression"),
        ({"filter": {"a": 1}}, "[acme.filter] a is not a text; it is a JMESPath expression"),
        (
            {"filter": {"A b": "body.x"}},
            "[acme.filter] A b is no possible name; it is a name of lower-case letters",
        ),
        ({"fliter": "body.x"}, "[acme] fliter is not known here; did you mean 'filter'?"),
        ({"bus": BUS}, "[acme] bus is not known here; choose one of: "),
        ({"mode": "dry-run"}, "[acme] mode is 'dry-run'; choose one of: active, observe"),
        (
            {"body": "xml"},
            "[acme] body is 'xml'; choose one of: json, form, cloudevents, salesforce-outbound",
        ),
        ({"items": 1, "request": OF_ITEMS}, "[acme] items is not a text; it is a JMESPath expression"),
        ({"handshake": True}, "[acme] handshake is not known here; choose one of: "),
        ({"request": None}, "[acme] request is missing; it is the expressions"),
        ({"request": "x"}, "acme.request is not a table; write [acme.request] on a line of its own"),
        ({"request": {}}, "[acme.request] remote_session_id is missing; it is a JMESPath expression"),
    ],
)
def test_a_fault_of_a_source_names_file_key_and_fix(
    tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    assert fault_of(of_source(tmp_path, **changes)).startswith(f"sources.toml: {fault}")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"event_id": ""}, "event_id is empty; it is a JMESPath expression"),
        ({"event_id": "body.("}, "event_id is invalid: "),
        ({"event_id": []}, "event_id is not a list of texts; list JMESPath expressions"),
        ({"event_id": ["body.a", 1]}, "event_id is not a list of texts; list JMESPath expressions"),
        ({"event_id": ["body.a", ""]}, "event_id is not a list of texts; list JMESPath expressions"),
        ({"event_id": ["body.a", "body.("]}, "event_id is invalid: "),
        ({"event_id": 1}, "event_id is not a text; it is a JMESPath expression"),
        ({"reason": 1}, "reason is not a text; it is a JMESPath expression"),
        ({"cancel_without_email": 1}, "cancel_without_email is neither true, false nor a text; write "),
        ({"remote_sesion_id": "x"}, "remote_sesion_id is not known here; did you mean 'remote_session_id'?"),
    ],
)
def test_a_fault_of_an_expression_names_file_key_and_fix(
    tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    assert fault_of(of_request(tmp_path, **changes)).startswith(f"sources.toml: [acme.request] {fault}")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"source": "aws.events"}, "source is one of AWS's own; name the producer's source"),
        ({"source": "a\nb"}, "source has characters that are not allowed"),
        ({"detail_type": 1}, "detail_type is not a text; it is the events' "),
        (
            {"account": "12"},
            "account has characters that are not allowed or is too long; it is twelve digits",
        ),
        ({"account": 111122223333}, "account is not a text; it is twelve digits"),
        ({"account": ACCOUNT, "accuont": ACCOUNT}, "accuont is not known here; did you mean 'account'?"),
    ],
)
def test_a_fault_of_a_bus_source_names_file_key_and_fix(
    tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    assert fault_of(of_bus(tmp_path, **changes)).startswith(f"sources.toml: [acme.bus] {fault}")


@pytest.mark.parametrize(
    "expression", ["lenght(body.x) > `1`", "length(body.x, body.y) > `1`", "body.x[::0]"]
)
def test_an_expression_that_can_never_run_is_a_fault(tmp_path: Path, expression: str) -> None:
    assert fault_of(of_source(tmp_path, filter=expression))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"filter": "'canceled'"}, "[acme] filter"),
        ({"filter": "body.items[?a]"}, "[acme] filter"),
        ({"filter": {"canceled": "length(body.a)"}}, "[acme.filter] canceled"),
        ({"items": "body.a == `1`", "request": OF_ITEMS}, "[acme] items"),
        ({"items": "'body'", "request": OF_ITEMS}, "[acme] items"),
        ({"organization": {"from": "body.a[]", "map": {"a": "acme-legal"}}}, "[acme.organization] from"),
        ({"request": {**REQUEST, "remote_session_id": "body.a[]"}}, "[acme.request] remote_session_id"),
        ({"request": {**REQUEST, "event_id": "length(body)"}}, "[acme.request] event_id"),
        ({"request": {**REQUEST, "event_id": ["body.a[]"]}}, "[acme.request] event_id"),
        ({"request": {**REQUEST, "cancel_without_email": "'true'"}}, "[acme.request] cancel_without_email"),
        ({"request": {**REQUEST, "reason": "merge(body, body)"}}, "[acme.request] reason"),
        ({"request": {**REQUEST, "requested_by": "{a: body.a}"}}, "[acme.request] requested_by"),
        ({"request": {**REQUEST, "starts_at": "!(body.a)"}}, "[acme.request] starts_at"),
    ],
)
def test_an_expression_that_can_never_yield_what_is_wanted_is_a_fault(
    tmp_path: Path, changes: dict[str, object], key: str
) -> None:
    fault = fault_of(of_source(tmp_path, **changes))
    assert fault.startswith(f"sources.toml: {key} is invalid: it yields ")


@pytest.mark.parametrize(
    "changes",
    [
        {"filter": "body.type"},
        {"items": "body.a || body.b", "request": OF_ITEMS},
        {"request": {**REQUEST, "event_id": ["length(body)", "body.a"]}},
        {"request": {**REQUEST, "starts_at": "to_number(body.a)"}},
        {"request": {**REQUEST, "starts_at": "length(body.a)"}},
    ],
)
def test_an_expression_of_which_only_a_delivery_can_tell_is_no_fault(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    assert faults_of(of_source(tmp_path, **changes)) == ()


def test_a_secret_in_place_of_its_name_is_a_fault(tmp_path: Path) -> None:
    assert SIGNING_SECRET not in fault_of(of_source(tmp_path, secret=SIGNING_SECRET))
