"""The real use cases in a world where everything goes wrong, under every invariant of the design.

SIMULATION_SEEDS sets how many random seeds are run, SIMULATION_BASE the first of them: by default the same in every
run, so that a change and not a chance is what makes them fail. `make simulate` begins where nobody has been.
"""

import os

import pytest

from cancellations.objections import CONFLICTS
from simulation import campaign, exhaustive
from simulation.faults import ByChance, Exactly
from simulation.history import REFUSAL_STANDS_S
from simulation.mutants import MUTANTS
from simulation.scenario import Arrival, Scenario, by_chance
from simulation.world import run

SEEDS = 40_000
"""What two cores do in two to four minutes."""


def test_every_single_fault_at_every_place(capsys: pytest.CaptureFixture[str]) -> None:
    report = exhaustive.singles(campaign.cores())
    shown(capsys, f"single faults: {report}")
    assert not report.failures, str(report)


def test_every_pair_of_faults(capsys: pytest.CaptureFixture[str]) -> None:
    report = exhaustive.pairs(campaign.cores())
    shown(capsys, f"pairs of faults: {report}")
    assert not report.failures, str(report)


def test_random_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    count = int(os.environ.get("SIMULATION_SEEDS", SEEDS))
    base = int(os.environ.get("SIMULATION_BASE", "0"))
    report = campaign.seeds(base, count, campaign.cores())
    shown(capsys, f"random seeds from {base} on: {report}")
    assert not report.failures, str(report)


def test_every_mutant_of_the_protocol_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    with campaign.processes(campaign.cores()) as pool:
        found = list(pool.imap(campaign.first_to_find, MUTANTS))
    lines = [
        f"  {name:<32} {f'{seeds} seeds: {violation}' if seeds else 'survives'}"
        for name, seeds, violation in found
    ]
    shown(capsys, "\n".join(["mutants, and the seeds it took to find them:", *lines]))
    assert [name for name, seeds, _ in found if seeds is None] == []


def test_a_seed_tells_the_same_story_every_time() -> None:
    assert story_of(7) == story_of(7)


def test_a_failing_run_is_replayed_by_one_command() -> None:
    failure = campaign.smallest(seed=0, mutant="settle-before-record")
    assert failure.command.startswith("python -m simulation replay --seed 0 --faults ")
    assert failure.command.endswith(" --mutant settle-before-record")


def test_a_failing_run_is_told_with_its_fewest_faults() -> None:
    name, seeds, violation = campaign.first_to_find("settle-before-record")
    failure = campaign.smallest((seeds or 1) - 1, name)
    assert failure.violation == violation
    assert "--faults none" in failure.command


def test_without_faults_a_request_settles_in_ten_places() -> None:
    ran = run(exhaustive.scenarios()["bus/mails/hold/readable"], Exactly({}))
    assert (ran.violation, len(ran.ports)) == (None, 10)


@pytest.mark.parametrize(
    ("story", "patches", "statuses"),
    [
        ("restored/review", 1, {"canceled": 1, "needs_review": 2}),
        ("restored/cancel", 2, {"canceled": 2, "already_canceled": 1}),
        ("restored/api", 2, {"canceled": 2}),
        ("restored/retry/unreadable", 1, {"canceled": 1, "already_canceled": 2}),
        ("limit/each-once", 4, {"canceled": 2}),
        ("limit/one-per-second", 5, {"canceled": 3}),
    ],
)
def test_a_story_without_faults_sends_no_more_than_it_must(
    story: str, patches: int, statuses: dict[str, int]
) -> None:
    """In the stories of a restored session, a webhook and its bus copy ask for it again: one call, or none."""
    ran = run(exhaustive.scenarios()[story], Exactly({}))
    assert (ran.violation, ran.patches, ran.statuses) == (None, patches, statuses)


def test_a_crowd_that_is_refused_calls_once_in_three_seconds() -> None:
    ran = run(exhaustive.scenarios()["crowd"], Exactly({}))
    assert (ran.violation, ran.statuses) == (None, {"refused": exhaustive.CROWD})
    assert ran.patches <= 1 + exhaustive.CROWD * exhaustive.APART_S / REFUSAL_STANDS_S


def test_a_crowd_that_meets_conflicts_calls_three_times_for_each_request() -> None:
    """A session lists the attempts of a few requests only: more than those must not forget how often they called."""
    crowd = tuple(Arrival(place / 2, "bus", f"event-{place}") for place in range(30))
    ran = run(Scenario(crowd, objects=409), Exactly({}))
    assert (ran.violation, ran.patches) == (None, CONFLICTS * len(crowd))


def story_of(seed: int) -> list[str]:
    lines: list[str] = []
    run(by_chance(seed), ByChance(seed, campaign.MOST_FAULTS), seed, lines.append)
    return lines


def shown(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """On the terminal even where the test passes: how much was searched is part of the result."""
    with capsys.disabled():
        print(f"\n{text}")  # noqa: T201 - see above
