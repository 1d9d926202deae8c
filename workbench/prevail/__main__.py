"""`python -m prevail [--port N] [--json] [--seed FILE] [--state FILE] [--switch NAME=VALUE]`."""

import argparse
import sys
from pathlib import Path

from prevail.fields import BadField
from prevail.server import Unfit, serve
from prevail.switches import read_texts


def main() -> int:
    parser = argparse.ArgumentParser(prog="prevail", description="An emulator of Prevail's API on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free port")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument("--seed", type=Path, metavar="FILE", help="JSON: {organizations: [], sessions: []}")
    parser.add_argument("--state", type=Path, metavar="FILE", help="read at the start, written at the end")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    try:
        switches = read_texts(arguments.switch)
        serve(
            arguments.port,
            seed=arguments.seed,
            kept=arguments.state,
            switches=switches,
            as_json=arguments.json,
        )
    except (BadField, Unfit) as fault:
        print(f"prevail: {fault}", file=sys.stderr)
        return 2
    except (OSError, OverflowError) as fault:  # a taken port, a port beyond 65535, a seed that is not there
        print(f"prevail: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
