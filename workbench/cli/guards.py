"""`cancelctl guards show | pause | resume | release`: what keeps calls from being made, and a person's word in it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from cancellations.protocol import guards
from cancellations.versions import is_newer
from cancellations.writes import ConditionFailed, Item
from cli.given import AsJson
from cli.ledger import Name, TableName, answering, ledger_of
from cli.operators import By, Operator, operator
from oncall.in_force import in_force as what_holds_back
from stack import Refused

app = typer.Typer(help="What keeps calls to Prevail from being made; pause, resume and release by hand.")

Why = Annotated[str | None, typer.Option("--reason", help="Why, for the log of operators.")]


@app.command()
def show(
    organization: Annotated[str, typer.Argument(help="The organization's slug.")],
    *,
    source: Annotated[str | None, typer.Option(help="Also the cap of this source.")] = None,
    name: Name = None,
    table: TableName = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in force. Exit code 0 whether or not something is."""
    keys = {"organization": guards.guard_key(organization)}
    keys |= {"source": guards.cap_key(source)} if source else {}
    found = dict(zip(keys, _read(name, table, *keys.values()), strict=True))
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for line in in_force(found["organization"], found.get("source", {}), time.time()):
        typer.echo(line)


@app.command()
def pause(
    organization: Annotated[str, typer.Argument(help="The organization's slug.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stands in every request that waits.")],
    by: By,
    name: Name = None,
    table: TableName = None,
) -> None:
    """Make no call for an organization until it is resumed. What comes in is stored and held."""
    write = guards.pause(organization, by=by, reason=reason, now=time.time())
    with changing(name, table, by) as me:
        me.change(write, "guards pause", reason)
    typer.echo(f"{organization} is paused; requests are held until `cancelctl guards resume {organization}`")


@app.command()
def resume(
    organization: Annotated[str, typer.Argument(help="The organization's slug.")],
    *,
    by: By,
    reason: Why = None,
    name: Name = None,
    table: TableName = None,
) -> None:
    """Make calls again. What is held comes back within a few minutes."""
    with changing(name, table, by) as me:
        me.change(guards.resume(organization), "guards resume", reason)
    typer.echo(f"{organization} is not paused")


@app.command()
def release(
    source: Annotated[str, typer.Argument(help="The source whose requests are held by its cap.")],
    *,
    by: By,
    reason: Why = None,
    name: Name = None,
    table: TableName = None,
) -> None:
    """Let through what a source's cap holds: for an hour nothing of it is counted."""
    with changing(name, table, by) as me:
        me.change(guards.release(source, by=by, now=time.time()), "guards release", reason)
    typer.echo(f"{source} is released for an hour; what is held comes back within a few minutes")


def in_force(guard: Item, cap: Item, now: float) -> list[str]:
    """One line for each thing that holds requests back."""
    held = what_holds_back(guard, cap, now)
    return [f"{one.guard:<9} {one.said}" for one in held] or ["nothing holds requests back"]


def _read(name: str | None, table: str | None, *keys: str) -> list[Item]:
    ledger = ledger_of(name, table)
    with answering(table):
        return [ledger.read(key) or {} for key in keys]


@contextmanager
def changing(name: str | None, table: str | None, by: str) -> Iterator[Operator]:
    """Raises Refused where the record is not of this version."""
    with answering(table):
        try:
            yield operator(ledger_of(name, table), table, by)
        except ConditionFailed as refused:
            if is_newer(refused.item):
                raise Refused(
                    "a newer version has written it: use the cancelctl of that version"
                ) from refused
            raise
