"""A run as tables, for a terminal or for a page."""

from collections.abc import Iterator, Sequence

from bench import cost
from bench.figures import Run
from bench.rows import GOALS, ROWS, TITLES
from bench.subjects import FUNCTIONS, NAMES, Function


def text(run: Run) -> str:
    return "\n".join(
        [*(_columns(_lines(run, function)) for function in FUNCTIONS), _columns(_goals(run)), ""]
    )


def markdown(run: Run, function: Function) -> str:
    return _markdown(_lines(run, function))


def goals(run: Run) -> str:
    return _markdown(_goals(run))


def costs(run: Run, requests: int, at: cost.Prices, *, bursts: bool) -> str:
    """Dollars a month by service, of all that have both functions."""
    names = [name for name in NAMES if set(run.subjects.get(name, {})) == set(FUNCTIONS)]
    found = [cost.monthly(run, name, requests, at, bursts=bursts) for name in names]
    services = sorted({service for one in found for service in one})
    lines = [[service, *(f"{one.get(service, 0.0):,.2f}" for one in found)] for service in services]
    sums = ["in all", *(f"{sum(one.values()):,.2f}" for one in found)]
    return _markdown([["$", *(TITLES[name] for name in names)], *lines, sums])


def _lines(run: Run, function: Function) -> list[list[str]]:
    measured = {
        name: found for name in NAMES if (found := run.subjects.get(name, {}).get(function)) is not None
    }
    if not measured:
        return []
    head = [f"{function} function", *(TITLES[name] for name in measured)]
    rows = ([row.label, *(row.cell(found) for found in measured.values())] for row in ROWS)
    return [head, *(row for row in rows if set(row[1:]) != {"-"})]


def _goals(run: Run) -> list[list[str]]:
    return [["to be reached", "at most", "found"], *_found(run)]


def _found(run: Run) -> Iterator[list[str]]:
    for goal in GOALS:
        try:
            found = goal.found(run)
        except (KeyError, ZeroDivisionError):
            continue
        yield [goal.text, f"{goal.most:g}", f"{found:.2f}{'' if found <= goal.most else ' (missed)'}"]


def _columns(lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return ""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
        for line in lines
    )
    return "\n".join([*padded, ""])


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    head, *rest = lines
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *rest))
