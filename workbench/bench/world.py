"""The fakes as their owner sees them: started, told what to do, asked what was called, ended."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bench import hosts
from prevail.certificates import Authority


@dataclass(frozen=True, slots=True)
class Told:
    """What was called since it was last forgotten."""

    calls: Mapping[str, int]
    """By operation: `dynamodb:UpdateItem`, `prevail:PATCH`."""
    units: Mapping[str, Mapping[str, float]]
    """By table: `write`, `index`, `read`."""
    connections: Mapping[str, int]
    patched: Mapping[str, int]
    """How often each session was asked to be canceled, since the beginning."""
    sent: list[dict[str, Any]]
    """The calls that put something on the queue."""
    items: Mapping[str, int]

    def unit(self, kind: str) -> float:
        return sum(table[kind] for table in self.units.values())


@dataclass(frozen=True, slots=True)
class World:
    ports: Mapping[str, int]
    root_pem: str
    _process: subprocess.Popen[str]

    def told(self) -> Told:
        return Told(**cast("dict[str, Any]", self._do("told")))

    def forget(self) -> None:
        self._do("forget")

    def delay(self, host: str, seconds: float) -> None:
        """How long every answer of a host takes from now on."""
        self._do("delay", hosts=[host], seconds=seconds)

    def fail(self, host: str, times: int) -> None:
        """So many of a host's next answers are a 500, whatever was done."""
        self._do("fail", hosts=[host], times=times)

    def hang_up(self) -> None:
        """On all connections."""
        self._do("hang up", hosts=hosts.HOSTS)

    def fall_silent(self) -> None:
        """On all connections, without a word; new ones are taken as ever."""
        self._do("fall silent", hosts=hosts.HOSTS)

    def empty(self) -> None:
        """All tables."""
        self._do("empty")

    def lay(self, table: str, call: Mapping[str, Any], operation: str = "UpdateItem") -> None:
        """A call that nobody counts."""
        status = self._do("lay", operation=operation, call={"TableName": table, **call})
        if status != 200:  # noqa: PLR2004 - HTTP's OK
            raise ValueError(f"{operation} was refused: {call}")

    def _do(self, what: str, **details: object) -> object:
        assert self._process.stdin is not None  # noqa: S101 - asked for with PIPE
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps({"do": what, **details}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Fakes on free ports of 127.0.0.1, with a certificate for the names that they stand for."""
    authority = Authority()
    certificate, description = folder / "certificate.pem", folder / "fakes.json"
    certificate.write_bytes(authority.right(*hosts.HOSTS))
    description.write_text(json.dumps(hosts.described(str(certificate))), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.fakes", description],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101 - asked for with PIPE
    try:
        yield World(json.loads(process.stdout.readline()), authority.root_pem(), process)
    finally:
        process.communicate()  # it ends with its input
