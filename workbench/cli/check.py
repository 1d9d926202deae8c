"""`cancelctl check`: is this configuration fit to be deployed, and are its secrets?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from botocore.exceptions import BotoCoreError

from cancellations.adapters.aws import Aws, SecretsManager
from cancellations.adapters.secrets import OrganizationKeys, Secrets, SourceSecrets
from cancellations.configuration import Configuration, load_directory
from cancellations.errors import ConfigurationError, SecretFault, Unavailable
from cancellations.source import standard_webhooks
from cancellations.wiring import clock
from stack import Refused, StackError
from stack.places import SHIPPED_CONFIGURATION

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

SIGN_IN = (
    "Sign in to the account and region that you deploy to (aws sso login, AWS_PROFILE, AWS_DEFAULT_REGION)."
)


def check(
    *,
    config: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder with organizations.toml and sources.toml.")
    ] = SHIPPED_CONFIGURATION,
    secrets: Annotated[
        str | None,
        typer.Option(
            metavar="PREFIX",
            help="Also read every secret below this prefix, from the AWS account you are in.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find every fault of a configuration before it is deployed. Exit code 2 if there is one."""
    try:
        configuration = load_directory(config)
    except ConfigurationError as faults:
        raise Refused(f"the configuration in {config} is refused:\n{faults}") from faults
    faulty = _faults_of_secrets(configuration, secrets) if secrets else []
    if faulty:
        raise Refused("\n".join(faulty))
    found = {
        "organizations": sorted(configuration.organizations),
        "sources": {name: source.scheme for name, source in sorted(configuration.sources.items())},
        "secrets_read": secrets is not None,
    }
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    typer.echo(f"organizations  {', '.join(sorted(configuration.organizations))}")
    for name, source in sorted(configuration.sources.items()):
        typer.echo(f"source         {name} ({source.scheme}) for {source.organization}")
    typer.echo(
        "secrets        all are there and usable" if secrets else "secrets        not read (--secrets)"
    )


def _faults_of_secrets(configuration: Configuration, prefix: str) -> list[str]:
    """One line for each secret that is missing or unusable. Raises StackError if AWS cannot be asked."""
    store = Secrets(SecretsManager(_secrets_manager()).fetch, clock)
    keys, signing = OrganizationKeys(store, prefix), SourceSecrets(store, prefix)
    faults = []
    try:
        for organization in configuration.organizations.values():
            try:
                keys.api_key(organization)
            except SecretFault as fault:
                faults.append(str(fault))
        for source in configuration.sources.values():
            try:
                if source.secret:
                    standard_webhooks.key_of(signing.signing_secret(source.secret))
            except SecretFault as fault:
                faults.append(str(fault))
            except ValueError as fault:
                faults.append(f'secret {prefix}/sources/{source.secret}: "signing_secret" {fault}')
    except Unavailable as down:
        raise StackError(f"{down}. {SIGN_IN}") from down
    return faults


def _secrets_manager() -> "SecretsManagerClient":
    try:
        return Aws().secrets_manager()
    except BotoCoreError as fault:  # no region, no such profile
        raise StackError(f"AWS cannot be asked: {fault} {SIGN_IN}") from fault
