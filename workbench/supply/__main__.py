"""`python -m supply`: what ships and what it is made of. Exit code 1: something is wrong; 2: nobody could tell."""

import argparse
import sys
from collections.abc import Callable, Mapping

from stack.places import CHECKOUT
from supply import audit, leaks, licences, materials, workflows
from supply.tools import ToolFailed


def sbom() -> int:
    """Write a bill of materials for each layer, and the list of licences."""
    for file in materials.write():
        say(f"{file.relative_to(CHECKOUT)}")
    licences.LIST.write_text(licences.document(), encoding="utf-8")
    say(f"{licences.LIST.relative_to(CHECKOUT)}")
    return told(licences.refused(licences.listed()), "every licence may ship")


def vulnerabilities() -> int:
    """Ask about known vulnerabilities. Needs the network."""
    done = audit.audit()
    for line in done.vulnerable:
        say(f"vulnerable: {line}")
    for line in done.unasked:
        say(f"not audited: {line}")
    say(f"{len(done.clean)} clean, {len(done.vulnerable)} vulnerable, {len(done.unasked)} not audited")
    return done.code


def secrets() -> int:
    """Look for secrets in the repository."""
    return told([str(leak) for leak in leaks.leaks()], "no secret in what git keeps track of")


def workflow() -> int:
    """Judge the example workflow."""
    return told(workflows.faults(), "zizmor finds nothing in the example workflow")


COMMANDS: Mapping[str, Callable[[], int]] = {
    "sbom": sbom,
    "audit": vulnerabilities,
    "secrets": secrets,
    "workflow": workflow,
}


def told(faults: list[str], otherwise: str) -> int:
    for fault in faults or [otherwise]:
        say(fault)
    return 1 if faults else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m supply", description=__doc__)
    parser.add_argument("what", choices=COMMANDS)
    try:
        return COMMANDS[parser.parse_args().what]()
    except ToolFailed as failure:
        say(str(failure))
        return 2


if __name__ == "__main__":
    sys.exit(main())
