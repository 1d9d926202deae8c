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
) -> None:
    """Run the Prevail emulator on 127.0.0.1 until Ctrl-C."""
    from prevail.seeds import BadField  # noqa: PLC0415  # a web server, which no other command needs
    from prevail.server import serve  # noqa: PLC0415  # as above

    try:
        serve(port, seed=seed, as_json=as_json)
    except BadField as fault:
        raise Refused(f"--seed {seed}: {fault}") from fault
    except OSError as fault:  # a taken port, a seed that is not there
        raise StackError(f"the emulator could not be started: {fault}") from fault
