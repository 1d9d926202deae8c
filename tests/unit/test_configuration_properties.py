"""Whatever stands in the files, it is a configuration or a list of faults that a person can read."""

import tempfile
from datetime import datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.configuration import ORGANIZATIONS_FILE, SOURCES_FILE, Configuration, load_directory
from cancellations.errors import ConfigurationError
from cancellations.source.presets import PRESETS

type Table = dict[str, object]

# fmt: off
KEYS = (
    "organization", "verify", "secret", "public_url", "hmac", "jwt", "header", "body", "mode",
    "handshake", "items", "filter", "lookup", "request", "bus", "event_id", "remote_session_id",
    "cancel_without_email", "reason", "requested_by", "starts_at", "signed", "prefix", "separator",
    "encoding", "key", "digest", "algorithm", "issuer", "audience", "jwks", "jwks_url", "id_header",
    "timestamp_header", "timestamp_prefix", "timestamp_unit", "tolerance_s", "file", "missing", "table",
    "from", "map", "source", "detail_type", "account", "base_url", "on_unknown", "on_restored",
)
# fmt: on
WORDS = (
    *PRESETS,
    "bus",
    "acme",
    "crm",
    "HS256",
    "ES256",
    "{id}.{body}",
    "{timestamp}{body}",
    "x-header",
    "body.id",
)

toml_keys = st.sampled_from(KEYS) | st.text(max_size=6)
toml_scalars = (
    st.sampled_from(WORDS)
    | st.text(max_size=8)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.datetimes(min_value=datetime(1900, 1, 1))  # noqa: DTZ001 - TOML's local times have no zone
)
toml_values = st.recursive(
    toml_scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(toml_keys, inner, max_size=5),
    max_leaves=15,
)
A_SOURCE: Table = {
    "organization": "acme",
    "verify": "standard-webhooks",
    "secret": "crm",
    "filter": "body.type == 'x'",
    "request": {"remote_session_id": "body.id"},
}
AN_ORGANIZATION: Table = {"base_url": "https://prevail.example.com", "secret": "acme"}


def toml(value: object) -> str:
    match value:
        case str():
            return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"'
        case bool():
            return str(value).lower()
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{toml(name)} = {toml(part)}" for name, part in value.items()) + "}"
        case datetime():
            return value.isoformat()
    return str(value)


def loaded(sources: Table, organizations: Table) -> Configuration:
    with tempfile.TemporaryDirectory() as folder:
        for name, tables in ((SOURCES_FILE, sources), (ORGANIZATIONS_FILE, organizations)):
            lines = [f"{toml(title)} = {toml(table)}\n" for title, table in tables.items()]
            (Path(folder) / name).write_text("".join(lines), encoding="utf-8")
        return load_directory(Path(folder))


def test_the_tables_that_are_changed_below_are_right() -> None:
    assert loaded({"crm": A_SOURCE}, {"acme": AN_ORGANIZATION}).sources.keys() == {"crm"}


def changed(table: Table) -> st.SearchStrategy[Table]:
    return st.dictionaries(toml_keys, toml_values, max_size=4).map(lambda changes: table | changes)


@given(
    sources=st.dictionaries(st.just("crm") | toml_keys, changed(A_SOURCE) | toml_values, max_size=2),
    organizations=st.just({"acme": AN_ORGANIZATION})
    | st.dictionaries(st.just("acme") | toml_keys, changed(AN_ORGANIZATION) | toml_values, max_size=2),
)
@settings(max_examples=120, deadline=None)
def test_any_tables_are_a_configuration_or_faults(sources: Table, organizations: Table) -> None:
    try:
        assert loaded(sources, organizations).sources
    except ConfigurationError as faults:
        lines = faults.faults
    else:
        return
    assert lines
    assert [line for line in lines if not line.isprintable()] == []
