"""How many cancels a second the Prevail emulator answers: `python -m bench.emulator`.

The emulator is a process of its own, and so is each client, which keeps its connections and has one request under way
on each. Every request is signed and is for a session of its own. The median of the runs is what counts.
"""

import argparse
import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from prevail.client import Emulator
from prevail.tokens import sign

KEY = "0123456789abcdef" * 2
SLUG = "bench"
_CANCELED = b'{"messages":"Session successfully canceled."}'


@dataclass(frozen=True, slots=True)
class Run:
    """`cpu_us` is what the emulator's process spent on one request."""

    per_second: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Clients:
    processes: int
    connections: int
    requests: int

    @property
    def of_each(self) -> int:
        """Requests of one process: a multiple of its connections."""
        return self.requests // self.processes // self.connections * self.connections

    @property
    def all(self) -> int:
        return self.of_each * self.processes


def measure(clients: Clients, runs: int) -> list[Run]:
    """The first run warms up and does not count."""
    with _emulator() as (emulator, pid):
        found = []
        for number in range(runs + 1):
            emulator.reset()
            emulator.put_organization(SLUG, api_key=KEY)
            emulator.put_sessions(
                {"remote_session_id": f"s-{one}", "organization": SLUG, "state": "ready"}
                for one in range(clients.all)
            )
            run = _run(emulator, pid, clients)
            if number:
                found.append(run)
        return found


def _run(emulator: Emulator, pid: int, clients: Clients) -> Run:
    port = int(emulator.url.rpartition(":")[2])
    spawning = multiprocessing.get_context("fork")
    # The clients begin together, when all of them are connected.
    together = spawning.Barrier(clients.processes + 1)
    members = [
        spawning.Process(target=_client, args=(port, number * clients.of_each, clients, together))
        for number in range(clients.processes)
    ]
    for member in members:
        member.start()
    together.wait(60)
    began, cpu = time.perf_counter(), _cpu_s(pid)
    for member in members:
        member.join()
    took, spent = time.perf_counter() - began, _cpu_s(pid) - cpu
    changed = emulator.totals().state_changes
    if changed != clients.all:
        raise SystemExit(f"{clients.all} sessions were canceled once, but the emulator changed {changed}")
    return Run(clients.all / took, spent / clients.all * 1e6)


def _client(port: int, first: int, clients: Clients, together: "multiprocessing.synchronize.Barrier") -> None:
    token = sign(SLUG, KEY, expires_at=time.time() + 600)
    headers = (
        f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        "Accept: application/json\r\nAccept-Encoding: identity\r\nContent-Length: 0\r\n\r\n"
    )
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(clients.connections)]
    together.wait(60)
    for round_ in range(clients.of_each // clients.connections):
        for place, connection in enumerate(connections):
            session = first + round_ * clients.connections + place
            target = f"/api/v1/sessions/s-{session}/cancel?cancel_without_email=true"
            connection.sendall(f"PATCH {target} HTTP/1.1\r\n{headers}".encode())
        for connection in connections:
            read = b""
            while not read.endswith(_CANCELED):
                part = connection.recv(65_536)
                if not part:
                    raise SystemExit(f"the emulator hung up after {read!r}")
                read += part


@contextmanager
def _emulator() -> Iterator[tuple[Emulator, int]]:
    with TemporaryDirectory() as folder:
        seed = Path(folder, "seed.json")
        seed.write_text(json.dumps({"organizations": [], "sessions": []}))
        command = [sys.executable, "-m", "prevail", "--json", "--seed", str(seed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None  # noqa: S101 - a pipe was asked for
                yield Emulator(json.loads(process.stdout.readline())["url"]), process.pid
            finally:
                process.terminate()


def _cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.emulator", description=__doc__)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8, help="of each process")
    parser.add_argument("--requests", type=int, default=6000, help="of all processes together, a run")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    runs = measure(Clients(given.processes, given.connections, given.requests), given.runs)
    rates = sorted(run.per_second for run in runs)
    median, cpu = statistics.median(rates), statistics.median(run.cpu_us for run in runs)
    if given.json:
        print(json.dumps({"per_second": median, "runs": rates, "cpu_us_per_request": cpu}))
        return
    print(
        f"{median:,.0f} requests a second: the median of {len(runs)} runs from {rates[0]:,.0f} to {rates[-1]:,.0f}"
    )
    print(f"{cpu:.0f} µs of the emulator's processor time a request")


if __name__ == "__main__":
    main()
