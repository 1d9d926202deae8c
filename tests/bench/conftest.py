import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.subjects import OURS, Function, Subject, subjects
from bench.world import World, world
from stack.places import CHECKOUT


@pytest.fixture(scope="session")
def bench_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="session")
def around(bench_folder: Path) -> Iterator[World]:
    """Lambda's runtime client has an environment of its own."""
    subprocess.run([CHECKOUT / "workbench" / "setup.sh", ".venv-bench"], check=True)
    with world(bench_folder) as made:
        yield made


@pytest.fixture(scope="session")
def ours(around: World, bench_folder: Path) -> Iterator[dict[Function, Subject]]:
    """Our functions, as they are built."""
    with subjects(around.root_pem, "bench-tests", bench_folder, (OURS,)) as made:
        yield {one.function: one for one in made}
