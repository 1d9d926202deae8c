"""Faults of DynamoDB, SQS and Secrets Manager, at every call that our functions make: nothing lost, nothing doubled.

A row for each call and each fault. All rows that are to run do so at once, on one stack, each with an organization, a
source and a session of its own; its rule strikes three times, so that one call fails with all the SDK's tries, and the
next one succeeds at the second.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.platform.cells import TABLE, Cell, configured
from e2e.platform.storm import Seen, Storm, storm
from stack import local_stack, make_plan

every_cell = pytest.mark.parametrize("cell", TABLE, ids=lambda cell: cell.name)


@pytest.fixture(scope="module")
def after(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    """What became of the rows that are to be tested."""
    asked = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [spec.params.get("cell") for spec in asked if spec]
    cells = [cell for cell in TABLE if cell in wanted] or TABLE
    config = configured(tmp_path_factory.mktemp("config"), cells)
    with local_stack(make_plan(name=f"e2e-{os.getpid()}-platform", config=config)) as running:
        yield storm(running.info, cells)
    if not request.session.testsfailed:  # else somebody wants to read its logs
        shutil.rmtree(Path(running.info.log_files["supervisor"]).parent)


@pytest.fixture
def seen(after: Storm, cell: Cell) -> Seen:
    return after.cells[cell.name]


@every_cell
def test_the_fault_strikes_all_tries_of_a_call(cell: Cell, seen: Seen) -> None:
    assert seen.strikes >= cell.least_strikes


@every_cell
def test_its_request_settles_as_without_the_fault(cell: Cell, seen: Seen) -> None:
    assert seen.ended == cell.call.ends
    assert seen.found == cell.call.ends.partition(":")[0]


@every_cell
def test_its_session_is_changed_and_its_participant_mailed_once(cell: Cell, seen: Seen) -> None:
    once = int(cell.call.ends == "canceled")
    assert (seen.changes, seen.emails, seen.patches) == (once, once, cell.call.patches)


@every_cell
def test_its_sender_hears_yes_or_come_again(cell: Cell, seen: Seen) -> None:
    """Nothing else: some senders never repeat what got another answer."""
    if cell.call.start == "webhook":
        assert set(seen.answers[:-1]) <= {503}
        assert seen.answers[-1] == 202


def test_all_that_was_taken_has_settled(after: Storm) -> None:
    assert (after.settled, after.unsettled, after.dead_letters) == (len(after.cells), 0, 0)
