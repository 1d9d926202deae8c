"""The tables of a file, read key by key: what is wrong is noted with its line, and reading goes on."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace

from cancellations.configuration.files import File
from cancellations.source.expressions import Expression, Impossible, compiled
from cancellations.source.expressions.comparing import PLAIN, Comparing
from cancellations.source.expressions.shapes import ANYTHING, Kind, Shape
from cancellations.values import dataclass

SECRET = re.compile(r"(?!whsec_|whpk_)[A-Za-z0-9_+=.@-]{1,128}", re.ASCII)
"""The name of a secret, not the secret itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an expression must be: a kind that it yields, over documents of a shape; and whether it decides."""

    kinds: tuple[Kind, ...]
    over: Shape = ANYTHING
    decides: bool = False
    comparing: Comparing = PLAIN


class Keys:
    """One table of a file. A getter that finds a fault notes it and answers with something harmless.

    told: it is not there, which has been noted; what it lacks is no fault of its own.
    """

    def __init__(self, table: object, file: File, title: str, *, told: bool = False) -> None:
        self.file, self._title = file, title
        self._told = told or not isinstance(table, dict)
        self._known: set[str] = set()
        self._table: dict[str, object] = table if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            file.faults.add(
                file.name,
                file.line_of(title, ""),
                title,
                "is not a table",
                f"write [{title}] on a line of its own",
            )

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def kind(self, key: str) -> type:
        self._known.add(key)
        return type(self._table.get(key))

    def fault(self, key: str, fault: str, fix: str) -> None:
        if self._told:
            return
        self.file.faults.add(*self._place(key), fault, fix)

    def warn(self, key: str, doubt: str, fix: str) -> None:
        """Note what may be meant and may be a mistake."""
        self.file.faults.warn(*self._place(key), doubt, fix)

    def _place(self, key: str) -> tuple[str, int | None, str]:
        return self.file.name, self.file.line_of(self._title, key), f"[{self._title}] {key}".strip()

    def name(self, pattern: re.Pattern[str], allowed: str) -> str:
        """The table's own name, which must match."""
        if not pattern.fullmatch(self._title):
            line = self.file.line_of(self._title, "")
            shown = f"[{self._title!r}]"
            self.file.faults.add(self.file.name, line, shown, "is no possible name", f"allowed: {allowed}")
        return self._title

    def text(self, key: str, meaning: str, default: str | None = None) -> str:
        self._known.add(key)
        value = self._table.get(key, default)
        if not isinstance(value, str) or (not value and default != ""):
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

    def whole_number(self, key: str, least: int, most: int, default: int) -> int:
        self._known.add(key)
        value = self._table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(key, "is not a whole number in its bounds", f"write one from {least} to {most}")
            return default
        return value

    def count(self, key: str, least: int, most: int) -> int | None:
        """None where the key is missing."""
        self._known.add(key)
        return self.whole_number(key, least, most, least) if key in self._table else None

    def number(self, key: str, least: float, most: float) -> float | None:
        """None where the key is missing."""
        self._known.add(key)
        value = self._table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.fault(key, "is not a number in its bounds", f"write one from {least:g} to {most:g}")
            return None
        return value

    def yes_or_no(self, key: str) -> bool:
        self._known.add(key)
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            self.fault(key, "is neither true nor false", "write true or false")
            return False
        return value

    def table(self, key: str, meaning: str) -> "Keys":
        self._known.add(key)
        missing = key not in self._table
        if missing:
            self.fault(key, "is missing", f"it is {meaning}")
        return Keys(self._table.get(key, {}), self.file, f"{self._title}.{key}", told=missing)

    def optional_table(self, key: str) -> "Keys | None":
        self._known.add(key)
        return self.table(key, "") if key in self._table else None

    def names(self, pattern: re.Pattern[str] | None = None, meaning: str = "") -> list[str]:
        """The keys of a table whose keys are free, in the order of the file."""
        for key in self._table:
            if pattern and not pattern.fullmatch(key):
                self.fault(key, "is no possible name", f"it is {meaning}")
        return list(self._table)

    def expression(self, key: str, wanted: Wanted, default: str | None = None) -> Expression:
        """A compiled JMESPath expression; without a default it must be there."""
        return self.compiled(key, self.text(key, "a JMESPath expression", default), wanted)

    def optional_expression(self, key: str, wanted: Wanted) -> Expression | None:
        self._known.add(key)
        return self.expression(key, wanted) if key in self._table else None

    def expressions(
        self, key: str, wanted: Wanted, default: str | Sequence[str] | None
    ) -> tuple[Expression, ...]:
        """One expression, or a list of them whose values may be numbers too."""
        self._known.add(key)
        written = self._table.get(key, default)
        if not isinstance(written, list | tuple):
            return (self.expression(key, wanted, default if isinstance(default, str) else None),)
        if not written or not all(isinstance(one, str) and one for one in written):
            self.fault(key, "is not a list of texts", "list JMESPath expressions")
            return ()
        of_parts = replace(wanted, kinds=(*wanted.kinds, "number"))
        return tuple(self.compiled(key, one, of_parts) for one in written)

    def expression_or_constant(self, key: str, wanted: Wanted) -> Expression | bool:
        """True or false as written, else an expression; false where the key is missing."""
        self._known.add(key)
        value = self._table.get(key, False)
        if isinstance(value, bool | str):
            return value if isinstance(value, bool) else self.expression(key, wanted)
        self.fault(key, "is neither true, false nor a text", "write true, false or a JMESPath expression")
        return False

    def named_expressions(self, key: str, wanted: Wanted, names: re.Pattern[str]) -> dict[str, Expression]:
        """One expression, known by the key's own name, or a table of them by names; nothing if the key is missing."""
        if self.kind(key) is dict:
            own = self.table(key, "")
            listed = own.names(names, "a name of lower-case letters, digits and -")
            return {name: own.expression(name, wanted) for name in listed}
        return {key: self.expression(key, wanted)} if key in self else {}

    def no_others(self) -> None:
        """Every key that nobody asked for is a fault: most are misspelled."""
        for key in sorted(self._table.keys() - self._known):
            self.fault(key, "is not known here", _choose(key, sorted(self._known)))

    def compiled(self, key: str, written: str, wanted: Wanted) -> Expression:
        """What is wrong with an expression is a fault of this key, also of a default."""
        if not written:  # which has been noted
            return _HARMLESS
        try:
            return compiled(
                written, wanted.kinds, wanted.over, decides=wanted.decides, comparing=wanted.comparing
            )
        except Impossible as e:
            self.fault(key, f"is invalid: {e}", e.fix)
            return _HARMLESS


_HARMLESS = compiled("@")


def tables_of(file: File) -> list[Keys]:
    """In the order of the file. A file without any has a fault."""
    if file.tables == {}:
        file.faults.add(file.name, None, "", "has no table", "add one: [NAME]")
    return [Keys(table, file, title) for title, table in (file.tables or {}).items()]


def _choose(written: str, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(written, choices, n=1)
    return f"did you mean {near[0]!r}?" if near else f"choose one of: {', '.join(choices)}"
