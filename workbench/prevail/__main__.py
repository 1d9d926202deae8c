"""`python -m prevail [--port N] [--json] [--seed FILE]`."""

import argparse
import sys
from pathlib import Path

from prevail.seeds import BadField
from prevail.server import serve


def main() -> int:
    parser = argparse.ArgumentParser(prog="prevail", description="An emulator of Prevail's API on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free port")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument("--seed", type=Path, metavar="FILE", help="JSON: {organizations: [], sessions: []}")
    arguments = parser.parse_args()
    try:
        serve(arguments.port, seed=arguments.seed, as_json=arguments.json)
    except BadField as fault:
        print(f"prevail: {arguments.seed}: {fault}", file=sys.stderr)
        return 2
    except (OSError, OverflowError) as fault:  # a taken port, a port beyond 65535, a seed that is not there
        print(f"prevail: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
