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
        text = self._text or ""
        table = re.escape(title).replace(r"\.", r'"?\s*\.\s*"?')
        opened = re.search(rf'^\s*\[\s*"?{table}"?\s*\]', text, re.MULTILINE) if title else None
        if title and opened is None:  # an inline table: its key stands in the one above, or before all tables
            above, _, inline = title.rpartition(".")
            return self.line_of(above, inline)
        begin = opened.end() if opened else 0
        following = re.search(r"^\s*\[", text[begin:], re.MULTILINE)
        end = begin + following.start() if following else len(text)
        stands = (
            re.search(rf'^\s*"?{re.escape(key)}"?\s*[=.]', text[begin:end], re.MULTILINE) if key else None
        )
        if opened is None and stands is None:
            return None
        return text.count("\n", 0, begin + stands.end() if stands else begin) + 1

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
