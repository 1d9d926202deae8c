"""The files of a configuration: TOML tables with the lines they stand on, and what lies beside them."""

import re
import tomllib
from importlib.resources.abc import Traversable

from cancellations.configuration.faults import Faults

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
MAX_BESIDE_BYTES = 4 * 1024 * 1024


class File:
    """One file of tables by their titles. What is wrong with it is noted; its tables are None then."""

    def __init__(self, folder: Traversable, name: str, faults: Faults) -> None:
        self.folder, self.name, self.faults = folder, name, faults
        self._text = self._read()
        self.tables = self._parsed() if self._text is not None else None

    def line_of(self, title: str, key: str) -> int | None:
        """Where a key of a table stands, or else the table: TOML's parser does not tell, so the text is searched."""
        lines = (self._text or "").split("\n")
        opened = (
            next((n for n, line in enumerate(lines) if _title_in(line) == title), None) if title else None
        )
        if title and opened is None:  # an inline table: its key stands in the one above, or before all tables
            above, _, inline = title.rpartition(".")
            return self.line_of(above, inline)
        begin = 0 if opened is None else opened + 1
        end = next((n for n in range(begin, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
        at = next((n for n in range(begin, end) if key and _opens_with(lines[n], key)), opened)
        return None if at is None else at + 1

    def beside(self, name: str) -> str:
        """The text of another file in the same folder. Raises ValueError with a reason of one line."""
        if not _NAME.fullmatch(name):
            raise ValueError("is not the name of a file in the same folder")
        try:
            text = self.folder.joinpath(name).read_text(encoding="utf-8")
        except OSError as e:
            raise ValueError("names a file that is not there") from e
        except UnicodeDecodeError as e:
            raise ValueError("names a file that is not UTF-8") from e
        if len(text) > MAX_BESIDE_BYTES:
            raise ValueError(f"names a file of more than {MAX_BESIDE_BYTES} bytes")
        return text

    def _read(self) -> str | None:
        try:
            return self.folder.joinpath(self.name).read_text(encoding="utf-8")
        except FileNotFoundError:
            self.faults.add(self.name, None, "", "is missing", "create it beside the other file")
        except UnicodeDecodeError:
            self.faults.add(self.name, None, "", "is not UTF-8", "save it as UTF-8")
        return None

    def _parsed(self) -> dict[str, object] | None:
        try:
            return tomllib.loads(self._text or "")
        except tomllib.TOMLDecodeError as e:
            self.faults.add(self.name, None, "", f"is not TOML: {e}", "mend the line")
        return None


def _title_in(line: str) -> str | None:
    """The title of the table that a line opens, without quotes and blanks around its dots; None if it opens none."""
    bracket, _, written = line.strip().partition("[")
    if bracket or "]" not in written:
        return None
    return ".".join(part.strip().strip('"') for part in written.partition("]")[0].split("."))


def _opens_with(line: str, key: str) -> bool:
    """Whether a line gives the key a value, or a part of it (`key.part = …`)."""
    written = line.lstrip().removeprefix('"')
    return written.startswith(key) and written[len(key) :].removeprefix('"').lstrip().startswith(("=", "."))
