"""`cancelctl local up | info | down`: the whole application on this machine."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

import stack
from cli import screen
from cli.interrupts import end_like_ctrl_c_on_other_signals
from stack import sessions

app = typer.Typer(help="The whole application on this machine: local AWS, emulator, real template.")

Name = Annotated[str, typer.Option(help="Which stack; several can run side by side.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, with everything a program needs.")]


@app.command()
def up(
    *,
    name: Name = stack.DEFAULT_NAME,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it running; `cancelctl local down` stops it.")
    ] = False,
    as_json: AsJson = False,
    prevail_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="A server in the emulator's place. Reads PREVAIL_SLUG and PREVAIL_API_KEY from the environment.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A folder with organizations.toml and sources.toml of your own."),
    ] = None,
) -> None:
    """Build, deploy and run it until Ctrl-C."""
    prevail = stack.prevail_server(prevail_url, os.environ) if prevail_url else None
    plan = stack.make_plan(name=name, config=config, prevail=prevail)
    end_like_ctrl_c_on_other_signals()
    try:
        if detach:
            with screen.steps() as step:
                info = stack.start_detached(plan, step)
            _show(info, as_json)
        else:
            _run_in_the_foreground(plan, as_json)
    except KeyboardInterrupt:
        raise stack.StackError(f"stopped before stack {name!r} was up; nothing is left running") from None


def _run_in_the_foreground(plan: stack.Plan, as_json: bool) -> None:
    with ExitStack() as closing:
        with screen.steps() as step:
            running = closing.enter_context(stack.local_stack(plan, step))
        _show(running.info, as_json)
        screen.note("Running until Ctrl-C.")
        try:
            running.wait()
        except KeyboardInterrupt:
            screen.note("Stopping.")


@app.command()
def info(*, name: Name = stack.DEFAULT_NAME, as_json: AsJson = False) -> None:
    """Show where a running stack's parts are."""
    _show(stack.running(name), as_json)


@app.command()
def down(name: Name = stack.DEFAULT_NAME) -> None:
    """Stop a stack and remove what it left."""
    if stack.stop(name):
        screen.note(f"Stack {name!r} is stopped; nothing of it is left running.")
    else:
        screen.note(f"No stack {name!r} is running.")


def _show(info: stack.StackInfo, as_json: bool) -> None:
    if as_json:
        typer.echo(info.as_json())
        return
    lines = [
        ("stack", info.name),
        ("API", info.api_url),
        *(
            (f"webhook {s.name}", f"{info.api_url}/v1/webhooks/{s.name}")
            for s in info.sources
            if not s.source
        ),
        *((f"bus events {s.name}", f"{s.source}, {s.detail_type}") for s in info.sources if s.source),
        ("bus", info.bus_name),
        ("ledger", info.ledger_table),
        ("AWS endpoint", info.aws_endpoint_url),
        ("Prevail" + (" (emulator)" if info.prevail_emulated else ""), info.prevail_url),
    ]
    width = max(len(label) for label, _ in lines)
    for label, value in lines:
        typer.echo(f"{label:<{width}}  {value}")
    name = "" if info.name == stack.DEFAULT_NAME else f" --name {info.name}"
    screen.note(
        "",
        "Talk to it:",
        *(f"  .venv/bin/cancelctl send {line}{name}" for line in _stories(info)),
        f"  .venv/bin/cancelctl local load --rate 5 --duration 30s{name}",
        f"Secrets, logs and pids: .venv/bin/cancelctl local info --json{name}",
        f"Stop it:                .venv/bin/cancelctl local down{name}",
    )


def _stories(info: stack.StackInfo) -> list[str]:
    """What can be sent to the sessions that every emulated stack begins with."""
    there = {"webhook": any(not s.source for s in info.sources), "bus": any(s.source for s in info.sources)}
    if not info.prevail_emulated:
        return [f"{story} --session ID" for story in there if there[story]]
    webhooks = [
        f"webhook --session {sessions.READY} --without-email",
        f"webhook --session {sessions.ACTIVE}",
    ]
    return [
        *(webhooks if there["webhook"] else []),
        *([f"bus --session {sessions.SCHEDULED}"] if there["bus"] else []),
    ]
