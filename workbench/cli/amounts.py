"""Durations and shares as people write them: 90s, 10%, silent=5%. Raises Refused, with what would be right."""

import re
from collections.abc import Callable, Sequence

from stack import Refused

SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_NUMBER = r"(\d+(?:\.\d+)?)"


def duration(written: str, *, option: str = "--duration") -> float:
    """In seconds, more than none."""
    read = re.fullmatch(rf"{_NUMBER}([smh])", written, re.ASCII)
    if not read or not float(read[1]):
        raise Refused(f"{option} {written}: write a number and its unit, such as 90s, 5m or 1h")
    return float(read[1]) * SECONDS[read[2]]


def share(written: str, *, option: str) -> float:
    """From 0 to 1."""
    read = re.fullmatch(rf"{_NUMBER}%", written, re.ASCII)
    if not read or float(read[1]) > 100:  # noqa: PLR2004 - percent
        raise Refused(f"{option} {written}: write a share from 0% to 100%, such as 10%")
    return float(read[1]) / 100


def shares(written: Sequence[str], check: Callable[[str], str | None], *, option: str) -> dict[str, float]:
    """By name, of `NAME=SHARE` with commas between them. check: what is wrong with a name, if anything."""
    found: dict[str, float] = {}
    for one in (part.strip() for parts in written for part in parts.split(",")):
        name, equals, percent = one.partition("=")
        if not equals:
            raise Refused(f"{option} {one}: say how many calls meet it, such as {one or 'NAME'}=5%")
        if wrong := check(name):
            raise Refused(f"{option} {name}: {wrong}")
        if name in found:
            raise Refused(f"{option} {name}: is said twice")
        found[name] = share(percent, option=f"{option} {name}")
    return found
