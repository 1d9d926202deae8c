"""What is wrong with a configuration, all of it at once, each with its place and its fix."""

from cancellations.errors import ConfigurationError


class Faults:
    """Collects faults as lines: `file:line: [table] key fault; fix`."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, file: str, line: int | None, key: str, fault: str, fix: str) -> None:
        place = f"{file}:{line}" if line else file
        said = f"{place}: {key} {fault}; {fix}" if key else f"{place} {fault}; {fix}"
        self._lines.append("".join(c if c.isprintable() else ascii(c)[1:-1] for c in said))

    def raise_any(self) -> None:
        """Raises ConfigurationError if anything was found."""
        if self._lines:
            raise ConfigurationError(self._lines)
