"""What `sam build` makes is what was locked, and nothing else: this is what reaches AWS."""

import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.build import built_template

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "layers" / "runtime" / "requirements.txt"
DOORS = sorted(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "app.py").exists())
MOST_BYTES = 6 * 1024 * 1024
"""Zipped. A cold start fetches and unpacks the layer."""

HASH_BASED, UNCHECKED = 0b01, 0b10
"""Flags of a .pyc (PEP 552): by the source's hash, and whether it is looked at. `unchecked-hash` is 0b01."""

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with built_template("artefacts", tmp_path_factory.mktemp("build") / "build.log") as template:
        yield template.parent


@pytest.fixture(scope="module")
def layer(build: Path) -> Path:
    return build / "RuntimeLayer" / "python"


@pytest.fixture(scope="module")
def locked() -> dict[str, str]:
    """Versions in uv.lock of what requirements.txt names."""
    versions = {p["name"]: p["version"] for p in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    names = re.findall(r"^([a-z0-9-]+)==", REQUIREMENTS.read_text(), re.MULTILINE)
    return {name: versions[name] for name in names}


# ── Functions ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("door", DOORS)
def test_a_function_is_its_door_and_nothing_else(build: Path, door: str) -> None:
    folder = build / f"{door.capitalize()}Function"
    assert [file.name for file in folder.rglob("*")] == ["app.py"]
    assert (folder / "app.py").read_bytes() == (ROOT / "functions" / door / "app.py").read_bytes()


BARE = """
import sys
sys.path[:0] = sys.argv[2:]
sys.dont_write_bytecode = True

def refuse(event, _arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit(f"a door must not need the network to load: {event}")

sys.addaudithook(refuse)
import app
if sys.argv[1] == "receive":
    assert app.handler({"routeKey": "GET /v1/health"}, None)["statusCode"] == 200
outside = [m.__file__ for m in list(sys.modules.values()) if "site-packages" in (getattr(m, "__file__", "") or "")]
assert not outside, outside
"""

ENVIRONMENT = {
    "ACCOUNT_ID": "111122223333",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "LEDGER_TABLE": "ledger",
    "OUTCOME_BUS": "bus",
    "CALLBACK_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/111122223333/callbacks",
    "PREVAIL_URL": "",
    "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/111122223333/queue",
    "SECRETS_PREFIX": "prevail-cancellations",
}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_loads_from_what_was_built_alone_and_without_network(
    build: Path, layer: Path, door: str
) -> None:
    paths = [build / f"{door.capitalize()}Function", layer, ROOT / "layers" / "config" / "python"]
    ran = subprocess.run(
        [sys.executable, "-S", "-I", "-c", BARE, door, *paths],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


# ── The layer ─────────────────────────────────────────────────────────────────────────────────────


def test_the_layer_holds_the_package_as_it_is_here(layer: Path) -> None:
    ours = ROOT / "layers" / "runtime" / "cancellations"
    assert sources(layer / "cancellations") == sources(ours)


def sources(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.py")}


def test_the_layer_holds_the_locked_versions_and_no_other_distribution(
    layer: Path, locked: dict[str, str]
) -> None:
    found = [info.name.removesuffix(".dist-info").rsplit("-", 1) for info in layer.glob("*.dist-info")]
    assert {name.lower().replace("_", "-"): version for name, version in found} == locked


def test_the_layer_holds_nothing_that_belongs_to_no_distribution(layer: Path, locked: dict[str, str]) -> None:
    modules = {path.name.removesuffix(".py") for path in layer.iterdir() if path.suffix != ".dist-info"}
    distributions = {name.replace("-", "_") for name in locked}
    named_otherwise = {"pyjwt": "jwt", "python_dateutil": "dateutil"}
    expected = {named_otherwise.get(name, name) for name in distributions} | {"cancellations"}
    assert modules - {"__pycache__"} == expected


def test_every_source_of_the_layer_has_bytecode_of_its_own_content(layer: Path) -> None:
    wrong = [str(file.relative_to(layer)) for file in layer.rglob("*.py") if not has_its_bytecode(file)]
    assert wrong == []


def has_its_bytecode(source: Path) -> bool:
    compiled = Path(importlib.util.cache_from_source(str(source)))
    if not compiled.exists():
        return False
    head = compiled.read_bytes()[:16]
    flags, content = int.from_bytes(head[4:8], "little"), head[8:16]
    return (
        head[:4] == importlib.util.MAGIC_NUMBER
        and flags & (HASH_BASED | UNCHECKED) == HASH_BASED
        and content == importlib.util.source_hash(source.read_bytes())
    )


def test_no_bytecode_of_the_layer_lacks_its_source(layer: Path) -> None:
    compiled = (file for file in layer.rglob("*.pyc"))
    assert [str(f) for f in compiled if not Path(importlib.util.source_from_cache(str(f))).exists()] == []


UNWANTED = {
    "tests": re.compile(r"(^|/)(tests?|testing|conftest\.py|test_[^/]*\.py)(/|$)"),
    "the workbench": re.compile(rf"^({'|'.join(f.name for f in (ROOT / 'workbench').iterdir())})(/|$)"),
    "cryptography": re.compile(r"^(cryptography|_cffi_backend|cffi|OpenSSL)"),
    "compiled extensions": re.compile(r"\.(so|pyd|dylib)(\.|$)"),
    "programs": re.compile(r"^bin/"),
}


@pytest.mark.parametrize("what", UNWANTED)
def test_the_layer_is_free_of(what: str, layer: Path) -> None:
    files = (str(file.relative_to(layer)) for file in layer.rglob("*") if file.is_file())
    assert sorted(file for file in files if UNWANTED[what].search(file)) == []


def test_the_layer_is_small(layer: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in layer.rglob("*"):
            zipped.write(file, file.relative_to(layer.parent))
    assert archive.tell() <= MOST_BYTES


# ── What was locked ───────────────────────────────────────────────────────────────────────────────


def test_the_layers_requirements_are_those_of_the_lock() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (flags,) = re.findall(r"^EXPORT := (.*)$", makefile, re.MULTILINE)
    installed = [str(path) for path in (ROOT / ".tools/bin/uv", ROOT / ".tools/pip/bin/uv") if path.exists()]
    uv = (installed or [shutil.which("uv") or "uv"])[0]
    environment = {**os.environ, "UV_OFFLINE": "1"}
    exported = subprocess.run(
        [uv, *flags.split()], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert exported.stdout == REQUIREMENTS.read_bytes()


def test_every_requirement_is_pinned_and_has_a_hash() -> None:
    requirements = re.sub(r"\\\n", " ", REQUIREMENTS.read_text())
    lines = [line for line in requirements.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    assert [
        line for line in lines if not re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []
