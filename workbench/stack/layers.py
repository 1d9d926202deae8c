"""What a stack takes along in layers: a configuration of one's own, and what verifies with public keys."""

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cancellations.configuration import DATA_PACKAGE
from stack import public_keys
from stack.aws import client
from stack.deploy import local_settings
from stack.places import SHIPPED_CONFIGURATION
from stack.plan import Plan

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_lambda.literals import ArchitectureType


def publish(plan: Plan, endpoint: str, progress: Callable[[str], None]) -> dict[str, str]:
    """The layers that this plan needs, by the name of the template's parameter. Raises StackError."""
    functions = cast("LambdaClient", client("lambda", endpoint))
    published = {}
    if plan.config:
        published["ConfigLayerArn"] = _configuration(Path(plan.config), functions)
    if plan.public_keys:
        progress("Making the layer for public keys")
        architecture = cast("ArchitectureType", local_settings()["Architecture"])
        published["PublicKeyLayerArn"] = public_keys.publish(functions, architecture)
    functions.close()
    return published


def keep(plan: Plan, folder: Path) -> None:
    """A copy of the configuration: whoever sends to the stack must see the one that it runs with."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for file in files_of(Path(plan.config) if plan.config else SHIPPED_CONFIGURATION):
        shutil.copyfile(file, folder / file.name)


def files_of(folder: Path) -> list[Path]:
    """The tables, and what may lie beside them: session ids to look up, sets of public keys."""
    return sorted(file for file in folder.iterdir() if file.is_file() and file.suffix != ".py")


def _configuration(folder: Path, functions: "LambdaClient") -> str:
    """In place of layers/config."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as layer:
        layer.writestr(f"python/{DATA_PACKAGE}/__init__.py", "")
        for file in files_of(folder):
            layer.write(file, f"python/{DATA_PACKAGE}/{file.name}")
    published = functions.publish_layer_version(
        LayerName="prevail-cancellations-config",
        Content={"ZipFile": archive.getvalue()},
        CompatibleRuntimes=["python3.13"],
    )
    return published["LayerVersionArn"]
