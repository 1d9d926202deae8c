"""Finds every regular expression of a tree of modules, and makes strings on which a bad one takes too long."""

import ast
import importlib
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USES = ("fullmatch", "match", "search", "sub", "subn", "split", "findall", "finditer")
LIMIT_S = 0.020
CHARS = 10_000

type Text = str | bytes


class NotAnalysed(Exception):
    """A use of a regular expression whose pattern cannot be known without running the program."""


@dataclass
class Found:
    """One pattern, the modules that it is written in, and the methods that are called on it.

    `re` compiles the same text once, so several modules may share it.
    """

    pattern: re.Pattern[Any]
    where: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)


# ── Finding ───────────────────────────────────────────────────────────────────────────────────────


def module_name(file: Path, root: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def patterns_in(modules: Mapping[str, Path]) -> list[Found]:
    """Every pattern of the modules, with its uses anywhere in them. Raises NotAnalysed."""
    found: dict[int, Found] = {}

    def known(pattern: re.Pattern[Any]) -> Found:
        return found.setdefault(id(pattern), Found(pattern))

    spaces = {name: vars(importlib.import_module(name)) for name in modules}
    for pattern in (one for space in spaces.values() for one in _held(space)):
        known(pattern)
    passed: set[str] = set()
    for name, file in modules.items():
        for call in _calls(ast.parse(file.read_text(encoding="utf-8"))):
            if _is_re(call.func, spaces[name]):
                one = known(_compiled(call, spaces[name], f"{name}:{call.lineno}"))
                one.where.add(name)
                one.uses |= {_method(call)} - {"compile"}
            else:
                on = _patterns_of(call.func.value, spaces[name])  # type: ignore[attr-defined]  # as _calls says
                passed |= {_method(call)} if on is None else set()
                for pattern in on or ():
                    known(pattern).uses.add(_method(call))
    for one in found.values():  # one that is only handed on is used as those that were handed on
        one.uses = one.uses or passed or set(USES)
    return list(found.values())


def _held(space: Mapping[str, Any]) -> Iterator[re.Pattern[Any]]:
    """By module globals, by what they contain, and by attributes of classes."""
    for value in space.values():
        if isinstance(value, type) and value.__module__ == space["__name__"]:
            held: list[Any] = list(vars(value).values())
        elif isinstance(value, Mapping):
            held = list(value.values())
        else:
            held = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
        yield from (one for one in held if isinstance(one, re.Pattern))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Of a method that patterns have, or that compiles one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "re":
            raise NotAnalysed("`from re import …`: write `import re`")
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in (*USES, "compile")
        ):
            yield node


def _method(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", ""))


def _is_re(function: ast.expr, space: Mapping[str, Any]) -> bool:
    on = getattr(function, "value", None)
    return isinstance(on, ast.Name) and space.get(on.id) is re


def _compiled(call: ast.Call, space: Mapping[str, Any], where: str) -> re.Pattern[Any]:
    """As it is compiled there: of constants, and of what the module has by the time it is imported."""
    named = {one.arg: one.value for one in call.keywords}
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(_method(call), 2)
    flags = named.get("flags") or next(iter(call.args[place:]), ast.Constant(0))
    pattern = named.get("pattern") or call.args[0]
    try:
        written, with_flags = (_value(node, space) for node in (pattern, flags))
        return re.compile(written, with_flags)
    except Exception as fault:
        raise NotAnalysed(f"{where}: {ast.unparse(call)}: {fault!r}") from fault


def _value(node: ast.expr, space: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever it is
    return eval(ast.unparse(node), dict(space))  # noqa: S307 - our own source


def _patterns_of(node: ast.expr, space: Mapping[str, Any]) -> list[re.Pattern[Any]] | None:
    """What a method is called on; None where that is a parameter called `pattern`, nothing where it is no pattern."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name) and node.id == "pattern":
        return None
    try:
        value = _value(node, space) if isinstance(node, ast.Name | ast.Attribute) else None
    except (NameError, AttributeError):  # a local variable, such as a text that is split
        return []
    held = list(value.values()) if isinstance(value, Mapping) else [value]
    return [one for one in held if isinstance(one, re.Pattern)]


# ── Making it slow ────────────────────────────────────────────────────────────────────────────────

_GROUP = re.compile(r"\((?:\?(?:P<\w+>|P=\w+\)|<?[=!]|>|[aiLmsux-]*:))?")
_ATOM = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\s\S])|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\.|[^\\\[\]()|*+?{}^$]|[\]{}]"
)
_COUNT = re.compile(r"\{(\d+)(?:,\d*)?\}")
_ASSERTS = re.compile(r"\\[AZbB1-9]")

_POOL = [chr(code) for code in range(128)] + ["é", "\u0661", "\u2028", "\U0001f600"]


@dataclass(frozen=True, slots=True)
class _Atom:
    """`first` is a character that it matches; `kind` tells atoms with the same characters."""

    first: str
    kind: frozenset[str]


def _atoms(pattern: re.Pattern[Any]) -> list[_Atom]:
    """What the pattern matches character by character, in the order in which it is written, counts carried out.

    Read from the text by the few rules of its syntax that matter here: the parser of `re` is private.
    """
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    atoms: list[_Atom] = []
    place = 0
    while place < len(text):
        if count := _COUNT.match(text, place):
            atoms += atoms[-1:] * (min(int(count[1]), 300) - 1)
            place = count.end()
        elif text[place] in "|*+?^$)":
            place += 1
        elif group := _GROUP.match(text, place):
            place = group.end()
        elif assertion := _ASSERTS.match(text, place):
            place = assertion.end()
        elif written := _ATOM.match(text, place):
            place = written.end()
            atoms += _atom(written[0], pattern.flags & (re.DOTALL | re.IGNORECASE | re.ASCII))
        else:
            raise NotAnalysed(f"{text!r} at {place}")
    return atoms


def _atom(written: str, flags: int) -> list[_Atom]:
    alone = re.compile(written, flags)
    kind = frozenset(c for c in _POOL if alone.fullmatch(c))
    by_use = sorted(kind, key=lambda c: (c not in written, not c.isalnum(), c))
    return [_Atom(by_use[0], kind)] if by_use else []


def adversaries(pattern: re.Pattern[Any]) -> Iterator[Callable[[int], Text]]:
    """Texts of any length: a beginning, a part again and again, and an end that does not fit."""
    atoms = _atoms(pattern)
    example = "".join(atom.first for atom in atoms)
    kinds: dict[tuple[bool, ...], str] = {}
    for c in _POOL:  # one character of each that the pattern tells from others
        kinds.setdefault(tuple(c in atom.kind for atom in atoms), c)
    own = list(dict.fromkeys(["\n", *(atom.first for atom in atoms), *kinds.values()]))[:24]
    beginnings: dict[str, list[str]] = defaultdict(list)
    beginnings[""] = [*own, *(a + b for a in own for b in own if a != b), example, f"{example} "]
    begins = (
        range(len(example)) if len(example) <= 48 else [*range(24), *range(len(example) - 24, len(example))]
    )
    for begin in begins:
        near = [
            example[begin - back : begin + ahead]
            for back in range(4)
            for ahead in range(1, 5)
            if begin >= back
        ]
        parts = [part for part in near if part]
        beginnings[example[:begin]] += parts
        beginnings[""] += parts
        beginnings[example[:begin]] += own if begin < 24 else []
    ends = list(dict.fromkeys(["", "\x00", "\n", "!", *example[-1:]]))
    as_text = isinstance(pattern.pattern, str)
    for beginning, parts in beginnings.items():
        for part in filter(None, dict.fromkeys(parts)):
            for end in ends:
                yield _text(beginning, part, end, as_text=as_text)


def _text(beginning: str, part: str, end: str, *, as_text: bool) -> Callable[[int], Text]:
    def made(length: int) -> Text:
        text = beginning + part * (length // len(part)) + end
        return text if as_text else text.encode("latin-1", "replace")

    return made


def slowest(found: Found) -> tuple[float, str]:
    """Seconds of processor time, the least of three, and on what; over LIMIT_S it stops at once."""
    worst, on = 0.0, ""
    for made in adversaries(found.pattern):
        for use in found.uses:
            seconds, length = _measured(found.pattern, use, made)
            if seconds > worst:
                worst, on = seconds, f"{use} of {length} characters: {made(min(length, 40))!r}"
            if worst > LIMIT_S:
                return worst, on
    return worst, on


LENGTHS = (16, 18, 20, 22, 24, 32, 128, 1_000, CHARS)
"""Step by step, so that what takes for ever is found before it does."""


def _measured(pattern: re.Pattern[Any], use: str, made: Callable[[int], Text]) -> tuple[float, int]:
    run: Callable[[Text], object] = getattr(pattern, use)
    if use in ("sub", "subn"):
        nothing: Text = "" if isinstance(pattern.pattern, str) else b""
        run = lambda text: getattr(pattern, use)(nothing, text)  # noqa: E731
    elif use == "finditer":
        run = lambda text: list(pattern.finditer(text))  # noqa: E731
    seconds, length = 0.0, 0
    for length in LENGTHS:
        text = made(length)
        seconds = _timed(run, text)
        if seconds > LIMIT_S:  # once may have been bad luck
            seconds = min(seconds, _timed(run, text), _timed(run, text))
        if seconds > LIMIT_S:
            break
    return seconds, length


def _timed(run: Callable[[Text], object], text: Text) -> float:
    begun = time.process_time()
    run(text)
    return time.process_time() - begun
