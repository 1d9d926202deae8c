"""One fault: what it does to a call, and where the call's answer goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from prevail.faults.scripts import Script
from prevail.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a call came in: `origin` is scheme and authority as the client has them, `target` path and query."""

    now: float
    origin: str
    target: str


@dataclass(frozen=True, slots=True)
class Fault:
    """`text` names it, in the grammar of `prevail.faults.kinds`.

    `commits`: the endpoint runs and its answer goes on to `instead` and `script`; else a proxy's 502 does.
    `instead` is said in its place; `script` is how it is said, None for: as it should be.
    """

    text: str
    commits: bool = True
    delay_s: float = 0.0
    instead: Callable[[Outgoing, Scene], Outgoing] | None = None
    script: Script | None = None
    until_key_changes: bool = False
