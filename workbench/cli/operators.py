"""`cancelctl operators log`: who changed what by hand; and how the other commands write it there."""

import getpass
import json
import time
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, cast

import typer
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from cancellations.adapters.aws import CALLS
from cancellations.domain import Json
from cancellations.errors import Unavailable
from cancellations.ports import Table
from cancellations.protocol.operators import PREFIX, Entry, note
from cancellations.writes import ConditionFailed, Item, Put, Remove, Write, number, text
from cli.given import AsJson
from cli.ledger import Name, TableName, answering, ledger_of
from cli.screen import moment
from oncall.deployment import SIGN_IN
from stack import StackError

app = typer.Typer(help="What people changed by hand.")

By = Annotated[
    str,
    typer.Option(
        help="Who says so; it is recorded. In AWS also whoever AWS knows you as.",
        default_factory=getpass.getuser,
        show_default="you",
    ),
]


@app.command("log")
def show(
    *,
    about: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only what was done to records whose key holds this.")
    ] = None,
    name: Name = None,
    table: TableName = None,
    as_json: AsJson = False,
) -> None:
    """Show every change by hand that the ledger keeps, the last one last. Reads the whole table."""
    ledger = ledger_of(name, table)
    with answering(table):
        entries = sorted(ledger.items(PREFIX), key=lambda item: str(item["pk"]))
    found = [entry for entry in entries if (about or "") in (text(entry, "about") or "")]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for entry in found:
        typer.echo(line_of(entry))


def line_of(entry: Item) -> str:
    why = f": {text(entry, 'why')}" if "why" in entry else ""
    return (
        f"{moment(number(entry, 'at') or 0.0)}  {text(entry, 'what')}  {text(entry, 'about')}"
        f"  by {text(entry, 'who')}{why}"
    )


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs a command, at the ledger that it changes."""

    ledger: Table
    who: str

    def change(
        self,
        write: Write,
        what: str,
        why: str | None = None,
        *,
        before: dict[str, Json] | None = None,
        after: dict[str, Json] | None = None,
    ) -> Item:
        """Written down first, then done; where it was not, that too. Raises ConditionFailed, Unavailable.

        before, after: unless given, what the write finds and leaves.
        """
        if after is None:
            seen = self.ledger.read(write.key) or {}
            after = _left_by(write)
            before = {name: seen[name] for name in after if name in seen}
        self.note(what, write.key, why, before=before, after=after)
        try:
            return self.ledger.write(write)
        except (ConditionFailed, Unavailable) as failure:
            self.note(f"{what}, which was not done", write.key, str(failure))
            raise

    def note(
        self,
        what: str,
        about: str,
        why: str | None = None,
        *,
        before: dict[str, Json] | None = None,
        after: dict[str, Json] | None = None,
    ) -> None:
        entry = Entry(time.time(), self.who, what, about, why, before, after)
        self.ledger.write(note(entry, token=uuid.uuid4().hex))


def operator(ledger: Table, table: str | None, by: str) -> Operator:
    """Raises StackError where AWS cannot say who it is: nothing is changed by nobody."""
    return Operator(ledger, caller_arn() if table else by)


def caller_arn() -> str:
    """By which AWS knows whoever is signed in."""
    try:
        sts = cast("Any", Session().create_client("sts", config=CALLS))
        return str(sts.get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError) as fault:
        raise StackError(
            f"AWS cannot say who you are, and a change is recorded: {fault}. {SIGN_IN}"
        ) from fault


def _left_by(write: Write) -> dict[str, Json]:
    """What a write of plain attributes leaves in them; nothing where it takes one away."""
    left: dict[str, Json] = {}
    for change in write.changes:
        match change:
            case Put((str(name),), value):
                left[name] = value
            case Remove((str(name),)):
                left[name] = None
    return left
