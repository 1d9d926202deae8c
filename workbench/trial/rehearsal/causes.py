"""Causes: what is wrong with a delivery, under a name that scripts can rely on, with what to do about it."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """`code`: stable, in lower case with hyphens. `said`: one sentence. `fix`: what to do."""

    code: str
    said: str
    fix: str


def said(causes: tuple[Cause, ...]) -> str:
    return " ".join(cause.said for cause in causes)


def fixes(causes: tuple[Cause, ...]) -> str:
    return " ".join(dict.fromkeys(cause.fix for cause in causes if cause.fix))


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a source, to say what to write into it."""

    source: str
    verify: str

    def set(self, key: str, value: str) -> str:
        """How to configure a part of a signature."""
        written = f"{key} = {json.dumps(value)}"
        match self.verify:
            case "hmac":
                return f"Write {written} in [{self.source}.hmac]."
            case "jwt" | "prevail-postback":
                return f"It cannot be configured for verify = {json.dumps(self.verify)}: change it at the sender."
        return (
            f"{json.dumps(self.verify)} has it fixed. If this sender always signs so, use "
            f'verify = "hmac" with {written}.'
        )
