"""The optional layer that verifies with public keys: made from its locked wheels, published where it is asked for."""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from stack.errors import StackError
from stack.places import CHECKOUT

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_lambda.literals import ArchitectureType

LAYER = "prevail-cancellations-public-keys"
RECIPE = CHECKOUT / "layers" / "asymmetric"


def publish(functions: "LambdaClient", architecture: "ArchitectureType") -> str:
    """Publishes the layer in the account of the client, and returns its ARN. Raises StackError."""
    published = functions.publish_layer_version(
        LayerName=LAYER,
        Description="cryptography: verifies signatures made with private keys.",
        Content={"ZipFile": archive(architecture)},
        CompatibleRuntimes=["python3.13"],
        CompatibleArchitectures=[architecture],
    )
    return published["LayerVersionArn"]


def archive(architecture: str) -> bytes:
    """The layer as a zip file, for arm64 or x86_64. Raises StackError."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "python"
        made = subprocess.run(
            [  # noqa: S607 - whichever make is on the path
                "make",
                "-C",
                RECIPE,
                f"ARCHITECTURE={architecture}",
                f"SITE={site}",
                f"PYTHON={sys.executable}",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise StackError(f"the layer for public keys could not be made:\n{made.stderr.strip()}")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as layer:
            for file in sorted(path for path in site.rglob("*") if path.is_file()):
                layer.write(file, file.relative_to(folder))
        return packed.getvalue()
