"""Reading configuration tables so that every fault is found at once and says how to mend it."""

import difflib
import re
from collections.abc import Sequence

from jmespath.parser import ParsedResult

from cancellations.errors import ConfigurationError
from cancellations.source.expressions import compiled


class Faults:
    """Collects faults as lines: `file: [table] key fault; fix`."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, file: str, key: str, fault: str, fix: str) -> None:
        line = f"{file}: {key} {fault}; {fix}" if key else f"{file} {fault}; {fix}"
        self._lines.append("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line))

    def raise_any(self) -> None:
        """Raises ConfigurationError if anything was found."""
        if self._lines:
            raise ConfigurationError(self._lines)


class Keys:
    """One table of a file. A getter that finds a fault notes it and answers with something harmless."""

    def __init__(self, table: object, file: str, title: str, faults: Faults) -> None:
        self._file, self._title, self._faults = file, title, faults
        self._known: set[str] = set()
        self._table: dict[str, object] = table if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            self._faults.add(file, title, "is not a table", f"write [{title}] on a line of its own")

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def fault(self, key: str, fault: str, fix: str) -> None:
        self._faults.add(self._file, f"[{self._title}] {key}", fault, fix)

    def name(self, pattern: re.Pattern[str], allowed: str) -> None:
        """The table's own name must match."""
        if not pattern.fullmatch(self._title):
            self._faults.add(self._file, f"[{self._title!r}]", "is no possible name", f"allowed: {allowed}")

    def text(self, key: str, meaning: str) -> str:
        self._known.add(key)
        value = self._table.get(key)
        if not isinstance(value, str) or not value:
            fault = "is missing" if value is None else "is empty" if value == "" else "is not a text"
            self.fault(key, fault, f"it is {meaning}")
            return ""
        return value

    def matching(self, key: str, pattern: re.Pattern[str], meaning: str) -> str:
        value = self.text(key, meaning)
        if value and not pattern.fullmatch(value):
            self.fault(key, "has characters that are not allowed or is too long", f"it is {meaning}")
        return value

    def one_of(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        self._known.add(key)
        if default is not None and key not in self._table:
            return default
        value = self.text(key, f"one of: {', '.join(choices)}")
        if value and value not in choices:
            self.fault(key, f"is {value!r}", _choose(value, choices))
            return ""
        return value

    def table(self, key: str, meaning: str) -> "Keys":
        self._known.add(key)
        value = self._table.get(key)
        if value is None:
            self._faults.add(self._file, f"[{self._title}.{key}]", "is missing", f"it is {meaning}")
            return Keys({}, self._file, f"{self._title}.{key}", Faults())
        return Keys(value, self._file, f"{self._title}.{key}", self._faults)

    def expression(self, key: str, default: str | None = None) -> ParsedResult:
        """A compiled JMESPath expression; without a default it must be there."""
        self._known.add(key)
        if default is not None and key not in self._table:
            return compiled(default)
        written = self.text(key, "a JMESPath expression over headers and body")
        try:
            return compiled(written or "@")
        except ValueError as e:
            self.fault(key, f"is not JMESPath: {e}", "mend the expression")
            return compiled("@")

    def optional_expression(self, key: str) -> ParsedResult | None:
        self._known.add(key)
        return self.expression(key) if key in self._table else None

    def expression_or_constant(self, key: str) -> ParsedResult | bool:
        """True or false as written, else an expression; false where the key is missing."""
        self._known.add(key)
        value = self._table.get(key, False)
        if isinstance(value, bool | str):
            return value if isinstance(value, bool) else self.expression(key)
        self.fault(key, "is neither true, false nor a text", "write true, false or a JMESPath expression")
        return False

    def no_others(self) -> None:
        """Every key that nobody asked for is a fault: most are misspelled."""
        for key in sorted(self._table.keys() - self._known):
            self.fault(key, "is not known here", _choose(key, sorted(self._known)))


def _choose(written: str, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(written, choices, n=1)
    return f"did you mean {near[0]!r}?" if near else f"choose one of: {', '.join(choices)}"
