"""A run as lines for a reader: when, who, what, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cancellations.writes import Append, Increment, Item, Put, Remove, Write


@dataclass
class Story:
    """Told line by line as it happens; nothing where there is no `tell`."""

    tell: Callable[[str], None] | None = None
    names: dict[str, str] = field(default_factory=dict)
    """Short names of requests by their ids."""

    @property
    def is_told(self) -> bool:
        return self.tell is not None

    def line(self, at: float, who: str, what: object, result: object) -> None:
        if self.tell:
            said = [self._short(part) for part in (what, result)]
            self.tell(f"{at:>10.3f}  {who:<11} {said[0]:<58} {said[1]}".rstrip())

    def _short(self, part: object) -> str:
        match part:
            case Write():
                said = _write(part)
            case dict():
                said = _item(part)
            case _:
                said = str(part)
        for long, short in self.names.items():
            said = said.replace(long, short)
        return said


def _write(write: Write) -> str:
    said = [write.key.removeprefix("SESSION#acme-legal#").replace("REQUEST#", "request ")]
    for change in write.changes:
        match change:
            case Put(("state" | "status" | "owner" | "outcome" | "doubt_by" as name,), value):
                said.append(f"{name}={value.get('status') if isinstance(value, dict) else value}")
            case Put(("queued_at",), _):
                said.append("queued")
            case Increment((name,), by):
                said.append(f"{name}+{by}")
            case Append(("attempts",), _):
                said.append("+attempt")
            case Remove(("owner" | "open" | "doubt_by" as name,)):
                said.append(f"-{name}")
            case _:
                pass
    return " ".join(said)


def _item(item: Item) -> str:
    names = ("state", "status", "fence", "owner", "doubt_by", "canceled_by", "due_at", "sweeps")
    return " ".join(f"{name}={item[name]}" for name in names if name in item)
