"""`cancelctl sources try`: what would become of a delivery, step by step. Nothing is sent, stored or fetched."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cancellations.configuration import Source
from cli import given
from cli.given import Arrived, AsJson, Config
from stack import Refused
from stack.places import SHIPPED_CONFIGURATION
from trial.rehearsal import play
from trial.rehearsal.proving import Besides
from trial.rehearsal.report import Finding, ItemReport, Part, Report

MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "bright_black")}


def try_delivery(
    name: Annotated[str, typer.Argument(help="The source that it is for.")],
    *,
    body: Annotated[Path | None, typer.Option(metavar="FILE", help="The body, byte for byte.")] = None,
    headers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help='JSON, or lines such as "Name: value"; as curl -v, HAR files and Postman have them.',
        ),
    ] = None,
    event: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Instead of both, an event of API Gateway or of the bus: events/…"),
    ] = None,
    secret: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help='As it is stored, {"signing_secret": "…"}; for jwks_url the key set. Again: others it may be.',
        ),
    ] = None,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Believe it unseen; no secret is needed.")
    ] = False,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it came: ISO 8601, or seconds. Else now.")
    ] = None,
    config: Config = SHIPPED_CONFIGURATION,
    as_json: AsJson = False,
) -> None:
    """Show step by step what would become of a delivery. Exit code 2 if it would be refused, whole or in part."""
    source, now = given.source_in(given.configuration(config), name), given.moment(at)
    arrived = _arrived(name, body, headers, event)
    if isinstance(arrived, Arrived):
        report = _webhook(source, arrived, None if unverified else secret or [], now)
    else:
        report = play.bus_event(source, arrived, None, now)
    if as_json:
        typer.echo(json.dumps(report.as_dict(), indent=2))
    else:
        _show(report)
    if not report.good:
        raise typer.Exit(2)


def _webhook(source: Source, arrived: Arrived, secrets: list[Path] | None, now: float) -> Report:
    """secrets: files; the first is the source's own, the others may be meant. None believes it unseen."""
    if secrets is None:
        return play.webhook(source, arrived.delivery, None, now, Besides(seen=arrived.seen))
    own = given.keys_of(source, secrets[0] if secrets else None)
    besides = Besides(own.faults, own.notes, given.others_in(secrets[1:]), arrived.seen)
    return play.webhook(source, arrived.delivery, own.stored, now, besides)


def _arrived(
    name: str, body: Path | None, headers: Path | None, event: Path | None
) -> Arrived | Mapping[str, Any]:
    match body, headers, event:
        case None, None, Path() as file:
            return given.event(name, file)
        case Path() as bytes_of_body, Path() as lines, None:
            return given.delivery(name, bytes_of_body, lines)
    raise Refused("say what came: --body FILE and --headers FILE, or --event FILE")


def _show(report: Report) -> None:
    screen = Console(highlight=False, soft_wrap=True)
    for part in report.parts:
        _show_part(screen, part)
    for place, item in enumerate(report.items, start=1):
        if len(report.items) > 1:
            screen.print(Text(f"\nitem {place} of {len(report.items)}", "bold"))
        _show_item(screen, item)
    if report.answer == HTTPStatus.UNAUTHORIZED:
        screen.print(Text("To see what it asks for all the same: --unverified", "yellow"))
    answer = f" (its sender hears {report.answer})" if report.answer else ""
    screen.print(Text(f"\n{report.verdict}{answer}", "bold green" if report.good else "bold red"))


def _show_item(screen: Console, item: ItemReport) -> None:
    for part in item.parts:
        _show_part(screen, part)
    color = "green" if item.good else "red"
    screen.print(Text(f"becomes {item.becomes}", color))
    for name, value in (item.request or {}).items():
        screen.print(Text(f"    {name:<21} {value if isinstance(value, str) else json.dumps(value)}"))


def _show_part(screen: Console, part: Part) -> None:
    screen.print(Text(part.title, "bold"))
    width = max((len(finding.name) for finding in part.findings), default=0)
    for finding in part.findings:
        _show_finding(screen, finding, width)


def _show_finding(screen: Console, finding: Finding, width: int) -> None:
    mark, color = MARKS[finding.good]
    screen.print(
        Text.assemble(
            "  ",
            (mark, color),
            f" {finding.name:<{width}}  ",
            (finding.said, color if finding.good is False else ""),
        )
    )
    if finding.mend:
        screen.print(Text(f"    {'':<{width}}  → {finding.mend}", "yellow"))
