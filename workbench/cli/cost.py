"""`cancelctl cost`: what so many requests a month cost at list prices, beside what the peers would cost."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bench import cost, figures
from bench.rows import TITLES
from cli.given import AsJson
from stack.errors import Refused

Requests = Annotated[int, typer.Option(min=1, help="How many sessions are canceled in a month.")]
Stored = Annotated[Path, typer.Option("--figures", help="A run that `make bench` has stored.")]
List = Annotated[Path, typer.Option("--prices", help="Prices and what is assumed of the traffic, as TOML.")]
Bursts = Annotated[bool, typer.Option("--bursts", help="Messages come ten at a time, not one by one.")]


def estimate(
    *,
    requests_per_month: Requests,
    stored: Stored = figures.STORED,
    prices: List = cost.PRICES,
    bursts: Bursts = False,
    as_json: AsJson = False,
) -> None:
    """Price what was counted and measured. Assumptions stand in the file of prices; no cloud is asked."""
    try:
        run, at = figures.read(stored), cost.prices(prices)
        found = {
            name: cost.monthly(run, name, requests_per_month, at, bursts=bursts)
            for name in run.subjects
            if set(run.subjects[name]) == {"cancel", "receive"}
        }
    except (OSError, ValueError, KeyError) as fault:
        raise Refused(f"cannot be priced: {type(fault).__name__}: {fault}") from fault
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for line in cost_table(found):
        typer.echo(line)


def cost_table(found: dict[str, dict[str, float]]) -> list[str]:
    """Dollars a month, a service a line."""
    services = list(dict.fromkeys(service for one in found.values() for service in one))
    head = f"{'$ a month':<20}" + "".join(f"{TITLES[name]:>24}" for name in found)
    rows = [
        f"{service:<20}" + "".join(f"{one.get(service, 0.0):>24,.2f}" for one in found.values())
        for service in services
    ]
    sums = f"{'in all':<20}" + "".join(f"{sum(one.values()):>24,.2f}" for one in found.values())
    return [head, *rows, sums]
