"""docs/performance.md: what stands between its markers is a run's; the words around it are a person's."""

import re
from collections.abc import Callable
from pathlib import Path

from bench import charts, cost, table
from bench.figures import Run
from bench.subjects import FUNCTIONS

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
CHARTS = PAGE.parent / "charts"

type Announce = Callable[[str], None]


def write(run: Run) -> None:
    CHARTS.mkdir(exist_ok=True)
    for name, drawn in charts.charts(run).items():
        (CHARTS / name).write_text(drawn, encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), run), encoding="utf-8")


def filled(text: str, run: Run) -> str:
    """The page with this run in it. Raises ValueError where a marker is missing."""
    for name, content in _parts(run).items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not marked.search(text):
            raise ValueError(f"{PAGE.name} has no {begin} … {end}")
        text = marked.sub(lambda _, new=f"{begin}\n{content}\n{end}": new, text)  # type: ignore[misc]
    return text


def _parts(run: Run) -> dict[str, str]:
    rounds = ", ".join(f"{count} {what}" for what, count in run.rounds.items())
    machine = f"Measured {run.made} with Python {run.python} on {run.processor}; rounds: {rounds}."
    tables = {f"{function} function": table.markdown(run, function) for function in FUNCTIONS}
    at = cost.prices()
    singly, in_bursts = (table.costs(run, cost.MILLION, at, bursts=bursts) for bursts in (False, True))
    prices = {"cost of a million": singly, "cost of a million in bursts": in_bursts}
    return {"machine": machine, "goals": table.goals(run), **tables, **prices}
