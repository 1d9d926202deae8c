"""No regular expression takes more than linear time, whatever it is used on.

The one exception from "figures come from benchmarks, never from timed tests": time is the fact here. What is measured
is processor time, and the least of three, so that a busy machine fails nothing.
"""

import importlib
import re
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from security.patterns import LIMIT_S, Found, NotAnalysed, module_name, patterns_in, slowest

ROOT = Path(__file__).parents[2]
RUNTIME, WORKBENCH, FUNCTIONS = ROOT / "layers" / "runtime", ROOT / "workbench", ROOT / "functions"

FOLDERS = (
    (RUNTIME, RUNTIME / "cancellations"),
    (ROOT, FUNCTIONS),
    (WORKBENCH, WORKBENCH / "trial"),
    (WORKBENCH, WORKBENCH / "cli"),
)
"""What reads deliveries, answers of others and configurations."""


def modules() -> dict[str, Path]:
    return {
        module_name(file, root): file
        for root, folder in FOLDERS
        for file in sorted(folder.rglob("*.py"))
        if file.name != "__main__.py"
    }


@pytest.fixture(scope="module")
def found() -> list[Found]:
    return patterns_in({name: file for name, file in modules().items() if not name.startswith("functions.")})


def test_no_expression_takes_more_than_linear_time(found: list[Found]) -> None:
    measured = [(one, *slowest(one)) for one in found]
    assert [
        f"{one.where} {one.pattern.pattern!r}: {s:.3f} s, {on}" for one, s, on in measured if s > LIMIT_S
    ] == []


def test_all_are_found(found: list[Found]) -> None:
    """In every module whose text has one."""
    calls = re.compile(r"\bre\.(?:compile|fullmatch|match|search|subn?|split|findall|finditer)\(")
    written = {name for name, file in modules().items() if calls.search(file.read_text(encoding="utf-8"))}
    assert set[str]().union(*(one.where for one in found)) == written


def test_functions_have_none() -> None:
    """Their doors cannot be imported side by side, so there is no way to find out what a pattern is used on."""
    assert [
        file for file in FUNCTIONS.rglob("*.py") if re.search(r"\bimport re\b", file.read_text("utf-8"))
    ] == []


# ── The finder finds ──────────────────────────────────────────────────────────────────────────────


def planted(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> list[Found]:
    """What is found in a module of this text."""
    (folder / "planted_module.py").write_text(f"import re\n{dedent(source)}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "planted_module", raising=False)
    importlib.invalidate_caches()
    return patterns_in({"planted_module": folder / "planted_module.py"})


SLOW = {
    "exponential": """
        A = re.compile(r"(a+)+")
        def f(text): A.fullmatch(text)""",
    "exponential by alternatives": """
        A = re.compile(r"x(?:a|a?b?)*c")""",
    "exponential in a path": """
        A = re.compile(r"([A-Za-z0-9_~-][A-Za-z0-9._~-]*/?)*", re.ASCII)
        def f(text): A.fullmatch(text)""",
    "quadratic from every place": r"""
        def f(text): return re.search(r"\s+$", text)""",
    "quadratic behind a word": r"""
        B = re.compile(r"eyJ[\w-]*\.[\w.-]*")
        def f(text): return B.sub("", text)""",
    "quadratic by quotes": r"""
        C = {"a": re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')}
        def f(text): C[text].findall(text)""",
    "quadratic at line begins": r"""
        def f(text): return re.split(r"^\s*\[", text, flags=re.MULTILINE)""",
    "quadratic in a class": """
        class D:
            E = re.compile(rb"<!--.*?-->", re.DOTALL)
            def f(self, b): self.E.sub(b"", b)""",
    "quadratic behind a count": """
        def f(text): return re.search(r"[0-9]{3}[0-9]*;", text)""",
    "quadratic of parts": """
        _X = r"[a-z]*"
        def f(text): return re.match(rf"k{_X}-?{_X}=", text)""",
}


@pytest.mark.parametrize("source", SLOW.values(), ids=SLOW)
def test_a_planted_one_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    (one,) = planted(tmp_path, monkeypatch, source)
    assert slowest(one)[0] > LIMIT_S


def test_one_that_is_used_on_whole_texts_only_is_measured_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search for it would be quadratic."""
    (one,) = planted(
        tmp_path, monkeypatch, 'A = re.compile(r"[a-z]+@[a-z]+")\ndef f(text):\n    A.fullmatch(text)'
    )
    assert one.uses == {"fullmatch"}
    assert slowest(one)[0] < LIMIT_S


@pytest.mark.parametrize(
    "source",
    [
        "def f(a, b):\n    return re.search(a, b)",
        'def f(a, b):\n    return re.search(rf"x{re.escape(a)}", b)',
        'def f(a):\n    return re.compile("x" + a)',
        "from re import search",
    ],
)
def test_one_that_is_not_known_beforehand_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    with pytest.raises(NotAnalysed):
        planted(tmp_path, monkeypatch, source)
