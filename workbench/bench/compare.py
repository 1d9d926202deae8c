"""What has changed between two runs, as ratios. Below 1 is better, whatever the row."""

from bench.figures import Figures, Run
from bench.rows import ROWS, Row
from bench.subjects import FUNCTIONS, NAMES


def text(before: Run, after: Run) -> str:
    """Only rows with numbers, and only what both runs have. A run on another machine compares with itself alone."""
    lines = [f"{before.made} ({before.processor}) → {after.made} ({after.processor})"]
    for function in FUNCTIONS:
        for name in NAMES:
            old, new = (run.subjects.get(name, {}).get(function) for run in (before, after))
            if old and new:
                lines += ["", f"{name}, {function} function", *_rows(old, new)]
    return "\n".join([*lines, ""])


def _rows(old: Figures, new: Figures) -> list[str]:
    return [line for row in ROWS if (line := _line(row, row.of(old), row.of(new)))]


def _line(row: Row, was: float | str | None, now: float | str | None) -> str | None:
    if isinstance(was, str) or isinstance(now, str):
        return None if was == now else f"  {row.label:<46}{was} → {now}"
    if was is None or now is None:
        return None
    ratio = f"{now / was:.2f} of it" if was else ""
    return f"  {row.label:<46}{was:>10,.2f} → {now:>10,.2f}  {ratio}"
