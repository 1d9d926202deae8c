"""Pieces of the emulator's page. What goes in as a `Cell` is HTML; everything else is escaped here."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

type Cell = str

_NUMBERS = frozenset({"#", "PATCHes", "changes", "e-mails", "hits"})
"""Columns that are aligned by their last digit."""


def text(value: object) -> Cell:
    # Half of a surrogate pair can be in a path, and in no page.
    return escape(str(value).encode("utf-8", "replace").decode())


def code(value: object) -> Cell:
    return f"<code>{text(value)}</code>"


def tag(value: object, kind: str = "") -> Cell:
    return f'<span class="tag {kind}">{text(value)}</span>'


def at(moment: float) -> Cell:
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):  # a year that no calendar has
        return text(moment)


def clock(moment: float) -> Cell:
    return at(moment).rpartition(" ")[2]


def table(title: str, note: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Cell:
    kinds = ['<td class="number">' if head in _NUMBERS else "<td>" for head in heads]
    body = "".join(
        f"<tr>{''.join(f'{kind}{cell}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>"
        for row in rows
    )
    head = "".join(f"<th{' class="number"' if head in _NUMBERS else ''}>{text(head)}</th>" for head in heads)
    content = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return titled(title, note, content if body else '<p class="empty">None.</p>')


def titled(title: str, note: str, content: Cell) -> Cell:
    return f'<h2>{text(title)} <small>{text(note)}</small></h2><div class="card">{content}</div>'


def tiles(numbers: Iterable[tuple[str, int]]) -> Cell:
    boxes = "".join(f"<div><dt>{text(name)}</dt><dd>{number:,}</dd></div>" for name, number in numbers)
    return f"<dl>{boxes}</dl>"


def bars(heights: Sequence[int], label: str) -> Cell:
    """One bar each, the highest as high as the picture."""
    highest = max(heights, default=0) or 1
    drawn = "".join(
        f'<rect x="{place}" y="{40 - 40 * height / highest:.1f}" width=".8" height="{40 * height / highest:.1f}"/>'
        for place, height in enumerate(heights)
        if height
    )
    size = f"0 0 {len(heights)} 40"
    return f'<svg viewBox="{size}" preserveAspectRatio="none" role="img" aria-label="{text(label)}">{drawn}</svg>'
