"""`cancelctl`: exit code 0 is fine, 1 a failure, 2 refused input. Results go to stdout, all else to stderr."""

import sys

import typer

from cli import (
    cancel,
    chaos,
    cost,
    doctor,
    guards,
    load,
    local,
    operators,
    prevail,
    privacy,
    public_keys,
    run,
    send,
    sources,
    state,
)
from cli.screen import error
from stack import Refused, StackError

app = typer.Typer(
    help="Prevail Cancellations on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(local.app, name="local")
app.add_typer(sources.app, name="sources")
app.add_typer(guards.app, name="guards")
app.add_typer(privacy.app, name="privacy")
app.add_typer(operators.app, name="operators")
local.app.command("load")(load.run_load)
local.app.command("chaos")(chaos.run_chaos)
local.app.command("latency")(chaos.run_latency)
app.command("run")(run.run)
app.command("send")(send.send)
app.command("cancel")(cancel.cancel)
app.command("state")(state.state)
app.command("doctor")(doctor.doctor)
app.command("cost")(cost.estimate)
app.command("public-keys")(public_keys.publish)
app.command("prevail")(prevail.serve_emulator)


def main() -> None:
    """The entry point: runs the command and turns what is raised into one message and an exit code."""
    try:
        app()
    except Refused as refusal:
        error(str(refusal))
        sys.exit(2)
    except StackError as failure:
        error(str(failure))
        sys.exit(1)


if __name__ == "__main__":
    main()
