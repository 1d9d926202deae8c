"""From the text of an expression to its tree. What the grammar refuses is explained: most of it is another language."""

import json
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, cast

import jmespath
from jmespath.exceptions import JMESPathError, LexerError, ParseError
from jmespath.lexer import Lexer

from cancellations.values import dataclass

type Node = Mapping[str, Any]
"""A node of jmespath's tree: `type`, `children`, and for some `value`."""


class Impossible(ValueError):
    """An expression that cannot mean what it says. `fix`: what to write instead."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, and the names in it that are written in double quotes and not without them too."""

    tree: Node
    quoted: frozenset[str]


def parsed(written: str) -> Parsed:
    """Raises Impossible, or RecursionError for what is nested too deeply."""
    try:
        with warnings.catch_warnings(
            action="ignore", category=PendingDeprecationWarning
        ):  # see _check_literal
            tree = cast("Node", jmespath.compile(written).parsed)
            tokens = list(Lexer().tokenize(written))
    except JMESPathError as e:
        raise _unreadable(written, e) from e
    quoted, plain = set(), set()
    for token in tokens:
        match token["type"]:
            case "quoted_identifier":
                quoted.add(token["value"])
            case "unquoted_identifier":
                plain.add(token["value"])
            case "literal":
                _check_literal(written[token["start"] :], token["value"])
    return Parsed(tree, frozenset(quoted - plain))


def nodes(tree: Node) -> Iterator[Node]:
    """A tree and every part of it."""
    yield tree
    for child in tree["children"]:
        if isinstance(child, dict):
            yield from nodes(child)


MOST_ALTERNATIVES = 32
"""More ways through an expression than anybody writes, and few enough to follow each of them."""


def check_alternatives(node: Node) -> int:
    """In how many ways a node finds what it yields: (a || b) | (c || d) reads four fields, and each pipe multiplies.

    Raises Impossible.
    """
    ways = [check_alternatives(child) for child in node["children"] if isinstance(child, dict)]
    match node["type"]:
        case "or_expression" | "and_expression" | "function_expression":
            found = sum(ways)
        case "comparator" | "not_expression" | "literal":
            return 0  # a value of its own
        case _:
            found = math.prod(max(way, 1) for way in ways)
    if found > MOST_ALTERNATIVES:
        fix = "write fewer || before and after a |"
        raise Impossible(f"there are more than {MOST_ALTERNATIVES} ways through it", fix)
    return found


def is_constant(node: Node) -> bool:
    """Whether it reads nothing: a literal, or a list of them such as ['yes', 'true']."""
    of_list = node["type"] == "multi_select_list"
    return node["type"] == "literal" or (
        of_list and all(one["type"] == "literal" for one in node["children"])
    )


def is_plain(name: str) -> bool:
    """Whether a field of this name needs no quotes."""
    return _PLAIN.fullmatch(name) is not None


def as_field(name: str) -> str:
    """A field's name as an expression writes it."""
    return name if is_plain(name) else json.dumps(name)


def as_text(value: str) -> str:
    """A text as an expression writes it."""
    return "'" + value.replace("'", "\\'") + "'"


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def _check_literal(rest: str, value: object) -> None:
    """jmespath reads backticks around what is no JSON as a text: `True` would be the text "True"."""
    if not rest.startswith("`") or not isinstance(value, str):
        return
    inside = rest[1:].lstrip()
    if inside.startswith('"'):
        return
    meant = {"true": "`true`", "false": "`false`", "null": "`null`", "none": "`null`"}.get(
        value.strip().lower()
    )
    instead = f"write {meant}, or {as_text(value)} for a text" if meant else f"write {as_text(value)}"
    raise Impossible(f"`{value}` in backticks is not JSON", instead)


# ── What the grammar refuses ──────────────────────────────────────────────────────────────────────


def _unreadable(written: str, error: JMESPathError) -> Impossible:
    position = getattr(error, "lex_position", getattr(error, "lexer_position", None))
    found = getattr(error, "token_value", None) if isinstance(error, ParseError) else None
    if isinstance(error, LexerError):
        position, found = error.lexer_position, error.token_value
    place = "" if position is None else f"column {position + 1}: "
    shown = "it is empty or ends too early" if found in (None, "") else f"unexpected {str(found)[:30]!r}"
    return Impossible(f"invalid JMESPath, {place}{shown}", _hint(written))


def _hint(written: str) -> str:
    return next((fix for has, fix in _HABITS if has.search(written)), "see Expressions in docs/sources.md")


_HABITS = (
    (re.compile(r"^\s*\$"), "leave out the $: paths begin with body, headers, item or claims"),
    (re.compile(r"\{\{|\}\}|\$\{"), "leave out the braces: the whole text is the expression"),
    (re.compile(r"===|!=="), "compare with == or !="),
    (re.compile(r"(?<![=!<>])=(?!=)"), "compare with =="),
    (re.compile(r"\b(?:and|or|not|is|in)\b", re.IGNORECASE), "join conditions by && or ||, negate by !"),
    (re.compile(r"\.[0-9]"), "write an element as [0]"),
    (re.compile(r"\[['\"]"), 'write a name with signs as body."its name"'),
    (re.compile(r"[A-Za-z0-9]-[A-Za-z]"), 'write a name with a hyphen in double quotes: headers."x-id"'),
    (
        re.compile(r"^\s*\.|\|\s*(?:select|test|ascii_downcase)\b"),
        "this is jq; write a path such as body.data.id",
    ),
    (re.compile(r"[\u2018\u2019\u201c\u201d]"), "write straight quotes: 'text'"),
)
"""Habits of JSONPath, jq, templates and programming languages, and what JMESPath has for them."""
