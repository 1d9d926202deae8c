"""Which deployment a command means: a stack on this machine, a stack in AWS, or a table there with its secrets."""

from pathlib import Path
from typing import Annotated

import typer

import stack
from cancellations.urls import fault_of_origin, is_loopback
from oncall import deployment
from oncall.deployment import Deployment
from stack import Refused

StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        metavar="STACK",
        help="Instead: a stack in the AWS account you are in; its outputs tell the rest.",
    ),
]
Secrets = Annotated[
    str | None, typer.Option("--secrets", metavar="PREFIX", help="With --table: what its secrets begin with.")
]
PrevailUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="With --table: the parameter PrevailUrl, where it is set.")
]


def deployment_of(
    name: str | None,
    stack_name: str | None,
    table: str | None,
    config: Path,
    *,
    secrets: str | None,
    prevail_url: str | None,
) -> Deployment:
    """Raises Refused where it is not clear which, StackError where it cannot be found."""
    if sum(one is not None for one in (name, stack_name, table)) > 1:
        raise Refused(
            "write --name for a stack on this machine, or --stack or --table for one in AWS, not both"
        )
    if table and not secrets:
        raise Refused("--table needs --secrets PREFIX: below it are the keys that Prevail is asked with")
    if not table and (secrets or prevail_url):
        raise Refused("--secrets and --prevail-url go with --table; a stack says both by itself")
    if prevail_url and not is_loopback(prevail_url) and (fault := fault_of_origin(prevail_url)):
        raise Refused(f"--prevail-url {prevail_url} {'; '.join(fault)}")
    if table:
        return deployment.by_table(table, str(secrets), config, prevail_url)
    if stack_name:
        return deployment.by_stack(stack_name, config)
    return deployment.on_this_machine(stack.running(name or stack.DEFAULT_NAME))
