"""`cancelctl sources check | list | try | map`: help for whoever connects a sender."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cancellations.configuration import Source
from cancellations.errors import ConfigurationError, Malformed
from cancellations.lookup import entry
from cancellations.source import values
from cancellations.writes import ConditionFailed, text
from cli import given, trying
from cli.given import AsJson, Config
from cli.ledger import Name, TableName, answering, ledger_of, stack_of
from cli.operators import By, operator
from cli.secrets import faults_of_secrets
from stack import Refused
from stack.deploy import settings
from stack.places import SHIPPED_CONFIGURATION
from stack.plan import has_public_keys

app = typer.Typer(help="Systems that announce cancellations: check their tables, try a delivery.")

app.command("try")(trying.try_delivery)


@app.command()
def check(
    *,
    config: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder with organizations.toml and sources.toml.")
    ] = SHIPPED_CONFIGURATION,
    secrets: Annotated[
        str | None,
        typer.Option(
            metavar="PREFIX",
            help="Also read every secret below this prefix, from the AWS account you are in.",
        ),
    ] = None,
    environment: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The same, with the prefix that samconfig.toml has for it: dev, prod."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find every fault of a configuration before it is deployed. Exit code 2 if there is one."""
    try:
        configuration = given.configuration(config, under_test=False)
    except Refused as refused:
        if as_json and isinstance(refused.__cause__, ConfigurationError):
            typer.echo(json.dumps({"faults": list(refused.__cause__.faults)}, indent=2))
            raise typer.Exit(2) from refused
        raise
    for line in configuration.warnings:
        typer.echo(f"warning: {line}", err=True)
    if environment and not secrets:
        secrets = settings(environment).get("SecretsPrefix")
    if secrets and (faulty := faults_of_secrets(configuration, secrets)):
        raise Refused("\n".join(faulty))
    if as_json:
        sources = {name: source.verify for name, source in sorted(configuration.sources.items())}
        found = {
            "organizations": sorted(configuration.organizations),
            "sources": sources,
            "secrets_read": secrets is not None,
            "warnings": list(configuration.warnings),
        }
        typer.echo(json.dumps(found, indent=2))
        return
    typer.echo(f"organizations  {', '.join(sorted(configuration.organizations))}")
    for name, source in sorted(configuration.sources.items()):
        typer.echo(f"source         {name} ({source.verify}) for {', '.join(source.organizations)}")
    if public := [name for name, source in configuration.sources.items() if has_public_keys(source)]:
        typer.echo(f"public keys    of {', '.join(public)}: deploy with the parameter PublicKeyLayerArn")
    typer.echo(
        "secrets        all are there and usable" if secrets else "secrets        not read (--secrets)"
    )


@app.command("list")
def list_sources(*, config: Config = SHIPPED_CONFIGURATION, as_json: AsJson = False) -> None:
    """Show every source: how it proves itself, what it may cancel, where it sends to."""
    rows = [_row(source) for source in given.configuration(config).sources.values()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("source", "verify", "organizations", "body", "mode", "filters", "arrives at"):
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(", ".join(cell) if isinstance(cell, list) else str(cell) for cell in row.values()))
    Console(width=None if Console().is_terminal else 200, highlight=False).print(table)


def _row(source: Source) -> dict[str, Any]:
    bus = f"bus: {source.bus.source}, {source.bus.detail_type}" if source.bus else None
    return {
        "source": source.name,
        "verify": source.verify,
        "organizations": list(source.organizations),
        "body": "event" if bus else source.body,
        "mode": source.mode,
        "filters": list(source.expressions.filters),
        "arrives_at": bus or f"/v1/webhooks/{source.name}",
    }


@app.command("map")
def map_session(
    source: Annotated[str, typer.Argument(help="The source that knows the session by an id of its own.")],
    their_id: Annotated[str, typer.Argument(help="That id.")],
    session_id: Annotated[str, typer.Argument(help="The remote_session_id that it means.")],
    *,
    by: By,
    name: Name = None,
    table: TableName = None,
    config: Config = SHIPPED_CONFIGURATION,
) -> None:
    """Tell the ledger which session a sender's own id means. What it means already is never changed."""
    info = stack_of(name, table)
    found = given.source_in(given.configuration(Path(info.config) if info else config), source)
    if found.lookup is None or found.lookup.sessions is not None:
        raise Refused(
            f"source {source!r} does not look sessions up in the ledger: write lookup = {{ table = true }}"
        )
    try:
        write = entry(source, values.sender_id(their_id), values.session_id(session_id))
    except Malformed as fault:
        raise Refused(f"{their_id!r}, {session_id!r}: {fault}") from fault
    ledger = ledger_of(name, table)
    try:
        with answering(table):
            operator(ledger, table, by).change(write, "sources map")
    except ConditionFailed as refused:
        means = text(refused.item, "remote_session_id")
        raise Refused(f"{their_id!r} of {source} means {means!r} already; that stands") from refused
    typer.echo(f"{their_id} of {source} means {session_id}")
