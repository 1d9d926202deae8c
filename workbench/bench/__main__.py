"""`make bench`: our functions as they are built, beside the peers; the table on stdout, progress on stderr.

`--write` keeps the run and puts it into docs/performance.md; `--compare FILE` prints what has changed since a run.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from bench import compare, figures, page, table
from bench.measure import Rounds, measured
from bench.subjects import FUNCTIONS, NAMES, subjects
from bench.world import world


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="of the subjects; more than once")
    parser.add_argument("--function", choices=FUNCTIONS)
    parser.add_argument("--cold", type=int, help="fresh processes of each")
    parser.add_argument("--warm", type=int, help="warm events of each")
    parser.add_argument("--batches", type=int)
    parser.add_argument("--json", action="store_true", help="print the run as JSON")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="a run that was stored before")
    parser.add_argument("--write", action="store_true", help=f"store the run as {figures.STORED.name}")
    parser.set_defaults(**asdict(Rounds()))
    given = parser.parse_args()
    before = figures.read(given.compare) if given.compare else None
    rounds = Rounds(given.cold, given.warm, given.batches)
    with tempfile.TemporaryDirectory(prefix="bench-") as kept, _announcing() as announce:
        folder = Path(kept)
        announce("building")
        names = tuple(given.only or NAMES)
        with world(folder) as around, subjects(around.root_pem, "bench", folder, names) as made:
            chosen = [one for one in made if given.function in (None, one.function)]
            run = measured(chosen, around, rounds, announce)
    if given.write:
        figures.STORED.write_text(run.as_json(), encoding="utf-8")
        page.write(run)
    print(run.as_json() if given.json else compare.text(before, run) if before else table.text(run), end="")
    return 0


@contextlib.contextmanager
def _announcing() -> Iterator["page.Announce"]:
    began = time.monotonic()

    def announce(what: str) -> None:
        end = "\r" if sys.stderr.isatty() else "\n"
        print(f"{time.monotonic() - began:5.0f} s  {what:<60}", end=end, file=sys.stderr, flush=True)

    yield announce
    if sys.stderr.isatty():
        print(file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
