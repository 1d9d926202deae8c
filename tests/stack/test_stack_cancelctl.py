"""The command line refuses what is wrong with exit code 2, says how to mend it, and starts nothing."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import main
from stack.places import StateFolder

UNUSED = "never-started"


@dataclass(frozen=True, slots=True)
class Ended:
    code: object
    stdout: str
    stderr: str


Cancelctl = Callable[..., Ended]


@pytest.fixture
def cancelctl(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cancelctl:
    """Runs a command in this process, with the given variables in place of any PREVAIL_… of the caller's."""
    for name in [name for name in os.environ if name.startswith("PREVAIL_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str, **environment: str) -> Ended:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["cancelctl", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(ended.value.code or 0, said.out, said.err)

    return run


def test_a_broken_configuration_is_refused_with_all_its_faults(cancelctl: Cancelctl, config: Path) -> None:
    (config / "organizations.toml").write_text("")
    (config / "sources.toml").write_text("")
    ended = cancelctl("local", "up", "--name", UNUSED, "--config", str(config))
    assert ended.code == 2
    assert "organizations.toml" in ended.stderr
    assert "sources.toml" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("local", "up", "--name", UNUSED, "--config", "/nowhere"),
        ("local", "up", "--name", UNUSED, "--prevail-url", "https://prevail.example"),
        ("local", "up", "--name", "no/name"),
        ("local", "up", "--no-such-option"),
        ("local", "down", "--name", ".."),
        ("prevail", "--port", "70000"),
    ],
)
def test_refused_input_is_exit_code_two_and_starts_nothing(
    cancelctl: Cancelctl, arguments: tuple[str, ...]
) -> None:
    ended = cancelctl(*arguments)
    assert ended.code == 2
    assert ended.stderr
    assert not ended.stdout
    assert not StateFolder(UNUSED).path.exists()


def test_a_missing_key_is_named(cancelctl: Cancelctl) -> None:
    ended = cancelctl("local", "up", "--name", UNUSED, "--prevail-url", "https://prevail.example")
    assert "PREVAIL_API_KEY is not set" in ended.stderr


def test_a_refused_key_is_not_shown(cancelctl: Cancelctl) -> None:
    ended = cancelctl(
        *("local", "up", "--name", UNUSED, "--prevail-url", "https://prevail.example"),
        PREVAIL_SLUG="acme",
        PREVAIL_API_KEY="abcdefghijklm",
    )
    assert "has 13 bytes" in ended.stderr
    assert "abcdefghijklm" not in ended.stderr


LOAD = ("local", "load", "--name", UNUSED)


@pytest.mark.parametrize(
    ("options", "mended_by"),
    [
        (("--rate", "20"), "--duration 60s"),
        (("--duration", "60s"), "--rate 20"),
        (("--rate", "20", "--duration", "60s", "--count", "5"), "leave out --count, or --duration"),
        (("--rate", "20", "--duration", "60"), "such as 90s, 5m or 1h"),
        (("--rate", "20", "--duration", "0s"), "such as 90s, 5m or 1h"),
        (("--rate", "1000", "--duration", "2m"), "120,000 webhooks, and 100,000 is the most"),
        (("--duplicates", "0.1"), "from 0% to 100%, such as 10%"),
        (("--duplicates", "101%"), "from 0% to 100%"),
        (("--faults", "silnt=5%"), "one of latency, silent,"),
        (("--faults", "silent"), "such as silent=5%"),
        (("--faults", "silent=5%,silent=6%"), "is said twice"),
        (("--platform-faults", "slow=5%"), "there is: throttled, error, silent"),
        (("--picture", "load.png"), "name it load.svg"),
        (("--picture", "/nowhere/load.svg"), "there is no folder /nowhere"),
    ],
)
def test_a_load_that_cannot_be_is_refused_with_what_mends_it(
    cancelctl: Cancelctl, options: tuple[str, ...], mended_by: str
) -> None:
    ended = cancelctl(*LOAD, *options)
    assert ended.code == 2
    assert mended_by in ended.stderr
    assert not ended.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--rate", "20", "--duration", "1.5m", "--duplicates", "10%"),
        ("--rate", "20", "--count", "5"),
        ("--faults", "silent=5%,503-seconds-2=1%", "--faults", "429=1%"),
        ("--platform-faults", "late=1%", "--picture", "load.svg"),
    ],
)
def test_a_load_that_can_be_wants_its_stack(cancelctl: Cancelctl, options: tuple[str, ...]) -> None:
    ended = cancelctl(*LOAD, *options)
    assert ended.code == 1
    assert f"cancelctl local up --name {UNUSED}" in ended.stderr


@pytest.mark.parametrize(("command", "other"), [("load", "local chaos"), ("chaos", "local load")])
def test_load_and_chaos_say_what_the_other_is_for(cancelctl: Cancelctl, command: str, other: str) -> None:
    ended = cancelctl("local", command, "--help", COLUMNS="100")
    assert ended.code == 0
    assert other in ended.stdout


def test_a_stack_that_does_not_run_has_no_info(cancelctl: Cancelctl) -> None:
    ended = cancelctl("local", "info", "--name", UNUSED)
    assert ended.code == 1
    assert f"cancelctl local up --name {UNUSED}" in ended.stderr


def test_stopping_what_does_not_run_is_fine(cancelctl: Cancelctl) -> None:
    assert cancelctl("local", "down", "--name", UNUSED).code == 0


def test_the_installed_command_shows_no_traceback() -> None:
    cancelctl = Path(sys.executable).with_name("cancelctl")
    ended = subprocess.run(
        [cancelctl, "local", "info", "--name", UNUSED],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: ")
    assert "Traceback" not in ended.stderr
