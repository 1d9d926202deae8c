"""The simulator on the command line, from the directory above: `python -m simulation --help`."""

import argparse
import sys
import time
from contextlib import nullcontext

from simulation import campaign, exhaustive, scale_page
from simulation.faults import ByChance, Exactly, Plan
from simulation.mutants import MUTANTS
from simulation.scale import QUESTIONS
from simulation.scenario import by_chance
from simulation.world import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    by_seed = commands.add_parser("random", help="seeds from a base on")
    by_seed.add_argument("--seeds", type=int, default=100_000)
    by_seed.add_argument(
        "--base", type=int, default=None, help="the first seed; without it, one of the day's"
    )
    by_seed.add_argument("--workers", type=int, default=campaign.cores())
    every = commands.add_parser("exhaustive", help="every single fault, and all pairs")
    every.add_argument("--workers", type=int, default=campaign.cores())
    broken = commands.add_parser("mutants", help="after how many seeds each mutant is found")
    broken.add_argument("--workers", type=int, default=campaign.cores())
    replay = commands.add_parser("replay", help="one run, told step by step")
    which = replay.add_mutually_exclusive_group(required=True)
    which.add_argument("--seed", type=int)
    which.add_argument("--scenario", choices=exhaustive.scenarios(), metavar="NAME")
    replay.add_argument("--faults", help="PLACE:FAULT,... instead of the seed's own; or none")
    replay.add_argument("--arrivals", help="which of the seed's arrivals, counted from 0")
    replay.add_argument("--mutant", choices=MUTANTS, metavar="NAME")
    much = commands.add_parser(
        "scale", help="how much a deployment takes, at size (docs/scale.md): ten minutes"
    )
    much.add_argument("--only", choices=QUESTIONS, nargs="+", metavar="QUESTION", default=list(QUESTIONS))
    much.add_argument("--size", type=float, default=1.0, help="of each question; 1 is its own")
    much.add_argument("--workers", type=int, default=campaign.cores())
    how = much.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true")
    how.add_argument("--write", action="store_true", help="into docs/scale.md, at size 1")
    arguments = parser.parse_args()
    match arguments.command:
        case "random":
            base = int(time.time()) * 1000 if arguments.base is None else arguments.base
            say(f"seeds from {base} on")
            return told(
                campaign.seeds(base, arguments.seeds, arguments.workers, lambda so_far: say(f"… {so_far}"))
            )
        case "exhaustive":
            return told(exhaustive.singles(arguments.workers)) + told(exhaustive.pairs(arguments.workers))
        case "mutants":
            return mutants(arguments.workers)
        case "scale":
            return scaled(arguments)
    return replayed(arguments)


def told(report: campaign.Report) -> int:
    say(str(report))
    return bool(report.failures)


def mutants(workers: int) -> int:
    survivors = 0
    with campaign.processes(workers) as pool:
        for name, count, violation in pool.imap(campaign.first_to_find, MUTANTS):
            say(f"{name:<32} {f'found after {count} seeds: {violation}' if count else 'SURVIVES'}")
            survivors += count is None
    return survivors


def scaled(arguments: argparse.Namespace) -> int:
    size = 1.0 if arguments.write else arguments.size
    answers = scale_page.asked(arguments.only, size, arguments.workers)
    if arguments.write:
        scale_page.write(scale_page.stored() | answers)
    say(scale_page.as_json(answers) if arguments.json else scale_page.table(answers))
    return 0


def replayed(arguments: argparse.Namespace) -> int:
    seed = arguments.seed or 0
    scenario = exhaustive.scenarios()[arguments.scenario] if arguments.scenario else by_chance(seed)
    if arguments.arrivals:
        scenario = campaign.only(scenario, tuple(map(int, arguments.arrivals.split(","))))
    say(f"{scenario}\n")
    with MUTANTS[arguments.mutant].applied() if arguments.mutant else nullcontext():
        ran = run(scenario, plan_of(arguments.faults, seed), seed, say)
    say(f"\n{ran.violation or 'no violation'}")
    return bool(ran.violation)


def plan_of(faults: str | None, seed: int) -> Plan:
    if faults is None:
        return ByChance(seed, campaign.MOST_FAULTS)
    if faults == "none":
        return Exactly({})
    written = (fault.split(":", 1) for fault in faults.split(","))
    return Exactly({int(place): name for place, name in written})


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
