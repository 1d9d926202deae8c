from codecs import BOM_UTF8
from pathlib import Path

import pytest

from builders import a_bus_table, a_source_table, an_organization_table, faults_of, some_configuration
from cancellations import configuration
from cancellations.configuration import Configuration, load_directory, load_package
from cancellations.domain import Organization
from cancellations.errors import ConfigurationError
from configured import fault_of, of_organization, of_source

# ── What is valid ─────────────────────────────────────────────────────────────────────────────────


def test_organizations_are_read(tmp_path: Path) -> None:
    found = load_directory(some_configuration(tmp_path)).organizations
    assert found == {"acme-legal": Organization("acme-legal", "https://prevail.example", "acme-legal")}


def test_another_origin_replaces_that_of_every_organization(tmp_path: Path) -> None:
    moved = load_directory(some_configuration(tmp_path)).at_origin("http://127.0.0.1:4010")
    assert [o.base_url for o in moved.organizations.values()] == ["http://127.0.0.1:4010"]


def test_the_package_that_ships_is_valid() -> None:
    assert isinstance(load_package(), Configuration)


def test_a_missing_package_says_which_layer_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "DATA_PACKAGE", "no_such_package")
    with pytest.raises(
        ConfigurationError, match="no_such_package: no layer brings this package; add a layer"
    ):
        load_package()


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["organizations.toml", "sources.toml"])
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(None, "is missing; create it", id="missing"),
        pytest.param(b"", " has no table; add one: [NAME]", id="empty"),
        pytest.param("[acme]".encode("utf-16"), "is UTF-16, or not a text; save it as UTF-8 (", id="utf-16"),
        pytest.param("[acme]".encode("utf-16-be"), "is UTF-16, or not a text; save it", id="utf-16-no-mark"),
        pytest.param(
            "a = 1\n# é".encode("latin-1"), ":2 is not UTF-8; save it as UTF-8; is it ", id="latin-1"
        ),
        pytest.param(b"[acme", "is not TOML: ", id="broken"),
        pytest.param(b"[a]\n[a]\n", "is not TOML: ", id="same-table-twice"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, name: str, content: bytes | None, fault: str) -> None:
    path = some_configuration(tmp_path) / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    (line,) = faults_of(tmp_path)
    assert line.startswith(name)
    assert fault in line


@pytest.mark.parametrize("name", ["organizations.toml", "sources.toml"])
def test_a_byte_order_mark_before_a_file_is_skipped(tmp_path: Path, name: str) -> None:
    path = some_configuration(tmp_path) / name
    found = load_directory(tmp_path)
    path.write_bytes(BOM_UTF8 + path.read_bytes())
    assert load_directory(tmp_path) == found


def test_a_byte_order_mark_moves_no_line(tmp_path: Path) -> None:
    path = of_source(tmp_path, mode="x") / "sources.toml"
    fault = faults_of(tmp_path)
    path.write_bytes(BOM_UTF8 + path.read_bytes())
    assert faults_of(tmp_path) == fault


@pytest.mark.parametrize(
    "written", [b"", b"[acme-legal\n", b"\xff", None], ids=["empty", "broken", "bytes", "none"]
)
def test_a_faulty_file_of_organizations_is_one_fault(tmp_path: Path, written: bytes | None) -> None:
    """Not one for each source that names an organization."""
    sources = {
        "a": a_source_table(),
        "b": a_source_table(secret="b", organization={"from": "body.a", "map": {"1": "acme-legal"}}),
    }
    path = some_configuration(tmp_path, sources=sources) / "organizations.toml"
    if written is None:
        path.unlink()
    else:
        path.write_bytes(written)
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("organizations.toml")


def test_a_folder_in_place_of_a_file_is_a_fault(tmp_path: Path) -> None:
    path = some_configuration(tmp_path) / "sources.toml"
    path.unlink()
    path.mkdir()
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("sources.toml cannot be read: ")


# ── Organizations ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("slug", ["", "a b", "a/b", "..", "-a", "a\r\nb", "é", "a" * 129])
def test_a_slug_that_is_no_company_id_is_a_fault(tmp_path: Path, slug: str) -> None:
    directory = some_configuration(
        tmp_path,
        organizations={slug: an_organization_table()},
        sources={"acme": a_source_table(organization=slug or "x")},
    )
    assert f": [{slug!r}] is no possible name; allowed: letters, " in faults_of(directory)[0]


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://vendor.example/#", id="fragment"),
        pytest.param("https://vendor.example/?x=", id="query"),
        pytest.param("https://vendor.example/a/../b", id="path"),
        pytest.param("https://vendor.example:22", id="port"),
        pytest.param("https://vendor.example@evil.example", id="user"),
        pytest.param("https://[::ffff:169.254.169.254]", id="ipv6"),
        pytest.param("https://2130706433", id="decimal-address"),
        pytest.param("https://10.0.0.5", id="private-address"),
        pytest.param("http://169.254.169.254/latest/meta-data/", id="metadata"),
        pytest.param("http://127.0.0.1:4010", id="loopback"),
        pytest.param("http://vendor.example", id="plain"),
    ],
)
def test_a_hostile_origin_is_a_fault_that_does_not_repeat_it(tmp_path: Path, url: str) -> None:
    fault = fault_of(of_organization(tmp_path, base_url=url))
    assert fault.startswith("organizations.toml: [acme-legal] base_url ")
    assert fault.endswith('; write an origin such as "https://prevail.ai"')
    assert url not in fault


@pytest.mark.parametrize("url", ["https://prevail.ai", "https://eu.prevail.ai"])
def test_a_base_url_of_prevail_is_no_warning(tmp_path: Path, url: str) -> None:
    assert load_directory(of_organization(tmp_path, base_url=url)).warnings == ()


@pytest.mark.parametrize(
    "url", ["https://prevail.example", "https://prevail.ai.example", "https://xprevail.ai"]
)
def test_a_base_url_elsewhere_is_a_warning_with_its_line(tmp_path: Path, url: str) -> None:
    (warning,) = load_directory(of_organization(tmp_path, base_url=url)).warnings
    assert warning.startswith("organizations.toml:2: [acme-legal] base_url is not at prevail.ai, ")


def test_a_base_url_with_a_fault_is_no_warning_too(tmp_path: Path) -> None:
    assert len(faults_of(of_organization(tmp_path, base_url="http://prevail.example"))) == 1


# ── Sources ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["", "Acme", "a/b", "arn:aws:secretsmanager:x", "a.b", "é", "a" * 65])
def test_a_source_whose_name_is_no_part_of_an_address_is_a_fault(tmp_path: Path, name: str) -> None:
    (fault,) = faults_of(some_configuration(tmp_path, sources={name: a_source_table()}))
    assert f": [{name!r}] is no possible name; allowed: lower-case letters, " in fault


def test_the_name_of_our_own_callers_is_no_name_of_a_source(tmp_path: Path) -> None:
    directory = some_configuration(tmp_path, sources={"api": a_source_table()})
    assert fault_of(directory) == ("sources.toml: [api] is the name of callers inside AWS; choose another")


def test_two_sources_with_one_secret_are_a_fault(tmp_path: Path) -> None:
    directory = some_configuration(tmp_path, sources={"a": a_source_table(), "b": a_source_table()})
    assert fault_of(directory) == (
        'sources.toml: [b] secret is also that of "a"; give each source a secret of its own'
    )


def test_a_key_instead_of_a_table_is_a_fault(tmp_path: Path) -> None:
    fault = fault_of(some_configuration(tmp_path, sources={"acme": "x"}))
    assert fault == "sources.toml: acme is not a table; write [acme] on a line of its own"


def test_faults_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    directory = some_configuration(
        tmp_path,
        organizations={"acme-legal": an_organization_table(base_url="http://prevail.example")},
        sources={
            "acme": a_source_table(filter="("),
            "Other": a_source_table(secret="other", organization="x"),
        },
    )
    assert [line.partition(" is ")[0] for line in faults_of(directory)] == [
        "organizations.toml:2: [acme-legal] base_url",
        "sources.toml:5: [acme] filter",
        "sources.toml:7: ['Other']",
        "sources.toml:8: [Other] organization",
    ]


def test_every_fault_is_one_line(tmp_path: Path) -> None:
    directory = some_configuration(
        tmp_path, sources={"acme": a_source_table(filter="body.\n[", organization="x\ny", verify="a\nb")}
    )
    assert [line for line in faults_of(directory) if len(line.splitlines()) != 1] == []


@pytest.mark.parametrize(
    "table", [{"a\nb": {}}, {"acme": a_source_table(**{"x\ny": 1})}], ids=["table", "key"]
)
def test_a_name_with_a_line_end_stays_on_one_line(tmp_path: Path, table: dict[str, object]) -> None:
    faults = faults_of(some_configuration(tmp_path, sources=table))
    assert [line for line in faults if len(line.splitlines()) != 1] == []


def test_a_misspelled_scheme_is_one_fault(tmp_path: Path) -> None:
    fault = fault_of(of_source(tmp_path, verify="standard-webhook"))
    assert fault == "sources.toml: [acme] verify is 'standard-webhook'; did you mean 'standard-webhooks'?"


def test_two_sources_that_match_the_same_events_are_a_fault(tmp_path: Path) -> None:
    directory = some_configuration(tmp_path, sources={"a": a_bus_table(), "b": a_bus_table()})
    assert fault_of(directory) == (
        'sources.toml: [b] bus matches the events of "a"; let each event belong to one source'
    )
