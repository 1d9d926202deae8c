"""One sandbox: a fresh process under Lambda's own runtime client, with nothing in sight but what is deployed."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench import entry
from bench.runtime_api import RuntimeApi, Said
from bench.subjects import Subject

RUNTIME_CLIENT = Path(__file__).parents[2] / ".venv-bench" / "lib" / "python3.13" / "site-packages"
LONGEST_S = 60.0

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "ASIA" + "0" * 16,
    "AWS_SECRET_ACCESS_KEY": "k" * 40,
    "AWS_SESSION_TOKEN": "t" * 800,
}
"""Nobody's, from AWS's documentation. A function has a session token of about this length."""


class Broken(Exception):
    """The sandbox ended, or answered with an error; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Invoked:
    """Milliseconds by the clock and on the processor."""

    ms: float
    cpu_ms: float
    answer: Any


class Sandbox:
    """Starts it and waits until it asks for its first event."""

    def __init__(
        self,
        subject: Subject,
        ports: Mapping[str, int],
        *,
        core: int | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._api, self._count = RuntimeApi(), 0
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the sandbox
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys._base_executable, "-S", "-P", entry.__file__],  # type: ignore[attr-defined]  # noqa: SLF001 - no venv's
            env={**self._environment(subject, ports, core), **(variables or {})},
            cwd=subject.task_root,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.snapshot = False
        try:
            said = self.heard()
            if said.what == "snapshot":
                self.snapshot = True
            elif said.what != "ready":
                self._fail(said.body.decode(errors="replace"))
        except BaseException:
            self.close()
            raise
        self.init_ms = (said.at - began) * 1e3
        self.init_cpu_ms = self.cpu_ms()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def invoke(self, event: Any) -> Invoked:  # noqa: ANN401 - any event
        """Raises Broken where the function raised."""
        self._count += 1
        before = self.cpu_ms()
        put = self._api.put(f"00000000-0000-4000-8000-{self._count:012d}", event)
        said = self.heard()
        if said.what != "response":
            self._fail(said.body.decode(errors="replace"))
        return Invoked((said.at - put) * 1e3, self.cpu_ms() - before, json.loads(said.body or b"null"))

    def restore(self) -> None:
        """From its snapshot; it is ready again when this returns."""
        self._api.restore()
        if (said := self.heard()).what != "ready":
            self._fail(said.body.decode(errors="replace"))

    def cpu_ms(self) -> float:
        """What the process has spent on the processor; Linux names every process's clock by its pid."""
        return time.clock_gettime((~self.pid) << 3 | 2) * 1e3

    def most_memory_mb(self) -> float:
        """The most that was resident at once."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def log_bytes(self) -> int:
        return os.fstat(self._log.fileno()).st_size

    def heard(self) -> Said:
        """The next thing it says. Raises Broken where it ends or says nothing."""
        ends = time.monotonic() + LONGEST_S
        while time.monotonic() < ends:
            with suppress(queue.Empty):
                return self._api.said.get(timeout=0.5)
            if self._process.poll() is not None:
                self._fail(f"ended with {self._process.returncode}")
        self._fail("said nothing")
        raise AssertionError

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._api.close()
        self._log.close()

    def _fail(self, why: str) -> None:
        raise Broken(f"{why}\n{self.log()[-3000:]}")

    def _environment(self, subject: Subject, ports: Mapping[str, int], core: int | None) -> dict[str, str]:
        paths = [subject.task_root, *subject.paths, RUNTIME_CLIENT]
        return {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONDONTWRITEBYTECODE": "1",  # a function's folders are read-only
            entry.HOSTS: json.dumps(dict(ports)),
            entry.CORE: "" if core is None else str(core),
            "_HANDLER": subject.handler,
            "_X_AMZN_TRACE_ID": "",
            "LAMBDA_TASK_ROOT": str(subject.task_root),
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": "measured",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9",
            **CREDENTIALS,
            **subject.variables,
        }
