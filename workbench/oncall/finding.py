"""What a check has found, as a value: to be shown as a line, or printed as JSON."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

type Status = Literal["ok", "warning", "failed", "skipped"]
"""skipped: it could not be looked at, for a reason that is told elsewhere or is nobody's fault."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`name`: what was looked at. `said`: what was found. `fix`: what to do about it."""

    status: Status
    name: str
    said: str
    fix: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def ok(name: str, said: str) -> Finding:
    return Finding("ok", name, said)


def warning(name: str, said: str, fix: str | None = None) -> Finding:
    return Finding("warning", name, said, fix)


def failed(name: str, said: str, fix: str | None = None) -> Finding:
    return Finding("failed", name, said, fix)


def skipped(name: str, said: str, fix: str | None = None) -> Finding:
    return Finding("skipped", name, said, fix)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """AWS has refused a question, or not answered it. `code` is its word for why."""

    code: str

    def found(self, name: str, *, local: bool = False) -> Finding:
        """local: it was the local AWS, which knows less."""
        if local:
            return skipped(name, f"the local AWS does not tell ({self.code})")
        if "NotFound" in self.code or "NonExistent" in self.code:
            return failed(name, f"is not there ({self.code})", "deploy the stack anew, or name the right one")
        if "AccessDenied" in self.code or "Unauthorized" in self.code:
            return warning(name, f"may not be looked at ({self.code})", "sign in with a role that may")
        return failed(name, f"AWS did not answer ({self.code})", "ask again; is the region the right one?")


def asked[T](question: Callable[[], T]) -> T | Unanswered:
    """One call to AWS; what comes in place of an answer is a value."""
    try:
        return question()
    except ClientError as refused:
        return Unanswered(str(refused.response["Error"]["Code"]))
    except BotoCoreError as silent:
        return Unanswered(type(silent).__name__)
