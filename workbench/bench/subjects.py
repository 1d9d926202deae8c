"""What is measured: our functions as `sam build` makes them, and the peers, each with all it would be deployed with."""

import compileall
import io
import os
import py_compile
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.events import SECRETS_PREFIX
from bench.hosts import IDEMPOTENCY, LEDGER, OUTCOMES, QUEUE_URL
from stack.build import built_template
from stack.places import CHECKOUT

type Function = Literal["cancel", "receive"]
FUNCTIONS: tuple[Function, ...] = ("cancel", "receive")

OURS, POWERTOOLS, NAIVE, FLOOR = "ours", "powertools", "naive", "floor"
NAMES = (OURS, POWERTOOLS, NAIVE, FLOOR)
ROOTS = CHECKOUT / "layers" / "runtime" / "trim" / "roots.py"
PEERS = Path(__file__).with_name("peers")


@dataclass(frozen=True, slots=True)
class Subject:
    """`layer` is what its dependencies come to, in bytes, zipped."""

    name: str
    function: Function
    handler: str
    task_root: Path
    paths: tuple[Path, ...]
    variables: Mapping[str, str]
    layer: int

    @property
    def keeps_a_ledger(self) -> bool:
        """Whether requests were accepted at the door before their message came."""
        return self.name == OURS


@contextmanager
def subjects(
    root_pem: str, mark: str, folder: Path, names: tuple[str, ...] = NAMES
) -> Iterator[list[Subject]]:
    """All that are named, both functions of each. `root_pem`: the certificate that this machine's AWS is signed with.

    Each trusts what it would trust in production, certifi's roots, and that certificate beside them.
    """
    made: list[Subject] = []
    if OURS in names:
        with built_template(mark, folder / "build.log") as template:
            made += _ours(template.parent, root_pem, folder)
    made += [peer for name in names if name != OURS for peer in _peer(name, root_pem, folder)]
    yield made


def _ours(build: Path, root_pem: str, folder: Path) -> Iterator[Subject]:
    built = build / "RuntimeLayer" / "python"
    layer = _trusting(built, root_pem, folder / OURS / "layer")
    for function in FUNCTIONS:
        task = folder / OURS / function
        shutil.copytree(build / f"{function.capitalize()}Function", task)
        yield Subject(
            OURS,
            function,
            "app.handler",
            task,
            (layer, CHECKOUT / "layers" / "config" / "python"),
            {
                "ACCOUNT_ID": "111122223333",
                "LEDGER_TABLE": LEDGER,
                "QUEUE_URL": QUEUE_URL,
                "SECRETS_PREFIX": SECRETS_PREFIX,
                "OUTCOME_BUS": "bus",
                "CALLBACK_QUEUE_URL": QUEUE_URL,
                "PREVAIL_URL": "",
                "POWERTOOLS_SERVICE_NAME": "prevail-cancellations",
            },
            zipped(built.parent),
        )


def _peer(name: str, root_pem: str, folder: Path) -> Iterator[Subject]:
    installed = CHECKOUT / f".venv-{name}" / "lib" / "python3.13" / "site-packages"
    libraries = () if name == FLOOR else (_trusting(installed, root_pem, folder / name / "libraries"),)
    task, package = folder / name / "task", Path("bench") / "peers" / name
    shutil.copytree(PEERS / name, task / package, ignore=shutil.ignore_patterns("__pycache__"))
    roots = folder / name / "root.pem"
    roots.write_text(root_pem, encoding="ascii")
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(task, quiet=1, invalidation_mode=unchecked)
    for function in FUNCTIONS:
        yield Subject(
            name,
            function,
            f"bench.peers.{name}.{function if name == FLOOR else 'app'}.handler",
            task,
            libraries,
            {
                "API_KEY_SECRET": f"{SECRETS_PREFIX}/organizations/example-legal",
                "SIGNING_SECRET": f"{SECRETS_PREFIX}/sources/example-crm",
                "PREVAIL_URL": "https://prevail.ai",
                "QUEUE_URL": QUEUE_URL,
                "OUTCOMES_TABLE": OUTCOMES,
                "IDEMPOTENCY_TABLE": IDEMPOTENCY,
                "ROOTS": str(roots),
                "POWERTOOLS_SERVICE_NAME": "cancellations",
                "POWERTOOLS_METRICS_NAMESPACE": "Cancellations",
            },
            zipped(installed) if libraries else 0,
        )


def _trusting(libraries: Path, root_pem: str, copy: Path) -> Path:
    """The same files, hard links where that is possible, but for one more root."""
    shutil.copytree(libraries, copy, copy_function=_linked)
    bundle = copy / "certifi" / "cacert.pem"
    roots = bundle.read_text(encoding="utf-8")
    bundle.unlink()
    bundle.write_text(roots + root_pem, encoding="utf-8")
    if (folder := bundle.with_name("roots")).exists():
        shutil.rmtree(folder)
        subprocess.run([sys.executable, ROOTS, bundle, folder], check=True)
    return copy


def _linked(source: str, copy: str) -> None:
    try:
        os.link(source, copy)
    except OSError:  # another file system
        shutil.copy2(source, copy)


def zipped(folder: Path) -> int:
    """Bytes of the archive that would be uploaded."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                written.write(file, file.relative_to(folder))
    return archive.tell()
