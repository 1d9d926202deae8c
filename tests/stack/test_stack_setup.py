"""The bootstrap, in a copy of the checkout whose python3 and uv are stand-ins that write down how they were called."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from stack.places import CHECKOUT

PIN = "0.13.9"
# Answers like uv, makes the environment it is asked to sync, and writes down every call.
UV = """#!/bin/sh
echo "uv $*" >>"$CALLS"
case "$1" in
--version) echo "uv {version}" ;;
sync) mkdir -p "$UV_PROJECT_ENVIRONMENT/bin" && cp /bin/true "$UV_PROJECT_ENVIRONMENT/bin/python" ;;
python) exit {python} ;;
esac
"""
# `python3 -m venv` makes a folder whose pip installs the uv beside this file; without venv only `pip --target` can.
PYTHON = """#!/bin/sh
echo "python3 $*" >>"$CALLS"
case "$*" in
*"-m venv"*) {venv} && mkdir -p .tools/bin && cp "$0" .tools/bin/python ;;
*"--target"*) {pip} && mkdir -p .tools/pip/bin && cp "$(dirname "$0")/pinned" .tools/pip/bin/uv ;;
*"-m pip"*) {pip} && cp "$HOME/pinned" .tools/bin/uv ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Machine:
    folder: Path

    def has(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def setup(self, *environments: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "calls").write_text("")
        binaries = self.folder / "bin"
        environment = {
            "PATH": f"{binaries}:/usr/bin:/bin",
            "HOME": str(binaries),
            "CALLS": str(self.folder / "calls"),
        }
        command: list[str | Path] = [self.folder / "checkout" / "workbench" / "setup.sh", *environments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=30
        )

    def calls(self, word: str) -> list[str]:
        return [line for line in (self.folder / "calls").read_text().splitlines() if word in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """With a python3 that has venv and pip, no uv, and a Python 3.13 for uv to find."""
    checkout = tmp_path / "checkout"
    (checkout / "workbench").mkdir(parents=True)
    for name in ("uv.lock", "pyproject.toml", ".python-version", "workbench/setup.sh"):
        shutil.copy(CHECKOUT / name, checkout / name)
    (tmp_path / "bin").mkdir()
    machine = Machine(tmp_path)
    machine.has("python3", PYTHON.format(venv="true", pip="true"))
    machine.has("pinned", UV.format(version=PIN, python=0))
    return machine


def test_a_bare_machine_gets_all_three_environments(machine: Machine) -> None:
    assert machine.setup().returncode == 0
    assert machine.calls("uv sync") == [
        "uv sync --quiet --locked",
        "uv sync --quiet --locked --only-group stack",
        "uv sync --quiet --locked --only-group sam",
    ]


def test_nothing_is_done_twice(machine: Machine) -> None:
    machine.setup()
    assert machine.setup().returncode == 0
    assert machine.calls("") == []


def test_a_new_lock_is_followed(machine: Machine) -> None:
    machine.setup(".venv")
    (machine.folder / "checkout" / "uv.lock").write_text("another")
    machine.setup(".venv")
    assert len(machine.calls("uv sync")) == 1


def test_one_environment_can_be_asked_for(machine: Machine) -> None:
    machine.setup(".venv-sam")
    assert machine.calls("uv sync") == ["uv sync --quiet --locked --only-group sam"]


def test_a_python_without_venv_will_do(machine: Machine) -> None:
    machine.has("python3", PYTHON.format(venv="false", pip="true"))
    assert machine.setup().returncode == 0
    assert machine.calls("--target")


def test_a_recent_uv_on_path_will_do(machine: Machine) -> None:
    machine.has("python3", "#!/bin/sh\nexit 1\n")
    machine.has("uv", UV.format(version="0.9.1", python=0))
    assert machine.setup().returncode == 0


def test_an_old_uv_on_path_will_not_do(machine: Machine) -> None:
    machine.has("python3", "#!/bin/sh\nexit 1\n")
    machine.has("uv", UV.format(version="0.5.30", python=0))
    ended = machine.setup()
    assert ended.returncode == 1
    assert "Install Python 3 with venv and pip" in ended.stderr


def test_without_python_3_13_it_says_what_to_install(machine: Machine) -> None:
    machine.has("pinned", UV.format(version=PIN, python=1))
    ended = machine.setup()
    assert ended.returncode == 1
    assert "Python 3.13 is needed" in ended.stderr
    assert "apt install python3.13" in ended.stderr
    assert not machine.calls("uv sync")


def test_an_unknown_environment_is_refused(machine: Machine) -> None:
    assert machine.setup(".venv-none").returncode == 1
