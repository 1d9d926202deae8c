"""`cancelctl public-keys`: publish the layer that verifies signatures made with private keys."""

from enum import StrEnum
from typing import Annotated

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from cli.screen import note
from oncall.deployment import SIGN_IN
from stack import StackError, public_keys


class Architecture(StrEnum):
    """The template's parameter of the same name."""

    arm64 = "arm64"
    x86_64 = "x86_64"


def publish(
    *,
    architecture: Annotated[
        Architecture, typer.Option(help="What the functions run on: the template's parameter Architecture.")
    ] = Architecture.arm64,
) -> None:
    """Publish it in the AWS account you are in; prints the ARN, which is the parameter PublicKeyLayerArn."""
    note(f"Making the layer for {architecture} from layers/asymmetric/requirements.txt")
    try:
        functions = boto3.client("lambda")
        arn = public_keys.publish(functions, architecture.value)
    except (BotoCoreError, ClientError) as fault:
        raise StackError(f"the layer could not be published: {fault} {SIGN_IN}") from fault
    typer.echo(arn)
