"""Where the parts of one deployment are: of a stack on this machine, of one in AWS, or of a table named by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

import stack
from cancellations.adapters.aws import CALLS
from stack import Refused, StackError, StackInfo
from stack.deploy import local_settings

SIGN_IN = (
    "Sign in to the account and region that you deploy to (aws sso login, AWS_PROFILE, AWS_DEFAULT_REGION)."
)

QUEUES: Mapping[str, str] = {
    "queue": "QueueUrl",
    "dead letters": "DeadLetterQueueUrl",
    "bus dead letters": "BusDeadLetterQueueUrl",
    "sweep dead letters": "SweepDeadLetterQueueUrl",
    "announce dead letters": "AnnounceDeadLetterQueueUrl",
    "callback dead letters": "CallbackDeadLetterQueueUrl",
}
"""By the names that people are told, the stack's outputs that hold their addresses."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """None, or nothing in a mapping: nobody has said where that is.

    client: an AWS client by the name of its service. prevail_url: in place of every base_url, where it is set.
    stack: its name in CloudFormation; parameters: what it was deployed with.
    """

    client: Callable[[str], Any]
    table: str
    secrets_prefix: str
    config: Path
    prevail_url: str | None = None
    api_url: str | None = None
    bus: str | None = None
    queues: Mapping[str, str] = field(default_factory=dict)
    stack: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    local: bool = False


def on_this_machine(info: StackInfo) -> Deployment:
    settings = local_settings()
    queues = (info.queue_url, info.dead_letter_queue_url, info.bus_dead_letter_queue_url)
    return Deployment(
        lambda service: stack.client(service, info.aws_endpoint_url),
        info.ledger_table,
        settings["SecretsPrefix"],
        Path(info.config),
        info.prevail_url,
        info.api_url,
        info.bus_name,
        dict(zip(QUEUES, queues, strict=False)),  # the others' addresses are not kept
        settings["stack_name"],
        local=True,
    )


def by_table(table: str, secrets_prefix: str, config: Path, prevail_url: str | None) -> Deployment:
    return Deployment(signed_in(), table, secrets_prefix, config, prevail_url)


def by_stack(name: str, config: Path) -> Deployment:
    """What the outputs and parameters of a stack in AWS say. Raises Refused, or StackError where AWS is silent."""
    client = signed_in()
    try:
        found = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except (BotoCoreError, ClientError) as fault:
        raise StackError(f"stack {name} in AWS cannot be read: {fault} {SIGN_IN}") from fault
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    parameters = {one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", [])}
    if missing := [one for one in ("LedgerTable",) if one not in outputs]:
        raise Refused(f"stack {name} in AWS is not one of ours: it has no output {missing[0]}")
    return Deployment(
        client,
        outputs["LedgerTable"],
        parameters.get("SecretsPrefix", ""),
        config,
        parameters.get("PrevailUrl") or None,
        outputs.get("ApiUrl"),
        outputs.get("BusName"),
        {queue: outputs[output] for queue, output in QUEUES.items() if output in outputs},
        name,
        parameters,
    )


def signed_in() -> Callable[[str], Any]:
    """Clients of the AWS account that whoever runs this is in. They raise StackError where that is none."""
    session = Session()

    def client(service: str) -> Any:  # noqa: ANN401 - a client has the methods of its service
        try:
            return session.create_client(service, config=CALLS)
        except BotoCoreError as fault:  # no region, no such profile
            raise StackError(f"AWS cannot be asked: {fault} {SIGN_IN}") from fault

    return client
