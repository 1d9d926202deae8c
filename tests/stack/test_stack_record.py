"""What a dead stack left never blocks the next one, and what a living one has is never touched."""

import os
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import AlreadyRuns, places
from stack.places import StateFolder
from stack.processes import MARK, ProcessId, identify
from stack.record import Record, held, is_held, remove_leftovers, write_info

NOBODY = ProcessId(2**22 + 1, "never")  # above the largest pid


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StateFolder:
    monkeypatch.setattr(places, "CHECKOUT", tmp_path)
    folder = StateFolder("a")
    folder.path.mkdir(parents=True)
    return folder


@pytest.fixture
def sleeper() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process in a group of its own, and the mark it carries."""
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], env={MARK: mark}, process_group=0
    )
    yield process, mark
    process.kill()
    process.wait()


def record(home: Path, mark: str = "none", parts: tuple[ProcessId, ...] = ()) -> Record:
    return Record(mark, str(home), NOBODY, parts)


def test_a_record_reads_as_it_was_written(folder: StateFolder, tmp_path: Path) -> None:
    written = record(tmp_path / "home", parts=(NOBODY,))
    written.write(folder)
    assert Record.read(folder) == written


@pytest.mark.parametrize("text", ["", "{", "[]", '{"mark": "x"}'])
def test_a_record_that_was_cut_off_counts_as_none(folder: StateFolder, text: str) -> None:
    folder.record.write_text(text)
    assert Record.read(folder) is None


def test_secrets_are_readable_by_their_owner_alone(folder: StateFolder) -> None:
    write_info(folder, "{}")
    assert stat.S_IMODE(folder.info.stat().st_mode) == 0o600


def test_a_name_is_held_once(folder: StateFolder) -> None:
    with (
        held(folder),
        pytest.raises(AlreadyRuns, match="cancelctl local down --name a"),
        held(folder, wait=0),
    ):
        pass


def test_a_name_is_free_again_afterwards(folder: StateFolder) -> None:
    with held(folder):
        assert is_held(folder)
    assert not is_held(folder)


def test_the_files_of_a_dead_stack_are_removed(folder: StateFolder, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    record(home).write(folder)
    write_info(folder, "{}")
    remove_leftovers(folder)
    assert not [path for path in (home, folder.info, folder.record) if path.exists()]


def test_a_part_that_was_left_running_is_killed(
    folder: StateFolder, tmp_path: Path, sleeper: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, _ = sleeper
    record(tmp_path / "home", parts=(identify(process.pid),)).write(folder)
    assert remove_leftovers(folder) == [process.pid]
    assert process.wait(5) < 0


def test_what_carries_the_mark_is_killed(
    folder: StateFolder, tmp_path: Path, sleeper: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, mark = sleeper
    record(tmp_path / "home", mark=mark).write(folder)
    assert remove_leftovers(folder) == [process.pid]


def test_a_stranger_with_a_recycled_pid_lives_on(
    folder: StateFolder, tmp_path: Path, sleeper: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, _ = sleeper
    recycled = ProcessId(process.pid, "another time")
    Record("none", str(tmp_path / "home"), recycled, (recycled,)).write(folder)
    assert remove_leftovers(folder) == []
    assert process.poll() is None


def test_this_process_is_no_leftover(folder: StateFolder, tmp_path: Path) -> None:
    record(tmp_path / "home", mark="some other stack's").write(folder)
    assert os.getpid() not in remove_leftovers(folder)
