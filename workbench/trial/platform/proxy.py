"""microburst, between the functions and the local AWS: it passes on every call but those that a rule strikes."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import requests

from stack import StackError, StackInfo, processes, surroundings
from stack.http_json import NoAnswer, ask
from stack.ports import TRIES, free_port
from trial.platform.faults import Service, effect

_START_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Rule:
    """Which calls a fault strikes: those of an operation whose parameters fit `where` (JMESPath on the request's body),
    `times` at most, and of these the share."""

    fault: str
    service: Service
    operation: str | None = None
    where: str | None = None
    times: int | None = None
    share: float = 1.0

    def written(self) -> Mapping[str, Any]:
        said = {"operation": self.operation, "body": self.where, "times": self.times}
        return {
            "service": self.service,
            "probability": self.share,
            **{name: value for name, value in said.items() if value is not None},
            **effect(self.fault, self.service),
        }


@dataclass(frozen=True, slots=True)
class Proxy:
    url: str

    def obey(self, rules: Sequence[Rule]) -> None:
        """These and no others; of those that fit a call the first one strikes."""
        self._control("POST", "rules", [rule.written() for rule in rules])

    def strikes(self) -> list[int]:
        """How often each rule has struck, in their order."""
        return [int(rule["fired_count"]) for rule in self._control("GET", "rules")]

    def seen(self) -> int:
        """How many calls have come through it, struck ones included."""
        return int(self._control("GET", "health")["requests_seen"])

    def _control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        with requests.Session() as http:
            http.trust_env = False  # loopback needs no proxy
            answer = http.request(method, f"{self.url}/_microburst/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def proxy_of(info: StackInfo) -> Iterator[Proxy]:
    """A proxy before the local AWS of this stack, for as long as the context lasts. Raises StackError."""
    folder = Path(info.log_files["supervisor"]).parent
    log = folder / "microburst.log"
    for _ in range(TRIES):
        url = f"http://127.0.0.1:{(port := free_port())}"
        command = [
            sys.executable,
            "-m",
            "microburst",
            "--port",
            str(port),
            "--upstream",
            info.aws_endpoint_url,
        ]
        log.write_bytes(b"")
        part = processes.start("microburst", command, env=surroundings.for_part(folder), cwd=folder, log=log)
        try:
            if _answers(part, url, info.aws_endpoint_url):
                yield Proxy(url)
                return
        finally:
            part.stop()
    raise StackError(f"microburst could not be started. See {log}.")


def _answers(part: processes.Guarded, url: str, upstream: str) -> bool:
    """False where it ended, as it does when another process took its port. Raises StackError."""
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline:
        if part.exit_code() is not None:
            return False
        try:
            _, health = ask("GET", f"{url}/_microburst/health")
        except NoAnswer:
            time.sleep(0.05)
            continue
        if cast("Mapping[str, object]", health).get("upstream") == upstream:
            return True
        time.sleep(0.05)
    raise StackError(f"microburst did not answer within {_START_WITHIN:.0f} s. See {part.log}.")
