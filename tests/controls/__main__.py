"""`python -m controls`: judge a template, write the controls into docs/security.md, or let checkov scan.

PYTHONPATH=tests python -m controls judge FILE    what a SAM template does not hold; exit code 1 if anything
PYTHONPATH=tests python -m controls write         the table in docs/security.md
PYTHONPATH=tests python -m controls scan          checkov, on the template before and after SAM
"""

import argparse
import logging
from pathlib import Path

from controls import document, scan
from controls.deployed import TEMPLATE, deployed, read
from controls.table import CONTROLS


def judge(template: Path) -> int:
    """With its defaults. Prints one line per fault."""
    stack = deployed(read(template), {})
    faults = [f"{c.name}: {fault}" for c in CONTROLS for fault in c.check(stack)]
    names = {fault.partition(":")[0] for fault in faults}
    for line in (*faults, f"{template}: {len(names)} of {len(CONTROLS)} controls are not held"):
        scan.say(line)
    return 1 if faults else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="controls", description=__doc__)
    parser.add_argument("what", choices=("judge", "write", "scan"))
    parser.add_argument("template", nargs="?", type=Path, default=TEMPLATE)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)  # SAM's, of a switch that it has not got
    match asked.what:
        case "judge":
            return judge(asked.template)
        case "write":
            return document.write()
    return scan.scan()


if __name__ == "__main__":
    raise SystemExit(main())
