"""Where things are: the checkout, its environments, and what one stack keeps on disk."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from stack.errors import Refused, StackError

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = CHECKOUT / "template.yaml"
SAMCONFIG = CHECKOUT / "samconfig.toml"
SHIPPED_CONFIGURATION = CHECKOUT / "layers" / "config" / "python" / "cancellations_config"
BUILDS = CHECKOUT / ".aws-sam" / "local"
# The interpreter that runs ministack runs the functions too: it must know no package but ministack's own.
MINISTACK_PYTHON = CHECKOUT / ".venv-stack" / "bin" / "python"
SAM = CHECKOUT / ".venv-sam" / "bin" / "sam"
# `sam build` wants a real python3.13 with pip beside it; a version manager's shim will not do.
PYTHON_WITH_PIP = Path(sys.prefix) / "bin"

DEFAULT_NAME = "default"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


def require_environments() -> None:
    """Raises StackError where the checkout was not set up."""
    missing = [
        str(path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path)
        for path in (MINISTACK_PYTHON, SAM, PYTHON_WITH_PIP / "python3.13")
        if not path.exists()
    ]
    if missing:
        raise StackError(f"not set up: {', '.join(missing)} missing. Run `make setup`.")


@dataclass(frozen=True, slots=True)
class StateFolder:
    """`.local/<name>/`: what a stack leaves on disk. Raises Refused for a name that is no plain word."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise Refused(
                f"stack name {self.name!r}: use up to 31 lower-case letters, digits and hyphens, like 'demo-2'."
            )

    @property
    def path(self) -> Path:
        return CHECKOUT / ".local" / self.name

    @property
    def lock(self) -> Path:
        """Held by the living stack's supervisor; the kernel lets go of it however the supervisor ends."""
        return self.path / "lock"

    @property
    def record(self) -> Path:
        """What was started, so that leftovers can be recognised and removed."""
        return self.path / "processes.json"

    @property
    def info(self) -> Path:
        """The stack as others see it. Holds signing secrets: mode 0600."""
        return self.path / "stack.json"

    @property
    def config(self) -> Path:
        """The configuration as it was when the stack was started."""
        return self.path / "config"

    @property
    def ended(self) -> Path:
        """Why the last stack of this name ended, where it did so by itself."""
        return self.path / "ended.txt"

    def log(self, part: str) -> Path:
        return self.path / f"{part}.log"
