"""What is wrong with a configuration, or may be, all of it at once, each with its place and its fix."""

from cancellations.errors import ConfigurationError


class Faults:
    """Collects faults and warnings as lines: `file:line: [table] key fault; fix`. Equal faults are kept once."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}  # in order, each once
        self._warnings: list[str] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(self._warnings)

    def add(self, file: str, line: int | None, key: str, fault: str, fix: str) -> None:
        shown = _line(file, line, key, fault, fix)
        self._lines[shown] = None

    def warn(self, file: str, line: int | None, key: str, doubt: str, fix: str) -> None:
        """Note what may be meant: it is reported by `cancelctl sources check`, and the configuration is served."""
        self._warnings.append(_line(file, line, key, doubt, fix))

    def raise_any(self) -> None:
        """Raises ConfigurationError if anything was found."""
        if self._lines:
            raise ConfigurationError(tuple(self._lines))


def _line(file: str, line: int | None, key: str, fault: str, fix: str) -> str:
    place = f"{file}:{line}" if line else file
    said = f"{place}: {key} {fault}; {fix}" if key else f"{place} {fault}; {fix}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in said)
