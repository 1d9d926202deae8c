"""The files of a configuration: TOML tables with the lines they stand on, and what lies beside them."""

import re
import tomllib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from importlib.resources.abc import Traversable

from cancellations.configuration.faults import Faults

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
MAX_BYTES = 4 * 1024 * 1024

_LINE = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")
"""How TOML's parser ends its messages."""


class FileFault(ValueError):
    """A file that cannot be used: what is wrong and how to fix it. `line`: where, if that is known."""

    def __init__(self, fault: str, fix: str, line: int | None = None) -> None:
        super().__init__(fault)
        self.fix, self.line = fix, line


def text_of(raw: bytes) -> str:
    """Return the text of a file in UTF-8, without a byte order mark. Raises FileFault for any other encoding."""
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in raw:
        fix = "save it as UTF-8 (in PowerShell: Set-Content -Encoding utf8)"
        raise FileFault("is UTF-16, or not a text", fix)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        fix = "save it as UTF-8; is it Windows-1252 or Latin-1?"
        raise FileFault("is not UTF-8", fix, raw.count(b"\n", 0, e.start) + 1) from e


def toml_in(text: str) -> dict[str, object]:
    """Raises FileFault."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        at = _LINE.search(str(e))
        raise FileFault(f"is not TOML: {e}", "fix that line", int(at[1]) if at else None) from e
    except RecursionError as e:
        raise FileFault("is nested too deeply", "write it in fewer levels") from e


class File:
    """One file of tables by their titles. A fault of the file itself is noted, and `tables` is None then."""

    def __init__(self, folder: Traversable, name: str, faults: Faults) -> None:
        self.folder, self.name, self.faults = folder, name, faults
        self._lines: list[str] = []
        self._opened: dict[str, int] = {}
        self.tables: dict[str, object] | None = None
        try:
            text = text_of(_bytes_of(folder, name))
            self.tables = toml_in(text)
            self._lines = text.split("\n")
        except FileFault as fault:
            self.fault_of(name, fault)
        for number, line in enumerate(self._lines):
            if title := _title_in(line):
                self._opened.setdefault(title, number)

    def fault_of(self, name: str, fault: FileFault) -> None:
        """Note a fault of this file, or of one beside it. It is one fault, however many sources name the file."""
        self.faults.add(name, fault.line, "", str(fault), fault.fix)

    def line_of(self, title: str, key: str) -> int | None:
        """Where a key of a table stands, or else the table: TOML's parser does not tell, so the text is searched."""
        lines, opened = self._lines, self._opened.get(title)
        if title and opened is None:  # an inline table: its key stands in the one above, or before all tables
            above, _, inline = title.rpartition(".")
            return self.line_of(above, inline)
        begin = 0 if opened is None else opened + 1
        end = next((n for n in range(begin, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
        at = next((n for n in range(begin, end) if key and _opens_with(lines[n], key)), opened)
        return None if at is None else at + 1

    def beside(self, name: str) -> str | None:
        """Return the text of another file in the same folder; None if it cannot be read, which is noted.

        Raises FileFault if there is no such file.
        """
        if not _NAME.fullmatch(name):
            raise FileFault("is not the name of a file in the same folder", "write the name alone")
        if not self.folder.joinpath(name).is_file():
            raise FileFault(f"names {name!r}, which is missing", "put the file beside this one")
        try:
            return text_of(_bytes_of(self.folder, name))
        except FileFault as fault:
            self.fault_of(name, fault)
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


def _bytes_of(folder: Traversable, name: str) -> bytes:
    """Raises FileFault."""
    try:
        raw = folder.joinpath(name).read_bytes()
    except FileNotFoundError as e:
        raise FileFault("is missing", "create it beside the other file") from e
    except OSError as e:
        raise FileFault(f"cannot be read: {e.strerror}", "make it a readable file") from e
    if len(raw) > MAX_BYTES:
        raise FileFault(f"has more than {MAX_BYTES} bytes", "keep only what is needed")
    return raw
