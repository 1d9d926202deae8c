"""`python -m prevail`: what a person or a script that starts it can count on."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


def stopped(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it said at the end, on both streams."""
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=15)


def test_the_state_is_kept_from_one_life_to_the_next(seed: Path, tmp_path: Path) -> None:
    kept = tmp_path / "state.json"
    with started("--json", "--seed", str(seed), "--state", str(kept)) as process:
        ApiCaller(json.loads(line(process))["url"], a_token()).cancel("s-1")
        _, errors = stopped(process)
    assert f"The state is kept in {kept}, API keys and all" in errors
    with started("--json", "--seed", str(seed), "--state", str(kept)) as process:
        session = Emulator(json.loads(line(process))["url"]).session("s-1")
    assert (session.state, session.patches, session.emails) == ("canceled", 1, 2)


def test_the_state_is_for_its_owner_alone(seed: Path, tmp_path: Path) -> None:
    kept = tmp_path / "state.json"
    kept.write_text(json.dumps({"version": 1}))
    kept.chmod(0o644)
    with started("--json", "--seed", str(seed), "--state", str(kept)) as process:
        line(process)
        stopped(process)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "state" in path.name] == ["state.json"]


def test_a_wrong_state_is_told_its_field_and_left_as_it_is(tmp_path: Path) -> None:
    kept = tmp_path / "state.json"
    kept.write_text('{"version": 7}')
    end = failed("--state", str(kept))
    assert (end.returncode, kept.read_text()) == (2, '{"version": 7}')
    assert f"{kept}: version: must be 1" in end.stderr


def test_switches_are_set_at_the_start(seed: Path) -> None:
    arguments = ("--switch", "canceled=202", "--switch", "error_body=html")
    with started("--json", "--seed", str(seed), *arguments) as process:
        switches = Emulator(json.loads(line(process))["url"]).put_switches()
    assert (switches["canceled"], switches["error_body"]) == (202, "html")


def test_a_switch_that_is_set_now_comes_before_one_that_was_saved(tmp_path: Path) -> None:
    kept = tmp_path / "state.json"
    kept.write_text(json.dumps({"version": 1, "switches": {"canceled": 204, "edited": 204}}))
    with started("--json", "--state", str(kept), "--switch", "canceled=202") as process:
        switches = Emulator(json.loads(line(process))["url"]).put_switches()
    assert (switches["canceled"], switches["edited"]) == (202, 204)


def test_a_wrong_switch_is_told_what_would_be_right() -> None:
    end = failed("--switch", "canceled=418")
    assert (end.returncode, end.stderr) == (2, "prevail: canceled: must be one of 200, 202, 204\n")


def test_faults_leave_no_trace_in_what_it_prints(seed: Path) -> None:
    with started("--json", "--seed", str(seed)) as process:
        url = json.loads(line(process))["url"]
        for fault in ("reset-head", "garbage", "truncated", "stale", "body-empty", "silent-before"):
            Emulator(url).put_faults({"fault": fault})
            with suppress(requests.RequestException):
                ApiCaller(url, a_token(), timeout_s=0.5).cancel("s-1")
        assert stopped(process) == ("", "")


@pytest.mark.parametrize("fault", ["interim-100000", "headers-50000", "huge-50", "drip-1", "silent"])
def test_a_client_that_hangs_up_leaves_no_trace(seed: Path, fault: str) -> None:
    with started("--json", "--seed", str(seed)) as process:
        url = json.loads(line(process))["url"]
        Emulator(url).put_faults({"fault": fault})
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as hasty:
            hasty.sendall(b"GET /api/v1/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            wait_for_a_call(Emulator(url))
        assert stopped(process) == ("", "")


def wait_for_a_call(emulator: Emulator) -> None:
    deadline = time.monotonic() + 10
    while not emulator.calls():
        assert time.monotonic() < deadline


def test_it_ends_while_a_call_is_held(seed: Path) -> None:
    with started("--json", "--seed", str(seed)) as process:
        url = json.loads(line(process))["url"]
        Emulator(url).put_faults({"fault": "silent"})
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as held:
            held.sendall(b"GET /api/v1/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            wait_for_a_call(Emulator(url))
            assert stopped(process) == ("", "")
        assert process.returncode == 0


def test_it_imports_nothing_of_the_product() -> None:
    program = "import sys, prevail.__main__, prevail.client; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    rooms = {name.partition(".")[0] for name in run.stdout.split()}
    assert rooms.isdisjoint({"cancellations", "cli", "stack", "console", "bench", "boto3"})
