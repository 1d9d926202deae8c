from pathlib import Path

import pytest

from builders import (
    ACCOUNT,
    SIGNING_SECRET,
    a_bus_table,
    a_source_table,
    an_organization_table,
    faults_of,
    some_configuration,
)

BUS: dict[str, object] = {"source": "com.acme.crm", "detail_type": "DepositionCanceled"}


def fault_of(directory: Path) -> str:
    (fault,) = faults_of(directory)
    return fault


def of_organization(directory: Path, **changes: object) -> Path:
    table = {name: value for name, value in an_organization_table(**changes).items() if value is not None}
    return some_configuration(directory, organizations={"acme-legal": table})


def of_source(directory: Path, **changes: object) -> Path:
    table = {name: value for name, value in a_source_table(**changes).items() if value is not None}
    return some_configuration(directory, sources={"acme": table})


def of_request(directory: Path, **changes: object) -> Path:
    return of_source(directory, request={"remote_session_id": "body.id", **changes})


def of_bus(directory: Path, **changes: object) -> Path:
    return some_configuration(directory, sources={"acme": a_bus_table(bus={**BUS, **changes})})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"base_url": None}, "base_url is missing; it is the origin of Prevail"),
        ({"base_url": 1}, "base_url is not a text; it is the origin of Prevail"),
        ({"secret": None}, "secret is missing; it is the secret's name"),
        ({"secret": "../sources/acme"}, "secret has characters that are not allowed or is too long; it is"),
        ({"secret": "s" * 129}, "secret has characters that are not allowed or is too long; it is"),
        ({"secrets": "x"}, "secrets is not known here; did you mean 'secret'?"),
        ({"alg": "none"}, "alg is not known here; choose one of: base_url, on_unknown, secret"),
        ({"token_ttl_s": 0}, "token_ttl_s is not known here; choose one of: base_url, on_unknown, secret"),
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
        ({"secret": None}, "[acme] secret is missing; it is the secret's name"),
        ({"filter": "body.["}, "[acme] filter is not JMESPath: "),
        ({"filter": True}, "[acme] filter is not a text; it is a JMESPath expression"),
        ({"fliter": "body.x"}, "[acme] fliter is not known here; did you mean 'filter'?"),
        ({"bus": BUS}, "[acme] bus is not known here; choose one of: "),
        ({"request": None}, "[acme.request] is missing; it is the expressions"),
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
        ({"event_id": "body.("}, "event_id is not JMESPath: "),
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
        ({"accuont": ACCOUNT}, "accuont is not known here; did you mean 'account'?"),
    ],
)
def test_a_fault_of_a_bus_source_names_file_key_and_fix(
    tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    if "accuont" in changes:
        directory = some_configuration(
            tmp_path, sources={"acme": a_bus_table(bus={**BUS, "account": ACCOUNT, **changes})}
        )
    else:
        directory = of_bus(tmp_path, **changes)
    assert fault_of(directory).startswith(f"sources.toml: [acme.bus] {fault}")


@pytest.mark.parametrize(
    "expression", ["lenght(body.x) > `1`", "length(body.x, body.y) > `1`", "body.x[::0]"]
)
def test_an_expression_that_can_never_run_is_a_fault(tmp_path: Path, expression: str) -> None:
    assert fault_of(of_source(tmp_path, filter=expression))


def test_a_secret_in_place_of_its_name_is_a_fault(tmp_path: Path) -> None:
    assert SIGNING_SECRET not in fault_of(of_source(tmp_path, secret=SIGNING_SECRET))
