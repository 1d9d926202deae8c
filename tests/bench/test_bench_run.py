"""One round of everything: that the bench runs, counts, draws and compares. What it takes is nobody's business here."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from defusedxml import ElementTree

from bench import charts, compare, figures, page, table
from bench.figures import Run
from bench.measure import Rounds, measured
from bench.rows import TITLES
from bench.subjects import FLOOR, FUNCTIONS, NAIVE, NAMES, OURS, POWERTOOLS, Function, subjects
from bench.world import World
from stack.places import CHECKOUT

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def run(around: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    environments = [".venv-naive", ".venv-powertools"]
    subprocess.run([CHECKOUT / "workbench" / "setup.sh", *environments], check=True)
    folder = tmp_path_factory.mktemp("run")
    with subjects(around.root_pem, "bench-tests", folder) as made:
        yield measured(made, around, Rounds(cold=1, warm=10, batches=1), lambda _: None)


CALLS: dict[tuple[str, Function], dict[str, float]] = {
    (OURS, "cancel"): {"dynamodb:UpdateItem": 3, "prevail:PATCH": 1},
    (OURS, "receive"): {"dynamodb:UpdateItem": 1, "sqs:SendMessage": 1},
    (POWERTOOLS, "cancel"): {"dynamodb:PutItem": 2, "dynamodb:UpdateItem": 1, "prevail:PATCH": 1},
    (POWERTOOLS, "receive"): {"dynamodb:PutItem": 1, "dynamodb:UpdateItem": 1, "sqs:SendMessage": 1},
    (NAIVE, "cancel"): {"dynamodb:PutItem": 1, "prevail:PATCH": 1, "secretsmanager:GetSecretValue": 1},
    (NAIVE, "receive"): {"sqs:SendMessage": 1, "secretsmanager:GetSecretValue": 1},
    (FLOOR, "cancel"): {"dynamodb:PutItem": 1, "dynamodb:UpdateItem": 1, "prevail:PATCH": 1},
    (FLOOR, "receive"): {"dynamodb:PutItem": 1, "sqs:SendMessage": 1},
}
"""What each does for one warm event."""

REPEATED = {OURS: 1, POWERTOOLS: 1, NAIVE: 3, FLOOR: 1}
"""Effects of one event that comes three times."""


@pytest.mark.parametrize(("name", "function"), CALLS)
def test_what_each_calls_for_an_event_is_counted(run: Run, name: str, function: Function) -> None:
    counted = dict(run.subjects[name][function].calls)
    counted.pop("dynamodb:GetItem", None)  # of guards: once in five seconds, whatever comes
    assert counted == CALLS[name, function]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_effects_of_a_repeated_event_are_counted(run: Run, name: str, function: Function) -> None:
    assert run.subjects[name][function].repeated == REPEATED[name]


def test_a_run_is_read_as_it_was_written(run: Run, tmp_path: Path) -> None:
    stored = tmp_path / "run.json"
    stored.write_text(run.as_json(), encoding="utf-8")
    assert figures.read(stored) == run


def test_every_subject_stands_in_the_tables(run: Run) -> None:
    shown = table.text(run)
    assert [title for title in TITLES.values() if title not in shown] == []
    assert shown.count("warm event, CPU ms") == len(FUNCTIONS)


BARS = {
    "cold-start.svg": 2 * len(NAMES) * len(FUNCTIONS),
    "warm-cpu.svg": len(NAMES) * len(FUNCTIONS),
    "batch.svg": len(NAMES),
}


@pytest.mark.parametrize("chart", BARS)
def test_a_chart_is_a_drawing_with_a_bar_for_every_figure(run: Run, chart: str) -> None:
    drawn = ElementTree.fromstring(charts.charts(run)[chart])
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}rect"))) == BARS[chart]


def test_a_run_compared_with_itself_has_not_changed(run: Run) -> None:
    ratios = [line.split()[-3] for line in compare.text(run, run).splitlines() if line.endswith("of it")]
    assert set(ratios) == {"1.00"}


def test_the_page_has_a_place_for_all_that_is_written_into_it(run: Run) -> None:
    filled = page.filled(page.PAGE.read_text(encoding="utf-8"), run)
    assert page.filled(filled, run) == filled
    assert run.made in filled
