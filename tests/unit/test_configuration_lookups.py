"""Lookup tables of sources: files beside the configuration, or the ledger's table."""

import re
from pathlib import Path

import pytest

from builders import a_source_table, faults_of, some_configuration
from cancellations.configuration import LookupTable
from cancellations.configuration.files import MAX_BYTES
from configured import of_source, source_in


def of_lookup(directory: Path, listed: str | None, **lookup: object) -> Path:
    if listed is not None:
        directory.joinpath("matters.toml").write_text(listed, encoding="utf-8")
    return of_source(directory, lookup=lookup)


@pytest.mark.parametrize("missing", ["refuse", "ignore"])
def test_a_lookup_may_be_a_file(tmp_path: Path, missing: str) -> None:
    directory = of_lookup(tmp_path, '"case 7" = "session-1"\n', file="matters.toml", missing=missing)
    assert source_in(directory).lookup == LookupTable({"case 7": "session-1"}, missing)  # type: ignore[arg-type]  # by its name


def test_a_lookup_may_be_the_ledgers_table_and_refuses_what_is_not_in_it(tmp_path: Path) -> None:
    assert source_in(of_lookup(tmp_path, None, table=True)).lookup == LookupTable(None, "refuse")


@pytest.mark.parametrize(
    ("listed", "lookup", "fault"),
    [
        (None, {}, "[acme.lookup] needs one of two; write file = "),
        ("", {"file": "matters.toml", "table": True}, "[acme.lookup] needs one of two; write file = "),
        (None, {"table": "yes"}, "[acme.lookup] table is neither true nor false; "),
        (
            None,
            {"file": "other.toml"},
            "[acme.lookup] file names 'other.toml', which is missing; put the file beside this one",
        ),
        (
            None,
            {"file": "../matters.toml"},
            "[acme.lookup] file is not the name of a file in the same folder",
        ),
        (None, {"file": "/etc/hostname"}, "[acme.lookup] file is not the name of a file in the same folder"),
        ("a = 1", {"file": "matters.toml"}, '[acme.lookup] file has 1 lines that name no session: ["a"]; '),
        (
            'a = "../b"',
            {"file": "matters.toml"},
            '[acme.lookup] file has 1 lines that name no session: ["a"]',
        ),
        (
            None,
            {"table": True, "missing": "x"},
            "[acme.lookup] missing is 'x'; choose one of: refuse, ignore",
        ),
        (None, {"table": True, "key": "x"}, "[acme.lookup] key is not known here; choose one of: "),
    ],
)
def test_a_lookup_that_could_not_work_is_a_fault(
    tmp_path: Path, listed: str | None, lookup: dict[str, object], fault: str
) -> None:
    found = [
        re.sub(r":[0-9]+: ", ": ", line, count=1) for line in faults_of(of_lookup(tmp_path, listed, **lookup))
    ]
    assert [line for line in found if line.startswith(f"sources.toml: {fault}")], found


def test_a_lookup_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    directory = of_lookup(tmp_path, '\ufeff"case 7" = "session-1"\n', file="matters.toml")
    assert source_in(directory).lookup == LookupTable({"case 7": "session-1"}, "refuse")


@pytest.mark.parametrize(
    ("listed", "fault"),
    [
        (b'a = "b"\n\n[x\n', "matters.toml:3 is not TOML: "),
        (b'\xef\xbb\xbfa = "b"\nc\n', "matters.toml:2 is not TOML: "),
        ('a = "b"'.encode("utf-16"), "matters.toml is UTF-16, or not a text; save it as UTF-8"),
        (b'a = "b"\n# \xe9', "matters.toml:2 is not UTF-8; save it as UTF-8"),
        (b"#" * (MAX_BYTES + 1), f"matters.toml has more than {MAX_BYTES} bytes; "),
    ],
    ids=["no-toml", "no-toml-behind-a-mark", "utf-16", "latin-1", "large"],
)
def test_a_faulty_lookup_file_is_one_fault_of_its_own(tmp_path: Path, listed: bytes, fault: str) -> None:
    """However many sources name it."""
    tmp_path.joinpath("matters.toml").write_bytes(listed)
    lookup = {"file": "matters.toml"}
    sources = {name: a_source_table(secret=name, lookup=lookup) for name in ("a", "b")}
    (found,) = faults_of(some_configuration(tmp_path, sources=sources))
    assert found.startswith(fault)
