"""`cancelctl doctor`: everything between a delivery and Prevail, looked at one by one, with what to do about it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import typer
from rich.console import Console
from rich.text import Text

from cancellations.wiring.process import clock
from cli import screen
from cli.deployment import PrevailUrl, Secrets, StackName, deployment_of
from cli.given import AsJson, Config
from cli.ledger import Name, TableName
from oncall.checkup import STATIONS
from oncall.finding import Finding, Status
from oncall.visit import Visit
from stack.places import SHIPPED_CONFIGURATION

COLORS: Mapping[Status, str] = {
    "ok": "green",
    "warning": "yellow",
    "failed": "red",
    "skipped": "bright_black",
}
WIDTH = max(map(len, COLORS))


def doctor(
    *,
    name: Name = None,
    stack: StackName = None,
    table: TableName = None,
    secrets: Secrets = None,
    prevail_url: PrevailUrl = None,
    config: Config = SHIPPED_CONFIGURATION,
    as_json: AsJson = False,
) -> None:
    """Look at everything between a delivery and Prevail, and change nothing. Exit code 1 if anything failed."""
    where = deployment_of(name, stack, table, config, secrets=secrets, prevail_url=prevail_url)
    findings = list(_told(Visit(where, clock), Console(highlight=False, soft_wrap=True, quiet=as_json)))
    counts = Counter(finding.status for _, finding in findings)
    if as_json:
        listed = [{"station": station, **finding.as_dict()} for station, finding in findings]
        typer.echo(json.dumps({"healthy": not counts["failed"], "findings": listed}, indent=2))
    else:
        typer.echo(", ".join(f"{counts[status]} {status}" for status in COLORS if counts[status]))
    if counts["failed"]:
        raise typer.Exit(1)


def _told(visit: Visit, out: Console) -> Iterator[tuple[str, Finding]]:
    """Each finding is shown as soon as it is there: some take seconds."""
    for station, look in STATIONS:
        out.print(Text(station, "bold"))
        if out.quiet:
            screen.note(f"Looking at: {station}")
        for finding in look(visit):
            out.print(_line(finding))
            yield station, finding


def _line(finding: Finding) -> Text:
    return Text.assemble(
        "  ",
        (f"{finding.status:<{WIDTH}}", COLORS[finding.status]),
        f"  {finding.name}: {finding.said}",
        (f" → {finding.fix}" if finding.fix else "", "yellow"),
    )
