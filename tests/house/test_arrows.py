"""The house keeps its shape: arrows point inwards, doors stay small, files hold one idea."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "runtime" / "cancellations"

RINGS: dict[str, int] = {
    "cancellations": 0,  # the package itself: its version
    "domain": 0,
    "errors": 0,
    "values": 0,
    "urls": 0,
    "writes": 1,
    "versions": 1,
    "answers": 1,
    "backoff": 1,
    "token": 1,
    "redaction": 1,
    "results": 1,
    "waits": 1,
    "source": 2,
    "configuration": 3,
    "messages": 2,
    "moments": 0,
    "protocol": 2,
    "ports": 2,
    "sentences": 2,
    "verdicts": 3,
    "claims": 3,
    "ledger": 3,
    "settings": 3,
    "admission": 4,
    "lookup": 4,
    "guard_items": 3,
    "permits": 4,
    "quota": 4,
    "lanes": 4,
    "rates": 2,
    "pace": 4,
    "settlement": 4,
    "calls": 5,
    "objections": 2,
    "restored": 5,
    "attempt": 5,
    "verify": 4,
    "find": 4,
    "ask": 5,
    "intake": 5,
    "cancel": 5,
    "news": 2,
    "receive": 6,
    "announce": 6,
    "notify": 5,
    "sweep": 6,
    "work": 6,
    "wait": 7,
    "adapters": 8,
    "wiring": 9,
}
"""Rooms of the package from the inside out. A room imports from its own ring and from those inside it."""

INNER_LIBRARIES = {"jwt", "jmespath"}
READERS_OF_BODIES = PACKAGE / "source" / "bodies"
"""They alone may import defusedxml: nothing in the standard library reads XML from strangers safely."""
OUTER_ROOMS = {"adapters", "wiring"}


def python_files(*roots: str) -> list[Path]:
    return sorted(file for root in roots for file in (ROOT / root).rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import hides where an arrow points"
            module = node.module or ""
            yield from (
                f"{module}.{name.name}" if module == "cancellations" else module for name in node.names
            )


def room_of(file: Path) -> str:
    first = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "cancellations" if first == "__init__" else first


def room_in(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in RINGS else "cancellations"


ROOMS = python_files("layers/runtime/cancellations")


@pytest.mark.parametrize("file", ROOMS, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_arrows_inside_the_package_point_inwards(file: Path) -> None:
    here = RINGS[room_of(file)]
    outward = [m for m in imports(file) if m.startswith("cancellations.") and RINGS[room_in(m)] > here]
    assert outward == []


@pytest.mark.parametrize(
    "file", [f for f in ROOMS if room_of(f) not in OUTER_ROOMS], ids=lambda f: str(f.relative_to(PACKAGE))
)
def test_inner_rooms_import_the_standard_library_pyjwt_jmespath_and_to_read_xml_defusedxml_only(
    file: Path,
) -> None:
    allowed = INNER_LIBRARIES | ({"defusedxml"} if READERS_OF_BODIES in file.parents else set())
    roots = {module.split(".")[0] for module in imports(file)}
    assert roots - sys.stdlib_module_names - allowed == roots & {"cancellations"}


@pytest.mark.parametrize("file", python_files("functions"), ids=lambda f: str(f.relative_to(ROOT)))
def test_doors_know_the_wiring_and_their_translation_only(file: Path) -> None:
    allowed = ("cancellations.wiring", "cancellations.adapters", "cancellations.errors")
    assert [m for m in imports(file) if m.startswith("cancellations") and not m.startswith(allowed)] == []


@pytest.mark.parametrize("file", python_files("functions"), ids=lambda f: str(f.relative_to(ROOT)))
def test_doors_are_under_60_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.parametrize("file", python_files("workbench/prevail"), ids=lambda f: str(f.relative_to(ROOT)))
def test_the_emulator_imports_nothing_of_ours(file: Path) -> None:
    ours = {"cancellations", "cancellations_config", "stack", "cli", "console"}
    assert {module.split(".")[0] for module in imports(file)} & ours == set()


def test_what_ships_imports_nothing_of_the_workbench() -> None:
    workbench = {folder.name for folder in (ROOT / "workbench").iterdir() if folder.is_dir()}
    shipped = python_files("layers", "functions")
    assert [f for f in shipped if {m.split(".")[0] for m in imports(f)} & workbench] == []


@pytest.mark.parametrize(("roots", "most"), [(("layers", "functions", "workbench"), 250), (("tests",), 400)])
def test_no_file_holds_two_ideas(roots: tuple[str, ...], most: int) -> None:
    lines = {f: len(f.read_text(encoding="utf-8").splitlines()) for f in python_files(*roots)}
    assert [str(f.relative_to(ROOT)) for f, length in lines.items() if length > most] == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = [
        f.name
        for f in ROOMS
        if re.search(r"\benviron\b", f.read_text(encoding="utf-8")) and f.name != "settings.py"
    ]
    assert readers == ["process.py"]


def test_times_and_randomness_come_from_the_wiring() -> None:
    inner = [f for f in ROOMS if room_of(f) not in OUTER_ROOMS]
    assert [f.name for f in inner if {"time", "random", "uuid", "secrets"} & set(imports(f))] == []
