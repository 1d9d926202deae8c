"""`cancelctl privacy export | erase`: what the ledger holds about somebody, and taking their words out of it."""

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from cancellations.domain import Json
from cancellations.protocol.erasure import Erasure, Stays, erasure
from cancellations.writes import KEY, ConditionFailed, Item
from cancellations.writes import Path as Place
from cli.given import AsJson
from cli.ledger import Name, TableName, answering, ledger_of
from cli.operators import By, Operator, operator
from cli.records import Matching, RequestId, Session, Wanted
from cli.screen import moment, note
from stack import Refused

app = typer.Typer(help="What the ledger holds about somebody: export it, and take their words out of it.")

TRIES = 3
"""A record may change between reading and writing; whatever changes more often is in use."""


@app.command()
def export(
    *,
    request: RequestId = None,
    session: Session = None,
    matching: Matching = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A new file, for your eyes only, in place of stdout.")
    ] = None,
    name: Name = None,
    table: TableName = None,
) -> None:
    """Write records as they are stored, as JSON. docs/privacy.md says where else something may be."""
    wanted = Wanted(request, session, matching)
    ledger = ledger_of(name, table)
    with answering(table):
        found = wanted.found_in(ledger)
    told = json.dumps({"at": moment(time.time()), "records": found}, indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(told)
    else:
        _written(out, told)
        note(f"{len(found)} records in {out}")


@dataclass(frozen=True, slots=True)
class Done:
    """What became, or would become, of one record. `why`: where it stays as it is."""

    key: str
    words: dict[str, str] = field(default_factory=dict)
    why: str | None = None
    for_now: bool = False

    def as_json(self, done: str) -> dict[str, Json]:
        if self.why:
            return {"key": self.key, "is": "kept", "why": self.why}
        parts: list[Json] = [*self.words]
        return {"key": self.key, "is": done if parts else "nothing to erase", "parts": parts}


@app.command()
def erase(
    *,
    reason: Annotated[
        str, typer.Option(help="Why, for the log of operators; name a ticket, not the person.")
    ],
    request: RequestId = None,
    session: Session = None,
    matching: Matching = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without it, show what would be done.")] = False,
    by: By,
    name: Name = None,
    table: TableName = None,
    as_json: AsJson = False,
) -> None:
    """Take event ids, reasons, callers and Prevail's words out of records; what was decided stays.

    Exit code 1 where something must be erased again later.
    """
    wanted = Wanted(request, session, matching)
    ledger = ledger_of(name, table)
    with answering(table):
        me = operator(ledger, table, by) if yes else None
        results = [_erased(item, me, reason) for item in wanted.found_in(ledger)]
    done = "erased" if yes else "would be erased"
    if as_json:
        typer.echo(json.dumps([result.as_json(done) for result in results], indent=2))
    else:
        for line in _lines(results, done, show=not yes):
            typer.echo(line)
    if not yes:
        note("Nothing was changed; --yes does it.")
    if any(result.for_now for result in results):
        raise typer.Exit(1)


def _erased(item: Item, me: Operator | None, reason: str) -> Done:
    key = str(item[KEY])
    for _ in range(TRIES):
        match erasure(item, now=time.time()):
            case None:
                return Done(key)
            case Stays(why, for_now):
                return Done(key, why=why, for_now=for_now)
            case Erasure(write, before):
                words = {_name(place): was for place, was in before.items()}
                if me is None:
                    return Done(key, words)
                try:
                    me.change(write, "privacy erase", reason, after={"erased": [*words]})
                except ConditionFailed as changed:
                    item = changed.item
                else:
                    return Done(key, words)
    return Done(key, why="it changes too fast: erase again in a few minutes", for_now=True)


def _lines(results: list[Done], done: str, *, show: bool) -> list[str]:
    """show: also the words that would go, for whoever must judge."""
    lines = []
    for result in results:
        if result.why:
            lines.append(f"{result.key}  kept: {result.why}")
        elif not result.words:
            lines.append(f"{result.key}  nothing to erase")
        elif show:
            lines += [
                f"{result.key}  {done}:",
                *(f"    {part}: {was!r}" for part, was in result.words.items()),
            ]
        else:
            lines.append(f"{result.key}  {done}: {', '.join(result.words)}")
    return lines or ["nothing is stored about that"]


def _name(place: Place) -> str:
    return ".".join(map(str, place))


def _written(out: Path, told: str) -> None:
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as e:
        raise Refused(f"{out}: {e.strerror}; write the name of a new file") from e
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(told + "\n")
