"""Checks a configuration and tries a delivery, as the person who connects a sender does."""

import json
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never

import pytest

from trial.gallery.files import EVENTS

LIMIT_S = 10
"""An answer that takes longer is no answer: an expression or a pattern has run away."""

AT = 1_795_197_600
"""2026-11-20T18:00:00Z, when the recorded deliveries were signed."""

ORGANIZATIONS = """\
[example-legal]
base_url = "https://prevail.example.com"
secret = "example-legal"
"""


@dataclass(frozen=True, slots=True)
class Ended:
    code: object
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        return self.stdout + self.stderr


@dataclass(frozen=True, slots=True)
class Tried:
    """What `cancelctl sources try` reports. `said`: all of it as text, or why the input was refused."""

    said: str
    answer: int | None
    good: bool
    items: tuple[dict[str, Any], ...]

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [item["request"] for item in self.items if item["request"] is not None]

    @property
    def request(self) -> dict[str, Any]:
        """The only one there is."""
        (request,) = self.requests
        return request

    @property
    def taken(self) -> bool:
        return self.good and bool(self.requests)

    @property
    def ignored(self) -> bool:
        return self.good and not self.requests

    def refused(self, *named: str) -> bool:
        """Whether it was refused, and the report names all of this."""
        return not self.good and not self.requests and all(name in self.said for name in named)


class Desk:
    """A folder with a configuration, and `cancelctl`."""

    def __init__(self, folder: Path, cancelctl: Callable[..., Ended]) -> None:
        self._folder, self._cancelctl = folder, cancelctl

    def check(self, sources: str, *options: str, organizations: str = ORGANIZATIONS, **files: str) -> Ended:
        """`files` lie beside the two, by their names without `.toml`."""
        return self.check_folder(self.configuration(sources, organizations, **files), *options)

    def check_folder(self, folder: Path, *options: str) -> Ended:
        return self._run("check", folder, *options)

    def configuration(self, sources: str, organizations: str = ORGANIZATIONS, **files: str) -> Path:
        for name, text in {"organizations": organizations, "sources": sources, **files}.items():
            (self._folder / f"{name}.toml").write_text(text, encoding="utf-8")
        return self._folder

    def deliver(
        self,
        source: str,
        config: str | Path,
        body: object,
        headers: object,
        *,
        secret: str | None = None,
        at: int = AT,
    ) -> Tried:
        """`config`: the text of sources.toml, or a folder. `secret` None: it is believed unseen."""
        (self._folder / "body").write_bytes(_bytes_of(body))
        (self._folder / "headers").write_bytes(_bytes_of(headers))
        files = ("--body", self._folder / "body", "--headers", self._folder / "headers")
        return self._try(source, config, *files, *self._proof(secret), "--at", str(at))

    def put(self, source: str, config: str | Path, event: Mapping[str, Any]) -> Tried:
        """An event of the bus, or of API Gateway, believed unseen."""
        return self.event(source, config, event, secret=None)

    def event(
        self, source: str, config: str | Path, event: Mapping[str, Any], *, secret: str | None
    ) -> Tried:
        (self._folder / "event").write_bytes(_bytes_of(event))
        proof = () if "detail-type" in event else self._proof(secret)
        return self._try(source, config, "--event", self._folder / "event", *proof, "--at", str(AT))

    def _proof(self, secret: str | None) -> tuple[str | Path, ...]:
        if secret is None:
            return ("--unverified",)
        (self._folder / "secret").write_text(secret, encoding="utf-8")
        return ("--secret", self._folder / "secret")

    def _try(self, source: str, config: str | Path, *arguments: str | Path) -> Tried:
        folder = self.configuration(config) if isinstance(config, str) else config
        ended = self._run("try", source, "--config", folder, "--json", *arguments)
        if not ended.stdout:
            return Tried(ended.stderr, None, good=False, items=())
        report = json.loads(ended.stdout)
        assert ended.code == (0 if report["good"] else 2)
        return Tried(
            json.dumps(report, ensure_ascii=False), report["answer"], report["good"], tuple(report["items"])
        )

    def _run(self, *arguments: str | Path) -> Ended:
        with _an_answer_in_time():
            return self._cancelctl("sources", *arguments)


def recorded(name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the event's key holds
    """A sample of events/. `changes` are to its keys; those of `headers` are merged."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    headers = {**event.get("headers", {}), **changes.pop("headers", {})}
    return {**event, **changes, **({"headers": headers} if headers else {})}


def secret_of(name: str) -> str:
    return (EVENTS / "secrets" / f"{name}.json").read_text(encoding="utf-8")


def line_of(text: str, part: str) -> str:
    """Where a fault of sources.toml is shown: the line that has this part."""
    (number,) = [n for n, line in enumerate(text.splitlines(), start=1) if part in line]
    return f"sources.toml:{number}:"


def reported(address: str, *values: object, by: str = "") -> Any:  # noqa: ANN401 - a row, whatever it holds
    """A row whose id is the address of the report, and what tells it from its neighbours."""
    return pytest.param(*values, id=f"{address} {by}".strip())


def _bytes_of(content: object) -> bytes:
    match content:
        case bytes():
            return content
        case str():
            return content.encode("utf-8")
    return json.dumps(content).encode()


@contextmanager
def _an_answer_in_time() -> Iterator[None]:
    def give_up(_number: int, _frame: object) -> Never:
        pytest.fail(f"no answer in {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
