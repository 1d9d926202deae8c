"""`cancelctl prevail`: the emulator alone."""

from pathlib import Path
from typing import Annotated

import typer

from stack import Refused, StackError


def serve_emulator(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
    seed: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON: {organizations: [], sessions: []}.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Go on from it, if it is there, and save to it at the end, API keys and all."
        ),
    ] = None,
    switch: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Set what Prevail does not document; again for more."),
    ] = None,
) -> None:
    """Run the Prevail emulator on 127.0.0.1 until Ctrl-C; docs/emulator.md tells what it can do."""
    from prevail.fields import BadField  # noqa: PLC0415  # as below
    from prevail.server import Unfit, serve  # noqa: PLC0415  # a web server, which no other command needs
    from prevail.switches import read_texts  # noqa: PLC0415  # as above

    try:
        switches = read_texts(switch or [])
    except BadField as fault:
        raise Refused(f"--switch {fault}") from fault
    try:
        serve(port, seed=seed, kept=state, switches=switches, as_json=as_json)
    except Unfit as fault:
        raise Refused(str(fault)) from fault
    except OSError as fault:  # a taken port, a seed that is not there
        raise StackError(f"the emulator could not be started: {fault}") from fault
