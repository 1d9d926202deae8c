"""Configurations that differ from a valid one in the one thing that a test is about. None takes a key away."""

import re
from pathlib import Path

from builders import a_bus_table, a_source_table, an_organization_table, faults_of, some_configuration
from cancellations.configuration import Source, load_directory

BUS: dict[str, object] = {"source": "com.acme.crm", "detail_type": "DepositionCanceled"}
REQUEST: dict[str, object] = {"remote_session_id": "body.data.remote_session_id"}
OF_ITEMS: dict[str, object] = {"remote_session_id": "item.session", "event_id": ["body.id", "item.session"]}
"""A request of each item of a delivery."""

_FAULT = re.compile(r"(\w+\.toml):[0-9]+: (.+)")


def fault_of(directory: Path) -> str:
    """The only fault there is, without the number of its line, which it must have."""
    (fault,) = faults_of(directory)
    told = _FAULT.fullmatch(fault)
    assert told, f"{fault} names no line"
    return f"{told[1]}: {told[2]}"


def source_in(directory: Path) -> Source:
    return load_directory(directory).sources["acme"]


def of_organization(directory: Path, **changes: object) -> Path:
    return some_configuration(
        directory, organizations={"acme-legal": _known(an_organization_table(**changes))}
    )


def of_source(directory: Path, **changes: object) -> Path:
    return some_configuration(directory, sources={"acme": _known(a_source_table(**changes))})


def of_request(directory: Path, **changes: object) -> Path:
    return of_source(directory, request=_known({**REQUEST, **changes}))


def of_bus(directory: Path, **changes: object) -> Path:
    return some_configuration(directory, sources={"acme": a_bus_table(bus=_known({**BUS, **changes}))})


def _known(table: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in table.items() if value is not None}
