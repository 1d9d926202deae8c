"""`cancelctl run`: bring a stack up, send it five deliveries, show what became of each, stop it."""

import typer
from rich.console import Console
from rich.table import Table

import stack
from cli import screen
from trial import story

COLUMNS = ("HTTP", "request", "outcome", "session", "PATCHes", "e-mails")


def run() -> None:
    """Show the main job on a stack of its own: exit code 1 if anything differs from what it should be."""
    with screen.steps() as step, stack.local_stack(stack.make_plan(name="run"), step) as running:
        step("Sending five deliveries")
        steps = list(story.tell(running.info))
        step("Stopping")
    show(steps)
    missing = story.lost(steps)
    typer.echo(story.summary(steps, missing))
    if missing or not all(step.as_expected for step in steps):
        raise typer.Exit(1)


def show(steps: list[story.Step]) -> None:
    table = Table("delivery", *COLUMNS)
    for step in steps:
        table.add_row(step.delivery, *cells(step.seen), style=None if step.as_expected else "red")
        if not step.as_expected:
            table.add_row("  should have been", *cells(step.expected), style="red")
    Console(width=None if Console().is_terminal else 132).print(table)


def cells(seen: story.Seen) -> tuple[str, ...]:
    return seen.http, seen.status, seen.outcome, seen.session, str(seen.patches), str(seen.emails)
