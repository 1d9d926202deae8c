"""One switch: what it may be set to, read from JSON or from a command line."""

from dataclasses import dataclass
from math import isfinite
from typing import cast

from prevail.fields import BadField

type Value = str | float | bool

_WORDS: dict[str, Value] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Numbers:
    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return isfinite(value) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"a number from {self.low:.0f} to {self.high:.0f}"


@dataclass(frozen=True, slots=True)
class Switch:
    """`everywhere`: it is about the whole emulator and cannot be set for one organization."""

    name: str
    allowed: tuple[Value, ...] | Numbers
    default: Value
    why: str
    everywhere: bool = False

    @property
    def choices(self) -> str:
        if isinstance(self.allowed, Numbers):
            return str(self.allowed)
        return f"one of {', '.join(map(spelled, self.allowed))}"

    def read(self, value: object) -> Value:
        """Raises BadField with all that is allowed."""
        # True is 1 to Python, not to whoever reads a table of statuses.
        if isinstance(value, bool) == isinstance(self.default, bool):
            if isinstance(self.allowed, Numbers):
                if value in self.allowed:
                    return cast(float, value)
            else:
                for one in self.allowed:
                    if value == one:
                        return one
        raise BadField(self.name, f"must be {self.choices}")

    def read_text(self, text: str) -> Value:
        """As it is written on a command line. Raises BadField."""
        return self.read(text if isinstance(self.default, str) else _WORDS.get(text, _number(text)))


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def spelled(value: object) -> str:
    """As a command line takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
