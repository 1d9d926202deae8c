"""`python -m prevail`: what a person or a script that starts it can count on."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from prevail.client import ApiCaller, Emulator
from prevail.model import STATES
from prevail.server import listening
from prevail.tokens import sign

KEY = "acme-key-0123456789abcdef0123456789abcdef"
SEED = {
    "organizations": [{"slug": "acme", "api_key": KEY}],
    "sessions": [{"remote_session_id": "s-1", "organization": "acme", "state": "ready"}],
}


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "prevail", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def a_token() -> str:
    return sign("acme", KEY, expires_at=time.time() + 300)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def failed(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prevail", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    path = tmp_path / "seed.json"
    path.write_text(json.dumps(SEED))
    return path


def test_a_seed_file_is_planted(seed: Path) -> None:
    with started("--json", "--seed", str(seed)) as process:
        url = json.loads(line(process))["url"]
        assert ApiCaller(url, a_token()).cancel("s-1").status_code == 200


def test_the_first_line_holds_the_url() -> None:
    with started() as process:
        first = line(process)
        found = re.fullmatch(r"Prevail emulator: (http://127\.0\.0\.1:\d+)\n", first)
        assert found
        assert Emulator(found[1]).healthy()


def test_the_demo_has_a_session_in_each_state() -> None:
    with started("--json") as process:
        sessions = Emulator(json.loads(line(process))["url"]).sessions()
    assert [session.state for session in sessions] == list(STATES)


def test_the_demo_prints_a_token_that_works() -> None:
    with started() as process:
        url = line(process).removeprefix("Prevail emulator: ").strip()
        token = next(text for text in iter(lambda: line(process), "") if "TOKEN=" in text).split("=", 1)[1]
        assert ApiCaller(url, token.strip()).cancel("demo-ready").status_code == 200


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(seed: Path, ending: signal.Signals) -> None:
    with (
        started("--json", "--seed", str(seed)) as process,
        requests.Session() as open_connection,
    ):
        url = json.loads(line(process))["url"]
        assert open_connection.get(f"{url}/_emulator/health", timeout=10).ok
        process.send_signal(ending)
        rest, errors = process.communicate(timeout=15)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_taken_port_is_told() -> None:
    with listening(0) as taken:
        end = failed("--port", str(taken.getsockname()[1]))
    assert (end.returncode, "in use" in end.stderr) == (1, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "body: must be JSON"),
        ('{"organisations": []}', "organisations: is not a field"),
        ('{"organizations": [{"slug": "acme"}]}', "organizations[0].api_key: must be"),
        ('{"sessions": [{"remote_session_id": "s"}]}', "sessions[0].organization: must be"),
    ],
)
def test_a_wrong_seed_is_told_its_field(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "seed.json"
    path.write_text(text)
    end = failed("--seed", str(path))
    assert end.returncode == 2
    assert told in end.stderr


def test_it_imports_nothing_of_the_product() -> None:
    program = "import sys, prevail.__main__, prevail.client; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    rooms = {name.partition(".")[0] for name in run.stdout.split()}
    assert rooms.isdisjoint({"cancellations", "cli", "stack", "console", "bench", "boto3"})
