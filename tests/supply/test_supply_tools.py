"""The tools find what they are there to find, and nobody takes silence for a clean bill."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stack.places import CHECKOUT
from supply import audit, leaks, licences, materials
from supply.__main__ import COMMANDS, main
from supply.leaks import Leak
from supply.tools import TOOLS, ToolFailed, done

tools = pytest.mark.stack
"""They are fetched where they are not there yet, and take their time."""


# ── Materials ─────────────────────────────────────────────────────────────────────────────────────


@tools
@pytest.mark.parametrize("layer", materials.LAYERS)
def test_a_bill_of_materials_holds_what_ships_with_hashes_and_licences(layer: str) -> None:
    bill = materials.bill(layer)
    assert bill["bomFormat"] == "CycloneDX"
    rows = licences.rows(layer, bill)
    assert rows == [row for row in licences.listed() if row.layer == layer]
    for part in bill["components"]:
        files = [file for file in part["externalReferences"] if file["type"] == "distribution"]
        assert any(one["alg"] == "SHA-256" for file in files for one in file.get("hashes", [])), part["name"]


@tools
def test_the_runtime_layers_bill_is_that_of_this_version() -> None:
    from cancellations import __version__  # noqa: PLC0415 - the package's own word

    root = materials.bill(materials.OURS)["metadata"]["component"]
    assert (root["name"], root["version"]) == ("prevail-cancellations", __version__)


# ── Vulnerabilities ───────────────────────────────────────────────────────────────────────────────


def audited(*packages: dict[str, Any]) -> audit.Audit:
    found = audit.Audit([], [], [])
    audit.read({"dependencies": [*packages]}, found)
    return found


CLEAN = {"name": "a", "version": "1", "vulns": []}
VULNERABLE = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1"}, {"id": "CVE-2"}]}
SKIPPED = {"name": "c", "version": "3", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "code"),
    [((CLEAN,), 0), ((CLEAN, VULNERABLE), 1), ((CLEAN, SKIPPED), 2), ((SKIPPED, VULNERABLE), 1), ((), 0)],
)
def test_what_could_not_be_asked_about_is_not_clean(packages: tuple[dict[str, Any], ...], code: int) -> None:
    assert audited(*packages).code == code


def test_a_vulnerability_is_named() -> None:
    assert audited(VULNERABLE).vulnerable == ["b 2: CVE-1, CVE-2"]


def test_a_service_that_cannot_be_reached_is_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: object, **__: object) -> str:
        raise ToolFailed("pip-audit: no route to host")

    monkeypatch.setattr(audit, "run", unreachable)
    monkeypatch.setattr("sys.argv", ["supply", "audit"])
    assert main() == 2
    assert "no route to host" in capsys.readouterr().out


# ── Secrets ───────────────────────────────────────────────────────────────────────────────────────

PLANTED = {
    "tests/test_x.py": ('KEY = "AKIA' + 'Z7QJ4M2XKDLPW3TB"', "AWS Access Key"),
    "events/x.json": ('{"token": "ghp_' + 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"}', "GitHub Token"),
    "layers/x.pem": ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
    "workbench/x.py": ('password = "' + 'correct-horse-9battery"', "Secret Keyword"),
    "docs/x.md": ('`"' + "Zk3v9QpL0sXw8RtY2uBn7MhJ4cKd6EfG" + '"`', "Base64 High Entropy String"),
}


GIT = shutil.which("git") or "git"


def a_repository(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run([GIT, *command], cwd=folder, check=True)
    return folder


@tools
def test_a_secret_that_is_planted_is_found(tmp_path: Path) -> None:
    root = a_repository(tmp_path, {name: text for name, (text, _) in PLANTED.items()})
    found = {(leak.file, leak.kind) for leak in leaks.leaks(root)}
    assert {(name, kind) for name, (_, kind) in PLANTED.items()} - found == set()


@tools
def test_a_name_of_a_secret_is_none_and_neither_is_what_says_why(tmp_path: Path) -> None:
    lines = {
        "layers/a.toml": 'secret = "example-crm"',
        "layers/b.py": 'PASSWORD = "x-y-z"  # noqa: S105 - a header',
    }
    assert leaks.leaks(a_repository(tmp_path, lines)) == []


@tools
def test_nobody_has_put_a_secret_into_this_repository() -> None:
    assert leaks.leaks() == []


def test_one_more_than_is_known_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def found(*_: object, **__: object) -> str:
        return json.dumps({"results": {"a.py": [{"line_number": n, "type": "Keyword"} for n in (3, 7)]}})

    monkeypatch.setattr(leaks, "run", found)
    assert leaks.leaks(tmp_path, {("a.py", "Keyword"): (2, "two")}) == []
    assert leaks.leaks(tmp_path, {("a.py", "Keyword"): (1, "one")}) == [
        Leak("a.py", 3, "Keyword"),
        Leak("a.py", 7, "Keyword"),
    ]


# ── Tools ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_tool_is_at_one_version() -> None:
    assert all(tool.package.count("==") == 1 for tool in TOOLS.values())


def test_a_tool_that_fails_says_so_in_its_own_words() -> None:
    with pytest.raises(ToolFailed, match=r"exit code 3\n.*its own words"):
        done(["sh", "-c", "echo its own words; exit 3"])


def test_every_command_is_a_target_of_the_makefile() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"-m supply {name}\n" not in makefile] == []
