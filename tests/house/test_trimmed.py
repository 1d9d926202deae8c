"""What the runtime layer leaves out of its libraries, and that what it keeps is as it was."""

import json
import re
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from socket import create_connection, create_server
from types import ModuleType
from typing import Any

import botocore
import certifi
import pytest
from botocore import xform_name
from botocore.loaders import Loader
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from prevail.certificates import Authority
from stack.build import built_template

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "layers" / "runtime" / "trim"
INSTALLED = Path(botocore.__file__).parent / "data"
BUNDLE = Path(certifi.where()).read_text(encoding="utf-8")


@cache
def script(name: str) -> ModuleType:
    spec = spec_from_file_location(f"layer_{name}", BUILD / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with built_template("artefacts", tmp_path_factory.mktemp("build") / "build.log") as template:
        yield template.parent / "RuntimeLayer" / "python"


# ── Roots ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(shutil.which("openssl") is None, reason="asks openssl itself")
def test_each_root_has_the_name_that_openssl_gives_it() -> None:
    for name, content in script("roots").files(BUNDLE):
        asked = ["openssl", "x509", "-noout", "-subject_hash"]
        told = subprocess.run(asked, input=content, capture_output=True, text=True, check=True)
        assert name.partition(".")[0] == told.stdout.strip()


def test_no_root_is_left_out() -> None:
    named = dict(script("roots").files(BUNDLE))
    assert "".join(sorted(named.values())) == "".join(sorted(_certificates(BUNDLE)))


def _certificates(bundle: str) -> list[str]:
    ended = "-----END CERTIFICATE-----\n"
    return [part[part.index("-----BEGIN") :] + ended for part in bundle.split(ended) if "-----BEGIN" in part]


@contextmanager
def serving(authority: Authority, folder: Path) -> Iterator[int]:
    """A port where somebody with the right certificate takes one connection."""
    (folder / "certificate.pem").write_bytes(authority.right())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem")
    with create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            with suppress(OSError), context.wrap_socket(listening.accept()[0], server_side=True):
                pass

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


SUBJECTS: dict[str, x509.NameAttribute[Any]] = {
    "plain": x509.NameAttribute(NameOID.COMMON_NAME, "Root 1"),
    "capitals and spaces": x509.NameAttribute(NameOID.ORGANIZATION_NAME, "  The   GREAT Root\t of ALL "),
    "letters of others": x509.NameAttribute(NameOID.COMMON_NAME, "Główny Urząd ÄÖ"),
    "printable": x509.NameAttribute(NameOID.COMMON_NAME, "Printable ROOT", _type=_ASN1Type.PrintableString),
    "wide": x509.NameAttribute(NameOID.COMMON_NAME, "Wide Ünited", _type=_ASN1Type.BMPString),
    "no text": x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, b"\x00\x2a", _type=_ASN1Type.BitString),
}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_root_is_found_by_its_name_when_somebody_connects(subject: str, tmp_path: Path) -> None:
    authority = Authority(x509.Name([SUBJECTS[subject]]))
    folder = tmp_path / "roots"
    folder.mkdir()
    for name, content in script("roots").files(authority.root_pem()):
        (folder / name).write_text(content, encoding="ascii")
    with serving(authority, tmp_path) as port:
        context = ssl.create_default_context(capath=str(folder))
        with (
            create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connected,
        ):
            assert connected.version()


def test_whoever_is_signed_by_none_of_them_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "roots"
    folder.mkdir()
    for name, content in script("roots").files(BUNDLE):
        (folder / name).write_text(content, encoding="ascii")
    with serving(Authority(), tmp_path) as port:
        context = ssl.create_default_context(capath=str(folder))
        with create_connection(("127.0.0.1", port)) as plain, pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.stack
def test_the_layer_brings_every_root_of_its_bundle_by_its_name(layer: Path) -> None:
    bundle = (layer / "certifi" / "cacert.pem").read_text(encoding="utf-8")
    found = {file.name: file.read_text(encoding="ascii") for file in (layer / "certifi" / "roots").iterdir()}
    assert found == dict(script("roots").files(bundle))


# ── botocore's data ───────────────────────────────────────────────────────────────────────────────


def called() -> set[str]:
    """The methods of clients that our adapters call."""
    adapters = (ROOT / "layers" / "runtime" / "cancellations" / "adapters").glob("*.py")
    return {
        name for file in adapters for name in re.findall(r"self\._client\.(\w+)\(", file.read_text("utf-8"))
    }


def kept(layer: Path, part: str) -> dict[str, Any]:
    """By service."""
    files = (layer / "botocore" / "data").glob(f"*/*/{part}.json")
    return {file.parts[-3]: json.loads(file.read_text(encoding="utf-8")) for file in files}


def installed(service: str, part: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(json.dumps(Loader().load_service_model(service, part)))


@pytest.mark.stack
def test_the_layer_knows_the_operations_that_are_called_and_no_others(layer: Path) -> None:
    models = kept(layer, "service-2").values()
    assert {xform_name(operation) for model in models for operation in model["operations"]} == called()


@pytest.mark.stack
def test_what_is_kept_of_a_service_is_as_it_was_but_for_prose(layer: Path) -> None:
    for service, model in kept(layer, "service-2").items():
        whole = _without_prose(installed(service, "service-2"))
        assert model == {
            **whole,
            "operations": {name: whole["operations"][name] for name in model["operations"]},
            "shapes": {name: whole["shapes"][name] for name in model["shapes"]},
        }


def _without_prose(part: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        return {
            name: _without_prose(value)
            for name, value in part.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return [_without_prose(value) for value in part] if isinstance(part, list) else part


@pytest.mark.stack
def test_endpoints_are_found_by_the_rules_that_botocore_has(layer: Path) -> None:
    rules = kept(layer, "endpoint-rule-set-1")
    assert rules == {service: installed(service, "endpoint-rule-set-1") for service in rules}


@pytest.mark.stack
def test_every_partition_and_every_region_is_kept(layer: Path) -> None:
    whole = json.loads((INSTALLED / "endpoints.json").read_text(encoding="utf-8"))
    services = kept(layer, "service-2").keys()
    for partition in whole["partitions"]:
        all_of_it = partition["services"]
        partition["services"] = {name: all_of_it[name] for name in all_of_it if name in services}
    assert json.loads((layer / "botocore" / "data" / "endpoints.json").read_text("utf-8")) == whole


@pytest.mark.stack
@pytest.mark.parametrize("file", ["_retry.json", "partitions.json", "sdk-default-configuration.json"])
def test_how_calls_are_repeated_and_where_partitions_end_is_as_botocore_has_it(
    layer: Path, file: str
) -> None:
    assert (layer / "botocore" / "data" / file).read_bytes() == (INSTALLED / file).read_bytes()


def test_an_operation_that_is_not_there_fails_the_build() -> None:
    with pytest.raises(KeyError):
        script("models").model_of(installed("sqs", "service-2"), {"SendMessage", "Sendmessage"})


# ── HTTP/2 ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.stack
@pytest.mark.parametrize("root", ["receive", "cancel", "sweep", "announce", "notify"])
def test_no_start_loads_what_tells_versions_of_distributions(layer: Path, root: str) -> None:
    said = f"import sys, cancellations.wiring.{root}; print('importlib.metadata' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", said],
        env={"PYTHONPATH": str(layer)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "False\n"
