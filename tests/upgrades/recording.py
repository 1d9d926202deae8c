"""What stood in the table and on the queue in one state, as one version left it; and what that version can read."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, get_args

from cancellations import __version__
from cancellations.domain import SessionState
from cancellations.versions import READS
from upgrades.scene import Message, Scene, Typed, a_scene
from upgrades.states import STATES

RECORDED = Path(__file__).parent / "recorded"
LAYERS = 3
"""Of a file that get a line for each part: the file, its lists, what is in them."""

READER = "reader"
"""The file beside the states: what the version that wrote them goes on with."""


@dataclass(frozen=True, slots=True)
class Recording:
    version: str
    state: str
    at: float
    items: list[Typed]
    messages: list[Message]

    def brought_to(self, scene: Scene) -> None:
        """As if the other version had just been replaced by this one."""
        scene.clock.now, scene.names = self.at, map("later-{}".format, count()).__next__
        scene.messages.extend(self.messages)
        for item in self.items:
            scene.put(item)

    def as_json(self) -> dict[str, Any]:
        waiting = [{"due_at": message.due_at, "body": message.body} for message in self.messages]
        return {"version": self.version, "at": self.at, "items": self.items, "messages": waiting}


@cache
def made(state: str) -> Recording:
    """What the present version leaves."""
    with a_scene() as scene:
        STATES[state](scene)
        return Recording(__version__, state, scene.clock(), scene.stored(), list(scene.messages))


def reader() -> dict[str, Any]:
    """What the present version goes on with."""
    return {"reads": READS, "session_states": sorted(get_args(SessionState.__value__))}


def read(version: str, state: str) -> Recording:
    told = json.loads((RECORDED / version / f"{state}.json").read_text(encoding="utf-8"))
    messages = [Message(**message) for message in told["messages"]]
    return Recording(told["version"], state, told["at"], told["items"], messages)


def reader_of(version: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((RECORDED / version / f"{READER}.json").read_text(encoding="utf-8"))
    return told


def versions() -> list[str]:
    folders = (folder.name for folder in RECORDED.iterdir() if folder.is_dir())
    return sorted(folders, key=lambda version: tuple(map(int, version.split("."))))


def states_of(version: str) -> list[str]:
    return sorted(file.stem for file in (RECORDED / version).glob("*.json") if file.stem != READER)


def record() -> Path:
    """Write the folder of the present version anew."""
    folder = RECORDED / __version__
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    told = {READER: reader(), **{state: made(state).as_json() for state in STATES}}
    for name, content in told.items():
        (folder / f"{name}.json").write_text(_printed(content) + "\n", encoding="utf-8")
    return folder


def _printed(value: object, depth: int = 0) -> str:
    """JSON with an attribute of an item on each line: what changes in a record is a line of the change."""
    margin = "\n" + "  " * depth
    match value:
        case dict() if depth < LAYERS:
            parts = (f"{json.dumps(name)}: {_printed(part, depth + 1)}" for name, part in value.items())
            return f"{{{margin}  " + f",{margin}  ".join(parts) + f"{margin}}}"
        case list() if value and depth < LAYERS:
            return f"[{margin}  " + f",{margin}  ".join(_printed(p, depth + 1) for p in value) + f"{margin}]"
    return json.dumps(value)
